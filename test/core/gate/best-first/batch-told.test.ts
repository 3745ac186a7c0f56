import { expect, it } from 'vitest';
import { planQueue } from '../../../../src/core/gate/plan-queue.ts';
import type { QueueRecord } from '../../../../src/model/queue.ts';
import { viewQueue } from '../../../../src/view-queue.ts';
import { settings } from '../entry/entry-fixture.ts';
import { aBranch, main, ownQueue, theFacts } from '../gate-fixture.ts';
import { Queue } from './queue-fixture.ts';

/** 1, 2 and 3 are tested by one build. */
function batched(): Queue {
  const queue = new Queue([1, 2, 3], 1);
  queue.batched = true;
  return queue.pass();
}

function reportsOf(queue: Queue) {
  const own = settings({ scheduler: { kind: 'best-first', slots: 1, prefixes: true, batches: true } });
  const facts = theFacts({ made: queue.made, branches: new Map([[main, aBranch({ settings: own })]]) });
  const { effects } = planQueue(queue.draft.record, facts);
  return new Map(
    effects.flatMap((each) =>
      each.kind === 'on' && each.effect.kind === 'report' ? [[each.number, each.effect.report] as const] : [],
    ),
  );
}

it('each of them reads with whom it is tested, since when, and what comes of it', () => {
  const reports = reportsOf(batched().runs(3, []));
  const says = (others: string) =>
    `More wait than there are slots: it is tested together with ${others} in one build since 1970-01-01 02:46 UTC. When that passes, all of them land by one push; when it fails, smaller parts of it are built, and nobody is rejected for that alone. Tested together with ${others} in one build on top of the branch as it is, as \`c123c123c123\`.`;
  expect(reports.get(1)?.summary).toContain(says('#2, #3'));
  expect(reports.get(2)?.summary).toContain(says('#1, #3'));
  expect(reports.get(3)?.summary).toContain(says('#1, #2'));
  expect([1, 2, 3].map((number) => reports.get(number)?.state)).toEqual(
    [1, 2, 3].map(() => ({ status: 'in_progress' })),
  );
});

async function standsIn(record: QueueRecord): Promise<readonly (readonly string[])[]> {
  const known = { subject: ownQueue, record, repository: 'acme/api', branch: 'main' };
  return (await viewQueue(known, async () => null)).items.map(({ state, stands }) => [state, stands]);
}

it('so does whoever looks at the queue', async () => {
  const { record } = batched().draft;
  const since = 'in one build since 1970-01-01 02:46 UTC';
  expect(await standsIn(record)).toEqual([
    ['testing', `tested together with #2, #3 ${since}`],
    ['testing', `tested together with #1, #3 ${since}`],
    ['testing', `tested together with #1, #2 ${since}`],
  ]);
});

it('what failed together is tested together no more', async () => {
  const { record } = batched().end(3, 'failure').pass().draft;
  expect((await standsIn(record)).filter(([, stands]) => stands?.includes('together with'))).toEqual([
    ['failed', 'failed together with #1, #2, waits for their end'],
  ]);
});
