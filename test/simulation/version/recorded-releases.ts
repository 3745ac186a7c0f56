import type { ReleaseDetail } from '../../../src/model/ledger.ts';
import type { Repository } from '../forge-world.ts';
import { gitOf } from '../gate/move-branch.ts';
import { ourEntries } from '../gate/owned-tags.ts';
import { type PlainVersion, plainVersion } from './model.ts';

export type RecordedRelease = ReleaseDetail & {
  readonly at: number;
  readonly ledger: string;
  readonly plain: PlainVersion;
};

/** Every release in any ledger of a repository, whoever wrote on top of it since. */
export function recordedReleases(repository: Repository): readonly RecordedRelease[] {
  const git = gitOf(repository);
  return [...git.ledgers.keys()].flatMap((ledger) =>
    ourEntries(git, ledger).flatMap(({ at, detail }): RecordedRelease[] => {
      if (detail.kind !== 'releasing' && detail.kind !== 'released') return [];
      const plain = plainVersion(detail.version);
      return plain === null ? [] : [{ ...detail, at, ledger, plain }];
    }),
  );
}
