import { describe, expect, it } from 'vitest';
import { advanceCandidate } from '../../../src/core/gate/advance-candidate.ts';
import { wantGateBuilds } from '../../../src/core/gate/gate-jobs.ts';
import { decideUpload } from '../../../src/core/gate/upload-order.ts';
import { type TreeFacts, treeKey } from '../../../src/core/presubmit/facts.ts';
import type { Image } from '../../../src/model/image.ts';
import type { BuildOrder } from '../../../src/model/order.ts';
import type { PromotionSettings } from '../../../src/model/promotion.ts';
import { aJob } from '../../fakes/model-data.ts';
import { uploadOrder } from '../pod/order-fixture.ts';
import { settings } from './entry/entry-fixture.ts';
import { aBranch, aCandidate, aDraft, aJobRecord, anItem, headOf, main, theFacts } from './gate-fixture.ts';

const commit = headOf(12);
const candidate = aCandidate(commit);
const tagged: PromotionSettings = { mode: 'tag', staging: null, executor: 'worker' };
const place = (over: Partial<Image> = {}) => {
  const { job, image } = uploadOrder({ image: over });
  return { job, image };
};
const branch = { key: main, branch: 'main' };

function branchesWith(promotion: PromotionSettings | null) {
  const given = promotion === null ? null : { ...settings(), promotion };
  return { branches: new Map([[main, aBranch({ settings: given })]]) };
}

describe('where the gate’s image of a candidate goes', () => {
  it.each<[string, PromotionSettings, Partial<Image>, string]>([
    ['beside the final ones', tagged, {}, 'quay.io/acme/api:change_12_000c000c000c_latest'],
    [
      'to the staging place of the branch’s file',
      { ...tagged, mode: 'intermediate', staging: 'registry.acme.io/staging' },
      {},
      'registry.acme.io/staging/quay.io/acme/api:change_12_000c000c000c_latest',
    ],
    ['by its first tag', tagged, { tags: ['v{{ sha }}', 'b'] }, `quay.io/acme/api:change_12_000c000c000c_v${commit}`],
  ])('is %s', (_title, promotion, image, expected) => {
    const found = decideUpload(branchesWith(promotion), branch, 12, candidate, place(image));
    expect(found).toMatchObject({
      kind: 'decided',
      upload: { branch: 'main' },
      place: { job: { name: 'upload-image' } },
    });
    const { repository, tag } = (found.kind === 'decided' ? found.upload : null) ?? {};
    expect(`${repository}:${tag}`).toBe(expected);
  });

  it.each<[string, PromotionSettings, number | null]>([
    ['the branch rebuilds what has landed', { ...tagged, mode: 'rebuild' }, 12],
    ['the gate only asks how the tip is', tagged, null],
  ])('is nowhere, and it is built all the same, where %s', (_title, promotion, number) => {
    const found = decideUpload(branchesWith(promotion), branch, number, candidate, place());
    expect(found).toMatchObject({ kind: 'decided', place: { job: { content: { template: 'build-image' } } } });
    expect(found).not.toHaveProperty('upload');
  });

  it('is left to the pod’s own refusal for an image of no repository', () => {
    const found = decideUpload(branchesWith(tagged), branch, 12, candidate, place({ repository: null }));
    expect(found).toMatchObject({ kind: 'decided', place: { job: { content: { template: 'upload-image' } } } });
    expect(found).not.toHaveProperty('upload');
  });

  it('is not known while the branch’s file cannot be read', () => {
    expect(decideUpload(branchesWith(null), branch, 12, candidate, place())).toEqual({ kind: 'unread' });
  });

  it('is nowhere for other jobs, whatever the branch says', () => {
    const other = { job: aJob('unit'), image: null };
    expect(decideUpload(branchesWith(null), branch, 12, candidate, other)).toEqual({ kind: 'decided', place: other });
  });
});

describe('a candidate’s build that has its slot', () => {
  /** What is asked for when the branch's file says this; null: it could not be read. */
  function ordersWith(promotion: PromotionSettings | null, uploads: boolean): readonly BuildOrder[] {
    const { job } = place();
    const item = anItem(12, { makes: 1 });
    const kinds: TreeFacts['kinds'] = new Map([['Dockerfile', { kind: 'file' }]]);
    const config = { kind: 'usable', config: { jobs: [job] }, notes: [] } as unknown as TreeFacts['config'];
    const tree = { config, kinds } as TreeFacts;
    const record = aJobRecord(job.name, { kind: 'blocked' }, { definition: job.definition });
    const facts = theFacts({
      ...branchesWith(promotion),
      trees: new Map([[treeKey(record.tree), tree]]),
      forge: {},
      pods: [],
    });
    const builds = wantGateBuilds(facts, item, candidate, job, tree);
    if ('because' in builds) throw new Error(builds.because);
    expect(builds).toHaveLength(1);
    const granted = builds.map(({ id }) => [id, { granted: true, ahead: 0 }] as const);
    const line = new Map(granted) as unknown as typeof facts.line;
    const draft = aDraft({ items: [item] });
    const jobs = [{ ...record, status: { kind: 'building', builds } as const }];
    advanceCandidate(draft, { ...facts, line }, item, { ...candidate, jobs }, { failFast: false, uploads });
    return draft.effects.flatMap((each) =>
      each.kind === 'on' && each.effect.kind === 'start' ? [each.effect.order] : [],
    );
  }

  it('is started with the place of the change and candidate, in the name of the branch', () => {
    const [order] = ordersWith(tagged, true);
    expect(order?.upload).toEqual({
      repository: 'quay.io/acme/api',
      tag: 'change_12_000c000c000c_latest',
      branch: 'main',
    });
  });

  it('waits while nobody knows where its image belongs', () => {
    expect(ordersWith(null, true)).toEqual([]);
  });

  it('is started without any place where the gate only asks', () => {
    const [order] = ordersWith(tagged, false);
    expect(order?.job.content.template).toBe('build-image');
    expect(order).not.toHaveProperty('upload');
  });
});
