import { describe, expect, it } from 'vitest';
import { combineConfig } from '../../../src/core/combine-config.ts';
import { combineGateConfig } from '../../../src/core/gate/combine-gate-config.ts';
import { judgeProtected } from '../../../src/core/gate/protected-jobs.ts';
import { testCandidates } from '../../../src/core/gate/test-candidates.ts';
import { treeKey } from '../../../src/core/presubmit/facts.ts';
import type { Review } from '../../../src/model/gate-view.ts';
import type { Job } from '../../../src/model/job.ts';
import { aConfig, aJob, sha } from '../../fakes/model-data.ts';
import { olderHead, review, settings, view } from './entry/entry-fixture.ts';
import { aBranch, aCandidate, aDraft, anItem, headOf, main, theFacts, tip } from './gate-fixture.ts';

const gated = (name: string, over: Partial<Job> = {}): Job => aJob(name, { pipelines: ['gate'], ...over });
const optional = (job: Job): Job => ({ ...job, selection: { ...job.selection, optional: true } });
const both = [gated('unit'), gated('lint')];
const ahead = sha('c');

function fileOf(jobs: readonly Job[]) {
  const config = aConfig(jobs);
  return { kind: 'valid', config: { ...config, gate: { ...config.gate, protect: ['unit'] } } } as const;
}

/** A change whose own file has these jobs, where what it stands on has those. */
function judged(own: readonly Job[], reviews: readonly Review[] = [], base = both, parent = tip) {
  const head = headOf(7);
  const item = anItem(7, { view: view({ reviews }, { number: 7, head }) });
  const candidate = aCandidate(sha('1'), { jobs: null, parents: { [main]: parent } });
  const draft = aDraft({ items: [{ ...item, candidate }] });
  const treeOn = (at: typeof tip, jobs: readonly Job[]) => {
    const config = combineGateConfig(fileOf(jobs), fileOf(own));
    return [treeKey({ base: at, tree: candidate.tree }), { config, kinds: new Map() }] as const;
  };
  const trees = new Map([treeOn(tip, both), treeOn(parent, base)]);
  const facts = theFacts({
    trees,
    branches: new Map([[main, aBranch({ settings: settings({ protect: ['unit'] }) })]]),
  });
  return { found: judgeProtected(draft, facts, item, candidate), draft, facts };
}

const by = (login: string, over: Partial<Omit<Review, 'by'>> = {}): Review => {
  return review(login, { commit: headOf(7), ...over });
};

describe('a job that `gate.protect` names (gate.md §2)', () => {
  it.each<[string, readonly Job[], readonly Review[], string]>([
    ['is still there', both, [], 'kept'],
    ['is there, and another is gone', [gated('unit')], [], 'kept'],
    ['is gone', [gated('lint')], [], 'removed'],
    ['runs elsewhere only', [aJob('unit', { pipelines: ['presubmit'] }), gated('lint')], [], 'removed'],
    ['may fail now', [optional(gated('unit')), gated('lint')], [], 'removed'],
    ['is gone, approved by who may write', [gated('lint')], [by('kim')], 'removed'],
    ['is gone, approved by an administrator', [gated('lint')], [by('kim', { permission: 'admin' })], 'kept'],
    [
      'is gone, an administrator approved an older head',
      [gated('lint')],
      [by('kim', { permission: 'admin', commit: olderHead })],
      'removed',
    ],
    [
      'is gone, whether who approved may could not be read',
      [gated('lint')],
      [by('kim', { permission: null })],
      'unread',
    ],
  ])('%s', (_, own, reviews, expected) => {
    expect(judged(own, reviews).found.kind).toBe(expected);
  });

  it('that a change ahead took out is that one’s doing', () => {
    expect(judged([gated('lint')], [], [gated('lint')], ahead).found.kind).toBe('kept');
  });

  it('keeps the change from being tested, and its author is told what to do', () => {
    const { draft, facts } = judged([gated('lint')]);
    testCandidates(draft, facts);
    const [item] = draft.record.items;
    expect(item?.candidate).toMatchObject({ kind: 'made', jobs: null });
    expect(item?.candidate?.kind === 'made' && item.candidate.broken).toMatch(
      /takes `unit` out of the gate, .* an administrator can approve exactly this head/,
    );
  });

  it('is told on the pull request already', () => {
    const outcome = combineConfig(fileOf(both), fileOf([gated('lint')]));
    expect(outcome.kind === 'usable' && outcome.notes.join()).toContain('`unit` is protected');
    const kept = combineConfig(fileOf(both), fileOf(both));
    expect(kept.kind === 'usable' && kept.notes).toEqual([]);
  });
});
