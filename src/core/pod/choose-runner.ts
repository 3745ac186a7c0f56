import type { Build } from '../../model/build.ts';
import type { PodManifest } from '../../model/pod.ts';
import type { RunnerPool, RunnerWish } from '../../model/runner-pool.ts';
import type { TrustClass } from '../../model/trust.ts';
import { inlineCode } from '../text/safe-markdown.ts';

export type RunnerChoice =
  | { readonly kind: 'pool'; readonly pool: RunnerPool }
  | { readonly kind: 'none'; readonly because: string };

type Takes = Pick<RunnerPool, 'trust' | 'architectures' | 'byName'>;

const classes: readonly TrustClass[] = ['untrusted', 'approved', 'trusted'];

/** What the labels and the nodes of a pod say; null: it says no class of trust, and so belongs nowhere. */
export function wishOf({ metadata, spec }: Pick<PodManifest, 'metadata' | 'spec'>): RunnerWish | null {
  const trust = classes.find((each) => each === metadata.labels['sluice.dev/trust']);
  if (trust === undefined) return null;
  const pool = metadata.labels['sluice.dev/pool'] ?? null;
  return { trust, architecture: spec.nodeSelector?.['kubernetes.io/arch'] ?? null, pool };
}

/** The same of a Build that waits in the line of this pool. */
export function wishOfBuild({ trust, parts }: Pick<Build, 'trust' | 'parts'>, line: string): RunnerWish {
  const architecture = parts.point.platform?.split('/')[1] ?? null;
  return { trust, architecture, pool: line === 'default' ? null : line };
}

function takes({ trust, architectures }: Takes, wish: Omit<RunnerWish, 'pool'>): boolean {
  if (!trust.includes(wish.trust)) return false;
  return architectures === null || wish.architecture === null || architectures.includes(wish.architecture);
}

/**
 * The pool that its job names, where that takes a pod of this trust and architecture; else the first that does, in the operator's
 * order (intake §3: a class of its own each). A name gives no pod the place of another class.
 */
export function chooseRunner(pools: readonly RunnerPool[], wish: RunnerWish): RunnerChoice {
  const open = pools.filter((each) => takes(each, wish));
  const pool = open.find(({ name }) => name === wish.pool) ?? open.find(({ byName }) => !byName);
  if (pool !== undefined) return { kind: 'pool', pool };
  const of = pools.filter(({ trust, byName }) => trust.includes(wish.trust) && !byName);
  if (of.length === 0) return { kind: 'none', because: `no pool of this server takes ${wish.trust} code` };
  const known = [...new Set(of.flatMap(({ architectures }) => architectures ?? []))].map(inlineCode).join(', ');
  const because = `no pool of this server has ${wish.trust} code built on ${inlineCode(wish.architecture ?? '')}: there is ${known}`;
  return { kind: 'none', because };
}

/** Where the earlier pools take all that this one does, it is never chosen: the first of those; null: it is. */
export function coveredBy<Pool extends Takes>(pool: Takes, earlier: readonly Pool[]): Pool | null {
  if (pool.byName) return null;
  const wishes = pool.trust.flatMap((trust) =>
    (pool.architectures ?? [null]).map((architecture) => ({ trust, architecture })),
  );
  // One without architectures takes any: only another such one leaves it nothing.
  const covers = (wish: Omit<RunnerWish, 'pool'>) =>
    earlier.find(
      (each) => !each.byName && takes(each, wish) && (wish.architecture !== null || each.architectures === null),
    );
  const found = wishes.map(covers);
  return found.every((each) => each !== undefined) ? (found[0] ?? null) : null;
}
