import type { ConfigState, ProjectConfig } from '../../model/config.ts';
import type { Image } from '../../model/image.ts';
import type { Job } from '../../model/job.ts';
import { type EffectiveConfig, removedJobs, withBaseSemaphore, withSecretsOf } from '../combine-config.ts';
import { inlineCode } from '../text/safe-markdown.ts';

const leastPool = 'default';

function withoutSiblings(image: Image, known: readonly Image[]): Image {
  const own = known.find((other) => other.name === image.name);
  const siblings = image.siblings.filter((sibling) =>
    own?.siblings.some((other) => JSON.stringify(other) === JSON.stringify(sibling)),
  );
  return siblings.length === image.siblings.length ? image : { ...image, siblings };
}

/** What gives power must be granted by the branch's file too (gate.md §2): pools that it uses, escalation that it allows, passes that may be reused. */
function limited(job: Job, branch: ProjectConfig | null): Job {
  const pools = new Set(branch?.jobs.map(({ pool }) => pool));
  const own = branch?.jobs.find(({ name }) => name === job.name);
  const pool = pools.has(job.pool) ? job.pool : leastPool;
  const allowPrivilegeEscalation = job.allowPrivilegeEscalation && own?.allowPrivilegeEscalation === true;
  const content =
    'images' in job.content
      ? { ...job.content, images: job.content.images.map((image) => withoutSiblings(image, branch?.images ?? [])) }
      : withSecretsOf(job.content, own?.content ?? null);
  const { reusable, ...plain } = withBaseSemaphore(job, branch?.jobs ?? []);
  const granted = reusable === true && own?.reusable === true ? { reusable } : {};
  return { ...plain, ...granted, pool, allowPrivilegeEscalation, content };
}

/** Names what a candidate's own file changes about what is tested. */
function notesOf(branch: ProjectConfig | null, own: ProjectConfig): readonly string[] {
  if (branch === null) return ["the branch's own file is invalid: what gives power counts as not granted"];
  const gone = branch.jobs.filter(({ name }) => !own.jobs.some((job) => job.name === name));
  return gone.map(({ name }) => `${inlineCode(name)} is removed by this change and not tested with it any more`);
}

/**
 * What a candidate is tested with: its own file, as it was approved, with no more power than the branch's file grants
 * (gate.md §2 "Which configuration"). An invalid file of the branch grants none, so that a change can repair it.
 */
export function combineGateConfig(branch: ConfigState, candidate: ConfigState): EffectiveConfig {
  for (const state of [branch, candidate])
    if (state.kind === 'unreadable') return { kind: 'refused', where: null, problems: [], because: state.because };
  if (candidate.kind === 'invalid') {
    const { problems } = candidate;
    return { kind: 'refused', where: 'head', problems, because: 'the configuration of this change is invalid' };
  }
  if (candidate.kind !== 'valid') return { kind: 'refused', where: null, problems: [], because: 'it was not read' };
  const granting = branch.kind === 'valid' ? branch.config : null;
  const { config } = candidate;
  const jobs = config.jobs.map((job) => limited(job, granting));
  const removed = granting === null ? [] : removedJobs(granting, config);
  const notes = [...(config.notes ?? []), ...notesOf(granting, config)];
  return { kind: 'usable', config: { ...config, jobs }, notes, ...(removed.length > 0 ? { removed } : {}) };
}
