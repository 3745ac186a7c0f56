import type { Job } from '../../model/job.ts';
import { withoutArtifacts } from './artifacts.ts';

/** The same job where nothing is to be uploaded or kept: it needs no credential for that. Any other job as it is. */
export function withoutUpload(job: Job): Job {
  const { content } = job;
  if (content.template === 'upload-image') return { ...job, content: { ...content, template: 'build-image' } };
  return content.template === 'run' ? { ...job, content: withoutArtifacts(content) } : job;
}
