import type { Job } from '../../model/job.ts';

/** The same job where nothing is to be uploaded: it builds and measures, and needs no credential. Any other job as it is. */
export function withoutUpload(job: Job): Job {
  const { content } = job;
  return content.template === 'upload-image' ? { ...job, content: { ...content, template: 'build-image' } } : job;
}
