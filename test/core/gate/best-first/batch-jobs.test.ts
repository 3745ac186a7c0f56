import { describe, expect, it } from 'vitest';
import { candidateKey } from '../../../../src/core/gate/candidates.ts';
import type { CandidateFact, QueueFacts } from '../../../../src/core/gate/facts.ts';
import { madeOf } from '../../../../src/core/gate/made-of.ts';
import { planQueue } from '../../../../src/core/gate/plan-queue.ts';
import { type TreeFacts, treeKey } from '../../../../src/core/presubmit/facts.ts';
import type { JobRecord } from '../../../../src/model/presubmit.ts';
import { aConfig, aJob, matchers, sha } from '../../../fakes/model-data.ts';
import { settings } from '../entry/entry-fixture.ts';
import { aBranch, headOf, main, theFacts, tip } from '../gate-fixture.ts';
import { always, commitOf, Queue } from './queue-fixture.ts';

const gate = { pipelines: ['gate'] } as const;
const config = aConfig([aJob('unit', gate), aJob('docs', { ...gate, selection: { onlyIf: matchers('docs/**') } })]);
const tree: TreeFacts = { config: { kind: 'usable', config, notes: [] }, kinds: new Map() };
const own = settings({ scheduler: { kind: 'best-first', slots: 1, prefixes: true, batches: true } });

/** 1, 2 and 3 are tested by one build; only 1 has to do with `docs/`. */
function batched(): Queue {
  const made = (on: readonly number[], number: number): CandidateFact => {
    const fact = always(on, number);
    const changed = { known: true, paths: [number === 1 ? 'docs/a.md' : 'README.md'] } as const;
    return fact.kind === 'made' ? { ...fact, changed } : fact;
  };
  const queue = new Queue([1, 2, 3], 1, made);
  queue.batched = true;
  return queue.pass();
}

function planned(queue: Queue, over: Partial<QueueFacts> = {}) {
  const trees = new Map([[treeKey({ base: tip, tree: sha('7') }), tree]]);
  const branches = new Map([[main, aBranch({ settings: own })]]);
  return planQueue(queue.draft.record, theFacts({ made: queue.made, branches, trees, ...over }));
}

const shown = (jobs: readonly JobRecord[] | null | undefined) =>
  jobs?.map(({ job, status }) => `${job} ${status.kind}`);

describe('of a batch', () => {
  it('all is run that any of them selects, once; of those inside nothing is', () => {
    const { record, line } = planned(batched());
    const [first, second, last] = record.items;
    expect(shown(last && madeOf(last)[0]?.jobs)).toEqual(['unit building', 'docs building']);
    expect(shown(first?.batched?.[0]?.jobs)).toEqual(['unit blocked', 'docs blocked']);
    expect(shown(second?.batched?.[0]?.jobs)).toEqual(['unit blocked', 'docs skipped']);
    expect(line.length).toBe(2);
  });

  it('only the whole is shown to pods', () => {
    const [publish, ...others] = planned(batched()).effects.filter(({ kind }) => kind === 'publish');
    expect([publish, others]).toMatchObject([{ commits: [commitOf(1, 2, 3)] }, []]);
  });

  it('the commits inside are made again first, where nobody has them any more', () => {
    const missing: CandidateFact = { kind: 'missing', because: 'nobody has it' };
    const made = new Map([[candidateKey(main, commitOf(1, 2), headOf(3)), missing]]);
    const wanted = () => planned(batched(), { made }).wants.candidates.map(({ number }) => number);
    expect(wanted()).toEqual([2]);
    made.set(candidateKey(main, commitOf(1), headOf(2)), missing);
    expect(wanted()).toEqual([1]);
  });
});
