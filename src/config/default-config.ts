import type { ProjectConfig } from '../model/config.ts';
import { defaultJobs } from './resolve/default-jobs.ts';
import { gateDefaults } from './resolve/resolve-gate.ts';
import { resolveImage } from './resolve/resolve-image.ts';
import { resolveJob } from './resolve/resolve-job.ts';
import { resolvePromotion, type ServerStaging } from './resolve/resolve-promotion.ts';
import { imageSchema, type WrittenImage } from './schema/image.ts';

/** The image of a root Containerfile, named after the repository in lower case; what a name cannot hold becomes "-". */
export function defaultImage(repositoryName: string, containerfile: string): WrittenImage {
  const plain = repositoryName
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .slice(0, 63)
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  return imageSchema.parse({ name: plain === '' ? 'image' : plain, containerFilename: [containerfile] });
}

/** What a repository without a file of ours gets: its root Containerfile built on pull requests (config.md). */
export function defaultProjectConfig(
  repositoryName: string,
  containerfile: string,
  server?: ServerStaging,
): ProjectConfig {
  const promotion = resolvePromotion({}, server);
  const written = defaultImage(repositoryName, containerfile);
  const image = resolveImage(written);
  const entries = {
    images: [{ index: null, name: written.name, written, damaged: new Set<string>() }],
    allImagesNamed: true,
    jobs: [],
    streams: {},
    promotion: {},
    promotionMode: promotion.mode,
    gate: {},
    version: { written: null, damaged: new Set<string>() },
  } as const;
  const jobs = defaultJobs(entries).flatMap(({ name, written: job }) =>
    job === null ? [] : [resolveJob(name, job, [image])],
  );
  return {
    origin: 'none',
    mode: 'active',
    images: [image],
    jobs,
    trust: { trust: 'members', trustedApps: [] },
    gate: { ...gateDefaults, promotion },
    version: null,
  };
}
