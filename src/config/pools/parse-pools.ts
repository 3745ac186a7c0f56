import { z } from 'zod';
import { coveredBy } from '../../core/pod/choose-runner.ts';
import type { ConfigProblem } from '../../model/config.ts';
import type { RunnerPool } from '../../model/runner-pool.ts';
import type { Finding, Path, PlacedFinding } from '../problems/finding.ts';
import { placeProblems } from '../problems/place-problems.ts';
import { explainListIssue } from '../registries/explain-registry-issue.ts';
import { isMap, type Located, placeFinding } from '../yaml/located.ts';
import { readDocument } from '../yaml/read-document.ts';
import { poolSchema, tolerationSchema, type WrittenPool } from './pool-schema.ts';

export type PoolsReading =
  | { readonly kind: 'pools'; readonly pools: readonly RunnerPool[] }
  | { readonly kind: 'wrong'; readonly problems: readonly ConfigProblem[] };

const example = '- { name: all, trust: [untrusted, approved, trusted], namespace: sluice-builds }';
const listSchema = z.array(poolSchema, { error: 'a list of pools' }).min(1, { error: 'the list is empty' });
const nothing: PlacedFinding = { offset: 0, path: [], message: 'the file is empty', hint: `write ${example}` };
const classes = ['untrusted', 'approved', 'trusted'] as const;

const words = {
  missing: {
    name: 'write what it is called in messages: `name: untrusted`',
    trust: 'say whose code: `trust: [untrusted]`, of untrusted, approved and trusted',
    namespace: 'name where its pods are made: `namespace: sluice-untrusted`',
    key: 'name the taint: `key: builds`',
  },
  knownAt: (path: Path) => Object.keys((path.at(-2) === 'tolerations' ? tolerationSchema : poolSchema).shape),
};

/** The file that SLUICE_POOLS names, or everything that is wrong with it, in the order of the file. Never throws. */
export function parsePools(text: string, file: string): PoolsReading {
  const { root, findings } = readDocument(text);
  if (root === null || (isMap(root) && root.entries.size === 0))
    return wrong(findings.length > 0 ? findings : [nothing], text, file);
  const parsed = listSchema.safeParse(root.value);
  const shape = parsed.success ? [] : parsed.error.issues.flatMap((issue) => explainListIssue(issue, root, words));
  const written = root.items.map(readEntry);
  const pools = written.map((entry) => (entry === null ? null : toPool(entry)));
  const between = [
    ...twiceFindings(pools),
    ...coveredFindings(pools),
    ...(parsed.success ? lackingFindings(pools) : []),
  ];
  const all = [...shape, ...between].map((finding) => placeFinding(root, finding));
  if (findings.length + all.length > 0) return wrong([...findings, ...all], text, file);
  return { kind: 'pools', pools: pools.flatMap((pool) => pool ?? []) };
}

/** Each for itself, so that one broken entry does not hide what is wrong with the others. */
function readEntry(node: Located): WrittenPool | null {
  const parsed = poolSchema.safeParse(node.value);
  return parsed.success ? parsed.data : null;
}

type Pools = readonly (RunnerPool | null)[];

/** A later one that says the same of what may be said once. */
function twice(
  pools: Pools,
  of: (pool: RunnerPool) => string,
  at: string,
  words: (first: number) => Omit<Finding, 'path' | 'at'>,
) {
  const first = new Map<string, number>();
  return pools.flatMap((pool, index): Finding[] => {
    if (pool === null) return [];
    const before = first.get(of(pool));
    first.set(of(pool), before ?? index);
    return before === undefined ? [] : [{ path: [index, at], at: 'value', ...words(before) }];
  });
}

function twiceFindings(pools: Pools): Finding[] {
  const place = ({ kubeconfig, context, namespace }: RunnerPool): string =>
    JSON.stringify([kubeconfig, context, namespace]);
  return [
    ...twice(
      pools,
      ({ name }) => name,
      'name',
      (first) => ({ message: `[${first}] is called the same`, hint: 'give one of them another name' }),
    ),
    // What one of them makes the other would take for its own.
    ...twice(pools, place, 'namespace', (first) => ({
      message: `[${first}] has the same namespace of the same cluster`,
      hint: 'write another namespace, or make them one pool',
    })),
  ];
}

function coveredFindings(pools: Pools): Finding[] {
  return pools.flatMap((pool, index): Finding[] => {
    const earlier = pools.slice(0, index).flatMap((each) => each ?? []);
    const by = pool === null ? null : coveredBy(pool, earlier);
    if (by === null) return [];
    const message = `it never gets a pod: ${by.name} before it takes all that it does`;
    return [{ path: [index, 'trust'], at: 'value', message, hint: 'take classes or architectures from one of them' }];
  });
}

function lackingFindings(pools: Pools): Finding[] {
  const taken = new Set(pools.flatMap((pool) => (pool === null || pool.byName ? [] : pool.trust)));
  return classes
    .filter((each) => !taken.has(each))
    .map((each) => ({
      path: [0, 'trust'],
      at: 'value' as const,
      message: `no pool takes ${each} code`,
      hint: `write ${each} into the \`trust\` of one`,
    }));
}

function toPool(written: WrittenPool): RunnerPool {
  const { architectures, kubeconfig, context, runtimeClass, hostUsers, priorityClass, atOnce, tolerations, ...rest } =
    written;
  return {
    ...rest,
    architectures: architectures ?? null,
    kubeconfig: kubeconfig ?? null,
    context: context ?? null,
    runtimeClass: runtimeClass ?? null,
    hostUsers: hostUsers ?? null,
    priorityClass: priorityClass ?? null,
    atOnce: atOnce ?? null,
    tolerations: tolerations.map(({ key, operator, value, effect }) => ({
      key,
      operator,
      ...(value === undefined ? {} : { value }),
      ...(effect === undefined ? {} : { effect }),
    })),
  };
}

function wrong(findings: readonly PlacedFinding[], text: string, file: string): PoolsReading {
  return { kind: 'wrong', problems: placeProblems(findings, text, file) };
}
