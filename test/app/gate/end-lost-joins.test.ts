import { expect, it } from 'vitest';
import { endLostJoins } from '../../../src/app/gate/end-lost-joins.ts';
import { joinCheckId, joinCheckName } from '../../../src/core/gate/join/report-join.ts';
import type { CheckRunReport, ObservedCheckRun } from '../../../src/model/check-run.ts';
import type { Join } from '../../../src/model/join.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { aRecord, main, ownQueue } from '../../core/gate/gate-fixture.ts';
import { sha } from '../../fakes/model-data.ts';

const [oldest, older, joined] = [sha('a'), sha('b'), sha('c')] as const;

function joinOf(commit: Sha, turn = 1): Join {
  const plain = { branch: main, commit, since: 1, turn, upTo: 2, below: null, runs: 1 };
  return { ...plain, first: { number: 1, commit: oldest }, phase: { kind: 'green', at: 2 } };
}

function runOf(commit: Sha, turn = 1, over: Partial<ObservedCheckRun> = {}): ObservedCheckRun {
  const text = {
    title: 'All jobs of the gate run on the branch',
    summary: '',
    text: '',
    startedAt: 1,
    completedAt: null,
  };
  const externalId = joinCheckId(ownQueue, { commit, turn });
  return { id: 1, name: joinCheckName('main'), commit, externalId, state: { status: 'in_progress' }, ...text, ...over };
}

/** What is ended where this join stands in the record after a pass, of what the forge shows. */
async function endedBy(join: Join, before: Join | undefined, shown: readonly ObservedCheckRun[]) {
  const wanted: CheckRunReport[] = [];
  const ports = {
    landing: { firstParents: async () => [older, oldest] },
    forge: { checkRuns: async (_: unknown, commit: Sha) => shown.filter((run) => run.commit === commit) },
    reporter: { want: async (_: unknown, report: CheckRunReport) => void wanted.push(report) },
    clock: { now: () => 9 },
    log: { warn: () => undefined },
  };
  await endLostJoins({ ports } as never, ownQueue, before, aRecord({ join }));
  return wanted.map(({ externalId, state }) => [externalId, state]);
}

const cancelled = { status: 'completed', conclusion: 'cancelled' };

it('a join that begins ends those that stand open beneath it, which nobody remembers', async () => {
  const lost = [runOf(oldest, 2), runOf(joined, 1)];
  expect(await endedBy(joinOf(joined, 2), undefined, lost)).toEqual([
    [lost[1]?.externalId, cancelled],
    [lost[0]?.externalId, cancelled],
  ]);
});

it('it ends neither its own, nor one that has its end, nor what is not of a join of this queue', async () => {
  const done = { state: { status: 'completed', conclusion: 'success' } } as const;
  const other = runOf(older, 1, { externalId: 'sluice-join-other/1' });
  const named = runOf(older, 1, { name: 'sluice/gate/main' });
  expect(await endedBy(joinOf(joined), undefined, [runOf(joined), runOf(older, 1, done), other, named])).toEqual([]);
});

it('while it goes on nothing is looked for', async () => {
  expect(await endedBy(joinOf(joined), joinOf(joined), [runOf(oldest)])).toEqual([]);
});
