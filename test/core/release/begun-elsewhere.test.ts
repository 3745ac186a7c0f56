import { describe, expect, it } from 'vitest';
import { newRelease } from '../../../src/core/release/take-wishes.ts';
import type { LedgerEntry, ReleaseDetail } from '../../../src/model/ledger.ts';
import type { ReleaseRun, ReleaseStage } from '../../../src/model/release-run.ts';
import { people, sha } from '../../fakes/model-data.ts';
import { commit, images, judged, outside, planWith, project, tree, wish } from './release-fixture.ts';

const detail: ReleaseDetail & { kind: 'releasing' } = {
  kind: 'releasing',
  component: null,
  version: wish.version,
  tag: null,
  commit,
  tree,
  configuration: 'cfg',
  by: people.ada,
  images,
};
const entry: LedgerEntry = {
  schema: 1,
  sequence: 1,
  repository: project.id,
  branch: wish.branch,
  at: 1,
  detail,
};
const refused = { row: 'V13', kind: 'failed', because: 'version already released from cccccccccccc' } as const;
const other = { ...wish, commit: sha('d') };

/** A release of which, after a loss, only a commit is known that the ledger does not have it from. */
function knownAt(stage: ReleaseStage, more: Partial<ReleaseRun> = {}): ReleaseRun {
  return { ...newRelease(project, other, 1_000), stage, row: 'V13', ...more };
}

describe('a release that a ledger has begun from one commit and that another asked for since all was lost', () => {
  const failed = { kind: 'failed', because: refused.because } as const;
  const held = { kind: 'held', because: 'nobody may', hasButton: true } as const;
  const asking = { wishes: [wish], recorded: new Set([commit]) };

  it.each`
    stage     | more
    ${failed} | ${{}}
    ${held}   | ${{}}
    ${held}   | ${{ passed: [commit] }}
  `('goes on where it was begun, in place of what is $stage.kind ($more)', ({ stage, more }) => {
    const { record } = planWith(knownAt(stage, more), { ...outside(), entries: [entry] }, asking);
    expect(record).toMatchObject({ wish: { commit }, stage: { kind: 'publishing', images } });
  });

  it('is not what a commit asks for that made room once, as long as no ledger has it from there', () => {
    const again = { wishes: [wish] };
    expect(planWith(knownAt(held, { passed: [commit] }), outside(), again).record.wish.commit).toBe(other.commit);
  });

  it('is judged by its own ledger, once that was read, and not by that of the other branch', () => {
    const elsewhere = { ...wish, branch: 'release-v1.x' };
    const { record, wants } = planWith(knownAt(failed), outside(), { ...asking, wishes: [elsewhere] });
    expect(record).toMatchObject({ wish: elsewhere, stage: { kind: 'planned' }, tree: null });
    expect(wants.judged).toEqual([]);
  });

  it('stays what it is for every other commit', () => {
    const third = { wishes: [{ ...wish, commit: sha('e') }] };
    const { record } = planWith(knownAt(failed), { ...outside(), entries: [entry] }, third, {
      ...judged,
      decided: refused,
    });
    expect(record.wish.commit).toBe(other.commit);
  });
});
