import { describe, expect, it } from 'vitest';
import { type JudgedTag, planTags, type TagsFacts, tagCheckId, tagKeyOf } from '../../../src/core/release/plan-tags.ts';
import type { Sha } from '../../../src/model/sha.ts';
import type { TagsRecord } from '../../../src/model/tags.ts';
import { people, sha } from '../../fakes/model-data.ts';
import { commit, project, wish } from './release-fixture.ts';

const record: TagsRecord = { schema: 1, project, seen: { old: sha('a') }, open: [] };

function facts(tags: Readonly<Record<string, Sha>>, over: Partial<TagsFacts> = {}): TagsFacts {
  const plain = { now: 5_000, subject: 'tags/1/all', told: new Map(), presses: [], judged: new Map() };
  return { ...plain, tags: new Map(Object.entries(tags)), releases: new Map(), concluded: new Set(), ...over };
}

const judgedAs = (tag: string, at: Sha, judged: JudgedTag) => new Map([[tagKeyOf({ tag, commit: at }), judged]]);
const asks: JudgedTag = { kind: 'asks', wish: { ...wish, tag: 'v1.2.3' } };
const says: JudgedTag = { kind: 'says', conclusion: 'failure', because: 'tag v1.2.4 on VERSION v1.2.3' };

describe('the tags of a project', () => {
  it('are judged where they are new or were moved, and left alone where they were', () => {
    const plan = planTags(record, facts({ old: sha('a'), 'v1.2.3': commit }));
    expect(plan.wants).toEqual([{ tag: 'v1.2.3', commit, by: null }]);
    expect(planTags(record, facts({ old: sha('b') })).wants).toEqual([{ tag: 'old', commit: sha('b'), by: null }]);
    expect(planTags(record, facts({ old: sha('a') }))).toMatchObject({ wants: [], wakeAt: null });
  });

  it('are judged with who set them, as the forge told, also when they are known', () => {
    const told = new Map([['old', people.ada]]);
    expect(planTags(record, facts({ old: sha('a') }, { told })).wants).toEqual([
      { tag: 'old', commit: sha('a'), by: people.ada },
    ]);
  });

  it('ask for their release until it is known to have heard', () => {
    const judged = judgedAs('v1.2.3', commit, asks);
    const plan = planTags(record, facts({ old: sha('a'), 'v1.2.3': commit }, { judged }));
    expect(plan.effects).toMatchObject([{ kind: 'tell', queue: 'release/1/1.2.3' }].map(({ kind }) => ({ kind })));
    expect(plan.record.open).toHaveLength(1);
    const releases = new Map([['1.2.3', { wish, stage: { kind: 'building' } as const }]]);
    const next = planTags(plan.record, facts({ old: sha('a'), 'v1.2.3': commit }, { releases }));
    expect(next).toMatchObject({ effects: [], record: { open: [] }, wakeAt: null });
  });

  it('are judged again where their release was made of another commit meanwhile, and told so', () => {
    const judged = judgedAs('v1.2.3', commit, asks);
    const tags = { old: sha('a'), 'v1.2.3': commit };
    const open = planTags(record, facts(tags, { judged })).record;
    const stage = { kind: 'published', images: [] } as const;
    const releases = new Map([['1.2.3', { wish: { ...wish, commit: sha('e') }, stage }]]);
    expect(planTags(open, facts(tags, { releases })).wants).toEqual([{ tag: 'v1.2.3', commit, by: wish.by }]);
    const because = 'version already released from eeeeeeeeeeee';
    const refused = judgedAs('v1.2.3', commit, { kind: 'says', conclusion: 'failure', because });
    const told = planTags(open, facts(tags, { releases, judged: refused }));
    expect(told.effects).toMatchObject([{ report: { name: 'sluice/tag/v1.2.3', commit, title: because } }]);
    // Of the same tree it is the same release, which needs no other word.
    const same = planTags(open, facts(tags, { releases, judged }));
    expect(same).toMatchObject({ effects: [], record: { open: [] } });
  });

  it('are told that another commit has their version, when that has not changed for long', () => {
    const judged = judgedAs('v1.2.3', commit, asks);
    const tags = { old: sha('a'), 'v1.2.3': commit };
    const open = planTags(record, facts(tags, { judged })).record;
    const stage = { kind: 'failed', because: 'it did not build' } as const;
    const releases = new Map([['1.2.3', { wish: { ...wish, commit: sha('e') }, stage }]]);
    expect(planTags(open, facts(tags, { releases })).effects).toMatchObject([{ kind: 'tell' }]);
    const late = planTags(open, facts(tags, { releases, now: 1_000_000 }));
    const title = 'v1.2.3 is asked for from eeeeeeeeeeee since';
    expect(late.effects).toMatchObject([{ report: { name: 'sluice/tag/v1.2.3', title } }]);
  });

  it('ask again after a while, in a word that is heard again', () => {
    const judged = judgedAs('v1.2.3', commit, asks);
    const tags = { old: sha('a'), 'v1.2.3': commit };
    const words = [5_000, 6_000, 700_000].map((now) => {
      const [told] = planTags(record, facts(tags, { judged, now })).effects;
      return told?.kind === 'tell' ? told.event.delivery : '';
    });
    expect(words[1]).toBe(words[0]);
    expect(words[2]).not.toBe(words[0]);
  });

  it('are told on their commit why not, until the forge has it', () => {
    const judged = judgedAs('v1.2.4', commit, says);
    const tags = { old: sha('a'), 'v1.2.4': commit };
    const plan = planTags(record, facts(tags, { judged }));
    const [said] = plan.effects;
    expect(said).toMatchObject({
      report: { name: 'sluice/tag/v1.2.4', commit, title: 'tag v1.2.4 on VERSION v1.2.3' },
    });
    const id = said?.kind === 'report' ? said.report.externalId : '';
    const next = planTags(plan.record, facts(tags, { concluded: new Set([id]) }));
    expect(next).toMatchObject({ record: { open: [] }, wakeAt: null });
  });

  const id = tagCheckId('tags/1/all', { tag: 'v1.2.4', commit });
  const state = { status: 'completed', conclusion: 'failure' } as const;
  const text = { title: 'No', summary: 'No.', text: '', startedAt: 1, completedAt: 2 };
  const said = { id: 1, name: 'sluice/tag/v1.2.4', commit, externalId: id, state, ...text };
  const press = { by: people.ada, whyNot: null, said };
  const known = { ...record, seen: { 'v1.2.4': commit } };

  it('are judged again by Re-run, and may ask for their release now', () => {
    const first = planTags(known, facts({ 'v1.2.4': commit }, { presses: [press] }));
    expect(first.wants).toEqual([{ tag: 'v1.2.4', commit, by: null }]);
    const judged = judgedAs('v1.2.4', commit, asks);
    const plan = planTags(known, facts({ 'v1.2.4': commit }, { presses: [press], judged }));
    expect(plan.effects.map(({ kind }) => kind)).toEqual(['tell']);
  });

  it.each`
    what                    | tags                      | judged                          | over                      | because
    ${'it stays'}           | ${{ 'v1.2.4': commit }}   | ${says}                         | ${{}}                     | ${'it was judged again: tag v1.2.4 on VERSION v1.2.3'}
    ${'it is ignored now'}  | ${{ 'v1.2.4': commit }}   | ${{ kind: 'ignored' } as const} | ${{}}                     | ${'nothing is done for this tag any more'}
    ${'it was moved'}       | ${{ 'v1.2.4': sha('d') }} | ${null}                         | ${{}}                     | ${'the tag v1.2.4 was moved to dddddddddddd'}
    ${'it was deleted'}     | ${{}}                     | ${null}                         | ${{}}                     | ${'the tag v1.2.4 was deleted'}
    ${'a stranger pressed'} | ${{ 'v1.2.4': commit }}   | ${null}                         | ${{ whyNot: 'it takes' }} | ${'it takes'}
  `('say on the check run that was pressed that $what', ({ tags, judged, over, because }) => {
    const at = judged === null ? new Map() : judgedAs('v1.2.4', commit, judged);
    const plan = planTags(known, facts(tags, { presses: [{ ...press, ...over }], judged: at }));
    expect(plan.effects).toEqual([
      {
        kind: 'report',
        report: expect.objectContaining({ externalId: id, summary: `No.\n\n* @ada pressed Re-run: ${because}.` }),
      },
    ]);
  });

  it('that cannot be read now are looked at again, and not taken as seen', () => {
    const judged = judgedAs('old', sha('b'), { kind: 'unread' });
    const plan = planTags(record, facts({ old: sha('b') }, { judged }));
    expect(plan.record.seen).toEqual({ old: sha('a') });
  });
});
