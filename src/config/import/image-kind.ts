import type { ZuulJob } from './inherit-job.ts';

/** What a job does, as far as images are concerned; `unknown`: it names images, and its parents do not say what happens to them. */
export type JobKind = 'build' | 'upload' | 'promote' | 'noop' | 'registry' | 'unknown' | 'other';

const imageJob = /(?:^|[-_.:/])(build|upload|publish|promote)[-_](?:(?:[a-z0-9]+)[-_])?images?(?:$|[-_.:/0-9])/;
const registryJob = /(?:^|-)(?:buildset|intermediate)-registry(?:$|-)/;

export const imageVariables = ['container_images', 'docker_images'] as const;

/** By the names of its parents, farthest first: those of zuul-jobs and their likes in other places. */
export function kindOf({ lineage, vars }: ZuulJob): JobKind {
  if (lineage.at(-1) === 'noop') return 'noop';
  const hasImages = imageVariables.some((name) => vars.has(name));
  const names = lineage.toReversed();
  if (!hasImages) return names.some((name) => registryJob.test(name)) ? 'registry' : 'other';
  for (const name of names) {
    const verb = imageJob.exec(name)?.[1];
    if (verb === 'publish') return 'upload';
    if (verb === 'build' || verb === 'upload' || verb === 'promote') return verb;
  }
  return 'unknown';
}
