import type { LedgerDetail, LedgerEntry } from '../../../src/model/ledger.ts';
import type { RecordedImage } from '../../../src/model/promotion.ts';
import { toDigest } from '../../../src/model/sha.ts';
import { aProject } from '../../fakes/model-data.ts';

export const project = aProject();
export const owner: LedgerDetail = { kind: 'owner', app: 1 };

export const image: RecordedImage = {
  name: 'api',
  target: null,
  repository: 'quay.io/acme/api',
  tags: ['main'],
  digest: toDigest(`sha256:${'1'.repeat(64)}`),
  staged: { repository: 'quay.io/acme/api', tag: 'change_0' },
};

/** The ledger of `main` that its owner began, with these after it. */
export function entriesOf(...details: readonly LedgerDetail[]): readonly LedgerEntry[] {
  return [owner, ...details].map((detail, index) => {
    return { schema: 1, sequence: index + 1, repository: project.id, branch: 'main', at: 1, detail };
  });
}
