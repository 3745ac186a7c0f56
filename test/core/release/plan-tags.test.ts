import { describe, expect, it } from 'vitest';
import { type JudgedTag, planTags, type TagsFacts, tagKeyOf } from '../../../src/core/release/plan-tags.ts';
import type { Sha } from '../../../src/model/sha.ts';
import type { TagsRecord } from '../../../src/model/tags.ts';
import { people, sha } from '../../fakes/model-data.ts';
import { commit, project, wish } from './release-fixture.ts';

const record: TagsRecord = { schema: 1, project, seen: { old: sha('a') }, open: [] };

function facts(tags: Readonly<Record<string, Sha>>, over: Partial<TagsFacts> = {}): TagsFacts {
  const plain = { now: 5_000, subject: 'tags/1/all', told: new Map(), judged: new Map() };
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

  it('that cannot be read now are looked at again, and not taken as seen', () => {
    const judged = judgedAs('old', sha('b'), { kind: 'unread' });
    const plan = planTags(record, facts({ old: sha('b') }, { judged }));
    expect(plan.record.seen).toEqual({ old: sha('a') });
  });
});
