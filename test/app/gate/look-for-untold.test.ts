import { expect, it } from 'vitest';
import { lookForUntold } from '../../../src/app/gate/look-for-untold.ts';
import type { ForgeEvent } from '../../../src/model/forge-event.ts';
import type { HeadCheck } from '../../../src/model/gate-view.ts';
import type { LandingMethod, QueueRecord } from '../../../src/model/queue.ts';
import { type SubjectId, subjectIdOf } from '../../../src/model/subject.ts';
import { view } from '../../core/gate/entry/entry-fixture.ts';
import {
  aBranch,
  anItem,
  aRecord,
  headOf,
  landedEntry,
  main,
  ourApp,
  ownQueue,
  project,
  theFacts,
} from '../../core/gate/gate-fixture.ts';
import { sha } from '../../fakes/model-data.ts';

const commit = sha('c');

/** The queue as it is known once the ledger was read, in which #1 has landed as `commit`. */
function after(): QueueRecord {
  const [branch] = aRecord().branches;
  if (branch === undefined) throw new Error('no branch');
  return aRecord({ branches: [{ ...branch, landed: [{ number: 1, head: headOf(1), from: sha('0'), commit }] }] });
}

interface Shown {
  readonly checks?: readonly HeadCheck[];
  readonly head?: string;
  readonly method?: LandingMethod;
}

/** Who is told what, and whether the pull request is closed. */
async function toldOf(before: QueueRecord, { checks = [], head = headOf(1), method = 'merge' }: Shown = {}) {
  const told: (readonly [SubjectId, ForgeEvent['detail']])[] = [];
  const woken: SubjectId[] = [];
  let closed = 0;
  const ports = {
    intake: {
      accept: async (event: ForgeEvent, [to]: readonly SubjectId[]) => void told.push([to as SubjectId, event.detail]),
    },
    signals: { wake: async (id: SubjectId) => void woken.push(id) },
    gateForge: {
      gateView: async () => ({
        ...view({}, { number: 1, head: head as never, state: 'open', baseRef: 'main' }),
        checks,
      }),
      close: async () => {
        closed += 1;
      },
    },
    clock: { now: () => 9 },
  };
  const landed = { ...landedEntry(1, commit), method } as ReturnType<typeof landedEntry>;
  const facts = theFacts({ branches: new Map([[main, aBranch({ landed: [landed] })]]) });
  await lookForUntold({ ports } as never, ownQueue, before, after(), facts);
  expect(woken).toEqual(told.map(([to]) => to));
  return { told: told.map(([to, detail]) => [to, detail.kind]), closed, last: told.at(-1)?.[1] };
}

const change = subjectIdOf({ kind: 'presubmit', repository: project.id, number: 1 });
const own = { name: 'sluice/gate/main', app: ourApp, kind: 'check-run', conclusion: null } as unknown as HeadCheck;

it('what the ledger says landed, and nobody waited for here, is looked at again', async () => {
  expect(await toldOf(aRecord(), { checks: [own] })).toMatchObject({ told: [[change, 'pull-request']], closed: 0 });
  expect((await toldOf(aRecord(), { checks: [own], method: 'squash' })).closed).toBe(1);
});

it('where no check run on its head keeps its request, that is made again: its end is told then', async () => {
  const { told, last } = await toldOf(aRecord());
  expect(told).toEqual([
    [change, 'pull-request'],
    [ownQueue, 'gate'],
  ]);
  expect(last).toMatchObject({ command: 'gate', number: 1, head: headOf(1), found: true });
  const others = { ...own, app: ourApp + 1 } as HeadCheck;
  expect((await toldOf(aRecord(), { checks: [others] })).told).toHaveLength(2);
  expect((await toldOf(aRecord(), { head: sha('d') })).told).toEqual([[change, 'pull-request']]);
});

it('who waited for it, or knew that it has landed, looks for nothing', async () => {
  expect((await toldOf(aRecord({ items: [anItem(1)] }))).told).toEqual([]);
  expect((await toldOf(after())).told).toEqual([]);
});
