import type { StoredSchedule } from '../../../model/best-first.ts';
import type { QueueBranch, QueueRecord } from '../../../model/queue.ts';
import type { QueueFacts } from '../facts.ts';
import { areLanesClosed } from '../join/closed-lanes.ts';
import { boundedSettings, type ScheduleSettings } from '../schedule/schedule-view.ts';

/**
 * On whole trees each stands on all that is ahead, and none is likely far behind the first: with the figure of lanes, slots are left
 * free while changes wait (scheduling.md §4 Spending slots). Where each commit is to be green by itself, it gained nothing for sure.
 */
const leastOnWholeTrees = 0.12;

/** Each candidate is tested for its own change; it lands with what is ahead of it inside, unless each is to be green by itself. */
export function settingsOf({
  prefixes = false,
  batches = false,
  lanes,
}: Pick<StoredSchedule, 'prefixes' | 'batches' | 'lanes'>): ScheduleSettings {
  const least = lanes || !prefixes ? boundedSettings.least : leastOnWholeTrees;
  const several = { landsPrefixes: prefixes, landsParts: false, batches: prefixes && batches, sizesByRate: true };
  return { ...boundedSettings, ...several, least, sheds: true, carries: 1 };
}

/** Where candidates are built best first: on which branch, and how many at once. */
export interface BestFirst {
  readonly branch: QueueBranch;
  readonly slots: number;
  /** Several may land by one push of what was tested with all of them. */
  readonly prefixes: boolean;
  /** Changes that touch nothing in common are tested apart, and land on each other untested (scheduling.md §5 "closure"); not while a join is red. */
  readonly lanes: boolean;
  /** And several may be tested by one build. */
  readonly batches: boolean;
}

/** As the queue had it, for as long as its branch's settings cannot be read. */
function flagsOf({ prefixes, lanes, batches }: StoredSchedule): Pick<BestFirst, 'prefixes' | 'lanes' | 'batches'> {
  return { prefixes: prefixes ?? false, lanes: lanes ?? false, batches: batches ?? false };
}

/**
 * Whether the queue's candidates are built best first; null: the window says which are. A queue of several projects has the
 * window, as its grounds are several, and so has one that the forge merges, whose commits are not known before. While the branch's settings cannot be read it goes on as it was.
 */
export function bestFirstOf(
  record: Pick<QueueRecord, 'branches' | 'schedule' | 'join'>,
  facts: Pick<QueueFacts, 'subject' | 'branches'>,
): BestFirst | null {
  const { branches, schedule } = record;
  const [branch, ...others] = branches;
  if (branch === undefined || others.length > 0 || facts.subject.startsWith('shared-queue/')) return null;
  const settings = facts.branches.get(branch.key)?.settings ?? null;
  const isClosed = areLanesClosed(record);
  if (settings === null) {
    if (schedule === undefined) return null;
    const flags = flagsOf(schedule);
    return { branch, slots: schedule.slots, ...flags, lanes: flags.lanes && !isClosed };
  }
  const { scheduler, landing } = settings;
  if (scheduler.kind !== 'best-first' || landing !== 'push') return null;
  const { slots, prefixes, lanes, batches } = scheduler;
  return { branch, slots, prefixes, lanes: lanes === 'closure' && !isClosed, batches: batches ?? false };
}
