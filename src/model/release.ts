import type { Person } from './person.ts';
import type { RecordedImage } from './promotion.ts';
import type { Sha } from './sha.ts';

/** That something is to be released at one commit: what a push or a tag comes to. */
export interface ReleaseWish {
  /** The branch in whose ledger it is recorded. */
  readonly branch: string;
  /** Null: the project has only one, or no versions. */
  readonly component: string | null;
  /** As its file has it; of a project without versions the name of the git tag. */
  readonly version: string;
  /** The git tag that asks; null: the version's file does. */
  readonly tag: string | null;
  readonly commit: Sha;
  /** Who pushed it; null: nobody told. */
  readonly by: Person | null;
  /** Commit whose file says, beside the released one's, who may release: nobody names themselves with the same push; null: there is none. */
  readonly ground: Sha | null;
  /** Why it waits for the button, whoever pushed it; null: it does not. */
  readonly held: string | null;
  /** False for a tag of a project without versions. */
  readonly isVersion: boolean;
}

/** An image of a release with its digest; `tags` are set once and never moved. */
export type ReleasedImage = RecordedImage & {
  /** Tags that go from one release to the next; set only where none above it in their scope is released. */
  readonly moving: readonly string[];
  readonly platforms: readonly string[];
};

/** Names a release among those of its project: branches and tags that ask for the same one have the same name (versions.md §6.2). */
export function releaseNameOf({
  component,
  version,
  isVersion,
}: Pick<ReleaseWish, 'component' | 'version' | 'isVersion'>): string {
  if (!isVersion) return `refs/tags/${version}`;
  const plain = version.replace(/^v/, '');
  return component === null ? plain : `${component}/${plain}`;
}
