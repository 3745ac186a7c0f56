import type { CheckRunReport } from './check-run.ts';
import type { LedgerDetail } from './ledger.ts';
import type { Person } from './person.ts';
import type { Project } from './project.ts';
import type { Proposed } from './proposal.ts';
import type { PushRun } from './push.ts';
import type { ReleasedImage, ReleaseWish } from './release.ts';
import type { Sha } from './sha.ts';

/** How far a release is (versions.md §6.3); what is past `built` is in the ledger. */
export type ReleaseStage =
  /** To be judged, by what is released now. */
  | { readonly kind: 'planned' }
  /** Something must change first, or somebody press the button. */
  | { readonly kind: 'held'; readonly because: string; readonly hasButton: boolean }
  | { readonly kind: 'building' }
  /** Every digest is known. */
  | { readonly kind: 'built' | 'publishing' | 'published'; readonly images: readonly ReleasedImage[] }
  | { readonly kind: 'failed'; readonly because: string };

/** The document of one release. */
export interface ReleaseRun {
  readonly schema: 1;
  readonly project: Project;
  readonly wish: ReleaseWish;
  /** When it was first asked for (ms). */
  readonly at: number;
  readonly stage: ReleaseStage;
  /** The row of the rules that decided; empty: it was not judged yet. */
  readonly row: string;
  /** Tree of its commit; null: it was not judged yet. */
  readonly tree: Sha | null;
  /** What the gate built of it, with the tags of the release; empty: it is built. */
  readonly given: readonly ReleasedImage[];
  /** What the gate built is in no registry any more: it is built again. */
  readonly isLost: boolean;
  /** The project only tries us out: nothing is published. */
  readonly shadow: boolean;
  /** What is built for it; null: nothing is, or not yet. */
  readonly run: PushRun | null;
  /** Its moving tags by image, filled in. */
  readonly moving: Readonly<Record<string, readonly string[]>>;
  /** Digest of the configuration that it was judged by; empty: it was not yet. */
  readonly configuration: string;
  /** Who pressed the button; null: nobody. */
  readonly pressedBy: Person | null;
  /** What was said to people who pressed and may not, newest last. */
  readonly refusals: readonly string[];
  /** Numbers its check run among those of its commit: a final one is never reopened. */
  readonly revision: number;
  /** That check run was concluded before all was lost: what is pressed now needs another; left out: it was not. */
  readonly wasTold?: true;
  /** Check runs that are to end, as it does not go on with them: of another commit that asked first, or of what was lost; left out: there are none. */
  readonly orphans?: readonly CheckRunReport[];
  /** Commits that asked for it and made room for later ones: they take its place only where that came to nothing; left out: none. */
  readonly passed?: readonly Sha[];
  /** Its branch is to go on with the next dev version; left out: it is not. */
  readonly raises?: true;
  /** What was proposed for that, or why nothing is; left out: nobody has looked yet. */
  readonly next?: Proposed | { readonly ended: { readonly kind: 'none'; readonly because: string } };
  /** Why it does not get on for now; null: it does. */
  readonly trouble: { readonly because: string; readonly since: number } | null;
  /** When nothing was left to do for it (ms); null: something is. */
  readonly endedAt: number | null;
}

/** True for what the ledger says of this release, whatever its commit. */
export function isSameRelease(
  detail: LedgerDetail,
  { component, version, isVersion }: Pick<ReleaseWish, 'component' | 'version' | 'isVersion'>,
): boolean {
  if (detail.kind !== 'releasing' && detail.kind !== 'released') return false;
  if (detail.component !== component || (detail.tag === null) !== isVersion) return false;
  const plain = (text: string): string => (isVersion ? text.replace(/^v/, '') : text);
  return plain(detail.version) === plain(version);
}
