import type { Image } from '../../model/image.ts';
import type { Job, PipelineName } from '../../model/job.ts';
import type { ChangedFiles } from '../../model/matcher.ts';
import { imagesOf, selectImages, selectJob } from '../select-jobs.ts';
import { inlineCode } from '../text/safe-markdown.ts';

/** What a pushed branch is to jobs. */
export interface PushedBranch {
  readonly branch: string;
  /** Whether jobs that name no branch of their own run on it. */
  readonly isWatched: boolean;
  /** Net, between two trees. */
  readonly changed: ChangedFiles;
}

export type PushedJob =
  | { readonly kind: 'run'; readonly images: readonly Image[]; readonly because: string }
  | { readonly kind: 'skip'; readonly because: string };

export function jobsOn(jobs: readonly Job[], pipeline: PipelineName): readonly Job[] {
  return jobs.filter((job) => job.pipelines.includes(pipeline));
}

/** Why a job has nothing to do with this branch, whatever changed; null: it has. */
export function whyNotHere(job: Job, { branch, isWatched }: Pick<PushedBranch, 'branch' | 'isWatched'>): string | null {
  const { branches, skipBranches, trigger } = job.selection;
  const excluded = skipBranches.find((matcher) => matcher.matches(branch));
  if (excluded) return `the branch ${inlineCode(branch)} matches ${inlineCode(excluded.source)} of its skipBranches`;
  if (branches.length > 0 && !branches.some((matcher) => matcher.matches(branch)))
    return `the branch ${inlineCode(branch)} is none of ${branches.map(({ source }) => inlineCode(source)).join(', ')}`;
  if (branches.length === 0 && !isWatched)
    return `the branch ${inlineCode(branch)} is not watched: name it in \`branches\` of the job if it is to run there`;
  return trigger === 'manual' ? 'it is manual: a push does not start it' : null;
}

/** Whether a pushed branch starts a job, and for which of its images; `images` narrows them, left out: all. */
export function judgePushedJob(job: Job, push: PushedBranch, images: readonly Image[] = imagesOf(job)): PushedJob {
  const why = whyNotHere(job, push);
  if (why !== null) return { kind: 'skip', because: why };
  const narrow = 'images' in job.content ? { ...job, content: { ...job.content, images } } : job;
  const { decision, because } = selectJob(
    narrow,
    { kind: 'automatic' },
    { baseRef: push.branch, changed: push.changed, last: 'none' },
  );
  if (decision !== 'run') return { kind: 'skip', because };
  return { kind: 'run', images: selectImages(narrow, { kind: 'automatic' }, push.changed), because };
}

/** Whether a commit's message asks for no dev images. */
export function saysSkip(message: string): boolean {
  return /\[(?:skip ci|ci skip|no ci)\]/i.test(message);
}
