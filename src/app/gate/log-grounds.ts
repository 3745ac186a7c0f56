import { ranBeside } from '../../core/gate/join/ran-beside.ts';
import { jobsOf, madeOf } from '../../core/gate/made-of.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type { Project } from '../../model/project.ts';
import type { BranchKey, MadeCandidate, QueueRecord } from '../../model/queue.ts';
import type { LogGround } from '../observe-builds.ts';

/** Each job of a queue with the project in which its candidate was made. */
export function groundsOf(record: QueueRecord, trees: LogGround['trees']): (job: JobRecord) => LogGround {
  const own = new Map<JobRecord, Project>();
  const note = (branch: BranchKey, candidate: MadeCandidate): void => {
    const project = record.branches.find(({ key }) => key === branch)?.project;
    if (project !== undefined) for (const job of jobsOf(candidate)) own.set(job, project);
  };
  for (const item of record.items) for (const candidate of madeOf(item)) note(item.branch, candidate);
  for (const { branch, candidate } of record.stopping) note(branch, candidate);
  for (const { branch, candidate } of ranBeside(record)) note(branch, candidate);
  return (job) => {
    const project = own.get(job);
    if (project === undefined) throw new Error(`nobody knows in which project ${job.job} is tested`);
    return { project, trees };
  };
}
