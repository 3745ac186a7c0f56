import type { ProjectConfig } from '../../../model/config.ts';
import type { Job } from '../../../model/job.ts';
import { imagesOf } from '../../select-jobs.ts';
import { gateJobsOf } from '../gate-jobs.ts';
import { whyOpen } from '../reuse/verdict-key.ts';

/** Why what this job is run for is tested on all that is ahead, and anew where others have landed; null: it is not. */
function whyWhole(job: Job, staged: ReadonlySet<string>): string | null {
  const { onlyIf, skipIf } = job.selection;
  if (job.content.template === 'noop') return null;
  const open = whyOpen(job, staged);
  if (open !== null) return open;
  const wide = imagesOf(job).find(({ context }) => context === '.');
  if (wide) return `the builder of \`${wide.name}\` is sent the whole repository`;
  const isNamed = onlyIf !== null || skipIf !== null || imagesOf(job).length > 0;
  return isNamed ? null : `\`${job.name}\` has no \`onlyIf\` or \`skipIf\``;
}

/**
 * What who writes a file with `lanes: closure` should read (scheduling.md §5): which jobs keep changes out of lanes, and which are
 * run on no whole tree, where joins are off. Empty: there are no lanes, or all is well.
 */
export function explainLanes(config: Pick<ProjectConfig, 'jobs' | 'gate'>): readonly string[] {
  const { scheduler } = config.gate;
  if (scheduler.kind !== 'best-first' || scheduler.lanes !== 'closure') return [];
  const jobs = gateJobsOf(config);
  const staged = new Set(jobs.flatMap((job) => imagesOf(job).map(({ name }) => name)));
  const whole = jobs.flatMap((job) => {
    const because = whyWhole(job, staged);
    return because === null ? [] : [`lanes: whatever ${job.name} is run for may matter to every other: ${because}`];
  });
  if (scheduler.joinMs !== undefined) return whole;
  const alone = jobs.filter(({ content, schedules }) => content.template !== 'noop' && schedules === undefined);
  if (alone.length === 0) return whole;
  const names = alone.map(({ name }) => name).join(', ');
  return [
    ...whole,
    `lanes: what lands was not tested as a whole, and with \`joins: off\` nothing tests ${names} on the branch: leave out \`joins\`, or add { cron: … } to \`on\``,
  ];
}
