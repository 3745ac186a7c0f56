import type { ConfigProblem, ConfigState, ProjectConfig } from '../model/config.ts';
import type { Image } from '../model/image.ts';
import type { Job, JobContent } from '../model/job.ts';
import { withoutArtifacts } from './pod/artifacts.ts';
import { inlineCode } from './text/safe-markdown.ts';

/** What a pull request is planned with: power from the base branch, content from the head (config.md, "Where it lives" 2). */
export type EffectiveConfig =
  | {
      readonly kind: 'usable';
      readonly config: ProjectConfig;
      readonly notes: readonly string[];
      /** Of a candidate: jobs of the gate that the branch's file has and its own has not, or lets fail; left out: none. */
      readonly removed?: readonly string[];
    }
  | {
      readonly kind: 'refused';
      /** Whose file is wrong; null when a file could not be read, which is not the author's fault. */
      readonly where: 'head' | 'base' | null;
      readonly problems: readonly ConfigProblem[];
      readonly because: string;
    };

function withImages(content: JobContent, change: (image: Image) => Image): JobContent {
  return 'images' in content ? { ...content, images: content.images.map(change) } : content;
}

/** What an image's entry decides: whether a required job is skipped, and whose code is fetched besides. */
function withBasePower(image: Image, known: readonly Image[]): Image {
  const own = known.find((other) => other.name === image.name);
  return { ...image, onlyIf: own?.onlyIf ?? null, skipIf: own?.skipIf ?? null, siblings: own?.siblings ?? [] };
}

/** A base job with the head's content: commands, images and build files are the author's, everything that decides is not. */
function withHeadContent(base: Job, head: Job | undefined, known: readonly Image[]): Job {
  if (!head || head.content.template !== base.content.template) return base;
  const written = withImages(head.content, (image) => withBasePower(image, known));
  // Where it runs is decided by the landed file, and nothing but the gate keeps artifacts.
  const content = base.pipelines.every((pipeline) => pipeline === 'gate') ? written : withoutArtifacts(written);
  return { ...base, content: withSecretsOf(content, base.content), definition: head.definition };
}

/** Secrets are power: only what the other file gives this job, under the same variable, stays. */
export function withSecretsOf(content: JobContent, granting: JobContent | null): JobContent {
  if (content.template !== 'run' || content.secrets === undefined) return content;
  const known = granting?.template === 'run' ? (granting.secrets ?? {}) : {};
  const { secrets: _all, ...rest } = content;
  const secrets = Object.fromEntries(
    Object.entries(content.secrets).filter(([name, secret]) => known[name] === secret),
  );
  return Object.keys(secrets).length === 0 ? rest : { ...rest, secrets };
}

/** How many may hold a semaphore that the landed configuration knows is for that to say; a further one takes its part in it. */
export function withBaseSemaphore(job: Job, base: readonly Job[]): Job {
  const { semaphore } = job;
  const known = base.find(
    ({ semaphore: other }) => other?.name === semaphore?.name && other?.counts === semaphore?.counts,
  )?.semaphore;
  return known === undefined ? job : { ...job, semaphore: known };
}

/** A job that no landed configuration knows: not required, and with no more power than the least job has (intake A6). */
function headOnly(job: Job, base: readonly Job[]): Job {
  return {
    ...withBaseSemaphore(job, base),
    selection: { ...job.selection, optional: true },
    content: withSecretsOf(
      withImages(job.content, (image) => ({ ...image, siblings: [] })),
      null,
    ),
    pool: 'default',
    allowPrivilegeEscalation: false,
  };
}

function votingInGate({ jobs }: Pick<ProjectConfig, 'jobs'>): readonly string[] {
  return jobs.flatMap(({ name, pipelines, selection }) =>
    pipelines.includes('gate') && !selection.optional ? [name] : [],
  );
}

/** Jobs without which the gate lets nothing pass by the first file, and does by the second (gate.md §2 `protect`). */
export function removedJobs(branch: ProjectConfig, own: ProjectConfig): readonly string[] {
  const left = votingInGate(own);
  return votingInGate(branch).filter((name) => !left.includes(name));
}

function merge(base: ProjectConfig, head: ProjectConfig): { config: ProjectConfig; notes: string[] } {
  const known = new Set(base.jobs.map((job) => job.name));
  const added = head.jobs.filter((job) => !known.has(job.name));
  const kept = base.jobs.map((job) =>
    withHeadContent(
      job,
      head.jobs.find((other) => other.name === job.name),
      base.images,
    ),
  );
  const gone = base.jobs.filter((job) => !head.jobs.some((other) => other.name === job.name));
  const guarded = removedJobs(base, head).filter((name) => base.gate.protect.includes(name));
  return {
    config: { ...base, images: head.images, jobs: [...kept, ...added.map((job) => headOnly(job, base.jobs))] },
    notes: [
      ...(base.notes ?? []),
      ...added.map((job) => `${inlineCode(job.name)} is only known to this pull request: it is shown and not required`),
      ...gone.map(
        (job) => `${inlineCode(job.name)} is removed by this pull request and still tested until that has landed`,
      ),
      ...guarded.map(
        (name) => `${inlineCode(name)} is protected: without it this lands only if an administrator approves this head`,
      ),
    ],
  };
}

/** What counts while the base branch's own file is invalid: nothing is required and only collaborators are trusted. */
function repairing(head: ProjectConfig): ProjectConfig {
  return {
    ...head,
    mode: 'active',
    trust: { trust: 'collaborators', trustedApps: [] },
    jobs: head.jobs.map((job) => headOnly(job, [])),
  };
}

/** Combines both files. An invalid or unreadable file fails closed: it never falls through to another one's power (intake A7). */
export function combineConfig(base: ConfigState, head: ConfigState): EffectiveConfig {
  for (const state of [base, head]) {
    if (state.kind === 'unreadable') return { kind: 'refused', where: null, problems: [], because: state.because };
  }
  if (head.kind === 'invalid') {
    const same = base.kind === 'invalid' ? " (the base branch's file is invalid too)" : '';
    return {
      kind: 'refused',
      where: 'head',
      problems: head.problems,
      because: `the configuration of this pull request is invalid${same}`,
    };
  }
  if (head.kind === 'valid' && base.kind === 'invalid') {
    return {
      kind: 'usable',
      config: repairing(head.config),
      notes: [
        ...(head.config.notes ?? []),
        "the base branch's configuration is invalid: this pull request is tested with its own, and nothing of it is required",
      ],
    };
  }
  if (base.kind !== 'valid' || head.kind !== 'valid') {
    return { kind: 'refused', where: 'base', problems: [], because: "the base branch's configuration is invalid" };
  }
  return { kind: 'usable', ...merge(base.config, head.config) };
}
