import type { Ports } from '../../../src/app/context.ts';
import type { SubjectId } from '../../../src/model/subject.ts';
import type { History } from '../../../src/ports/history.ts';
import type { Calls } from '../calls.ts';
import type { Disk } from '../gate/clone.ts';
import type { Forges } from '../gate/move-branch.ts';
import type { Knobs } from '../knobs.ts';
import type { Process } from '../sim.ts';
import type { WakeQueueModel } from '../wake-queue-model.ts';
import { historyPort } from './history-port.ts';
import { issuesPort } from './issues-port.ts';

/** Of a branch that is pushed to or runs by the clock, of tags or a release: heard of only where people push. */
export function hearsOf({ queues }: Pick<Knobs, 'queues'>, subject: SubjectId): boolean {
  return (queues?.images?.pushes ?? null) !== null || !/^(push|periodic|release|tags)\//.test(subject);
}

const unasked: History = {
  // There is no VERSION in it.
  merged: async () => ({ before: { kind: 'absent' }, after: { kind: 'absent' }, changed: { known: true, paths: [] } }),
  push: () => Promise.reject(new Error('no push is read in this world')),
  changed: () => Promise.reject(new Error('no push is read in this world')),
  tags: () => Promise.reject(new Error('no tag is read in this world')),
  branches: () => Promise.reject(new Error('no push is read in this world')),
  message: () => Promise.reject(new Error('no push is read in this world')),
};

type Pushed = Pick<Ports, 'history' | 'issues' | 'proposals' | 'schedules'>;

/** No project of the simulation asks for it. */
const proposals: Ports['proposals'] = {
  find: (_project, head) => Promise.reject(new Error(`what became of ${head} is asked for`)),
  open: (_project, { head }) => Promise.reject(new Error(`${head} is to be proposed`)),
};

/** What only pushes, tags and the clock ask of the world. */
export function pushPorts(
  parts: Forges & { readonly calls: Calls; readonly disk: Disk; readonly passes: WakeQueueModel },
  process: Process,
): Pushed {
  const schedules = { set: async () => undefined };
  const history = historyPort(parts, process);
  if ((parts.sim.knobs.queues?.images?.pushes ?? null) === null)
    return {
      // What differs between two candidates is asked for in lanes.
      history: parts.sim.knobs.queues?.lanes ? { ...unasked, changed: history.changed } : unasked,
      issues: { find: async () => new Map(), listOpen: async () => [], write: async () => 'refused' },
      proposals,
      schedules,
    };
  return { history, issues: issuesPort(parts, process), proposals, schedules };
}
