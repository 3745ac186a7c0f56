import { definitionDigest } from '../../../model/build.ts';
import type { Job, JobContent } from '../../../model/job.ts';
import type { JobRecord } from '../../../model/presubmit.ts';
import type { PromotionSettings } from '../../../model/promotion.ts';
import type { BranchKey, MadeCandidate } from '../../../model/queue.ts';
import type { TrustClass } from '../../../model/trust.ts';
import { siblingsDigest } from '../../decide-siblings.ts';
import { inlineCode } from '../../text/safe-markdown.ts';
import { stagedNameOf } from '../staged-image.ts';

/** What a candidate is tested with: its tree, what was decided of it, and where its builds run. */
export interface TestedGround {
  readonly branch: BranchKey;
  readonly candidate: Pick<MadeCandidate, 'tree' | 'parents'>;
  readonly jobs: readonly JobRecord[];
  /** A record's job as it is run: with the power that the branch's file grants; null: it is not known. */
  readonly jobOf: (record: JobRecord) => Job | null;
  /** Where its images wait, and whether they are uploaded at all. */
  readonly promotion: PromotionSettings;
  /** Digest of what the server's pods are made of; null: it is not known, or not fixed. */
  readonly environment: string | null;
  readonly trust: TrustClass;
}

/** `none`: its verdict says nothing of any other candidate, and why. */
export type KeyAnswer =
  | {
      readonly kind: 'key';
      readonly key: string;
      /** The same of all trees: what is tested of it, without what it is. */
      readonly shape: string;
    }
  | { readonly kind: 'none'; readonly because: string };

const byDigest = /@sha256:[0-9a-f]{64}$/;
const namesCommit = /\{\{\s*sha\s*\}\}/;

function isSelected({ status }: JobRecord): boolean {
  return status.kind !== 'skipped';
}

/** Images that are built and uploaded for this very candidate. */
function stagedHere({ jobs, jobOf }: TestedGround): ReadonlySet<string> {
  return new Set(
    jobs.filter(isSelected).flatMap((record) => {
      const content = jobOf(record)?.content;
      if (content?.template !== 'upload-image') return [];
      return content.images.flatMap(({ name }) => ((record.images ?? [name]).includes(name) ? [name] : []));
    }),
  );
}

/** Why what a job comes to is not a function of what a key can name; null: it is, as far as its author and its entry say. */
export function whyOpen(job: Job, staged: ReadonlySet<string>): string | null {
  const { content } = job;
  const name = inlineCode(job.name);
  if (content.template === 'noop') return null;
  if (job.reusable !== true) return `${name} is not \`reusable\``;
  if (content.template === 'run') {
    if (content.secrets !== undefined) return `${name} gets secrets`;
    const image = stagedNameOf(job);
    if (image !== null && !staged.has(image)) return `${name} runs in an image that this candidate does not build`;
    return image !== null || byDigest.test(content.image) ? null : `the image of ${name} is not named by digest`;
  }
  const texts = 'images' in content ? content.images.flatMap(({ buildArgs, labels }) => [buildArgs, labels]) : [];
  const isNamed = texts.some((each) => Object.values(each).some((text) => namesCommit.test(text)));
  return isNamed ? `${name} builds the commit's own id into an image` : null;
}

/** A job as it is run, beyond the definition of its own file: without more power than was granted. */
function contentDigest(content: JobContent): string {
  if (!('images' in content)) return definitionDigest(content);
  const matched = ({ source }: { readonly source: string }): string => source;
  const images = content.images.map((image) => ({
    ...image,
    onlyIf: image.onlyIf?.map(matched) ?? null,
    skipIf: image.skipIf?.map(matched) ?? null,
  }));
  return definitionDigest({ ...content, images });
}

function partOf(record: JobRecord, job: Job): unknown {
  const { name, definition, pool, needs, resources, timeoutSeconds, allowPrivilegeEscalation, content } = job;
  const limits = { pool, resources, timeoutSeconds, allowPrivilegeEscalation };
  const selected = isSelected(record);
  const { required, images = null, siblings = [] } = record;
  const beside = siblingsDigest(siblings);
  return { name, definition, content: contentDigest(content), needs, limits, selected, required, images, beside };
}

/**
 * What a verdict is a function of, so that equal keys are one test (scheduling.md §5): tree, jobs as they are run with the set
 * that was selected, siblings and commits of other projects, where images go, what the server's pods are made
 * of, branch and trust class.
 * None where a job that would run has not declared that it reads nothing else.
 */
export function verdictKey(ground: TestedGround): KeyAnswer {
  const { branch, candidate, jobs, jobOf, promotion, environment, trust } = ground;
  if (environment === null)
    return { kind: 'none', because: "the images of the server's own steps and builder are not named by digest" };
  const staged = stagedHere(ground);
  const parts: unknown[] = [];
  for (const record of jobs) {
    const job = jobOf(record);
    if (job === null) return { kind: 'none', because: `${inlineCode(record.job)} could not be read` };
    const open = isSelected(record) ? whyOpen(job, staged) : null;
    if (open !== null) return { kind: 'none', because: open };
    parts.push(partOf(record, job));
  }
  const others = Object.entries(candidate.parents).filter(([key]) => key !== branch);
  const { mode, staging } = promotion;
  const around = [parts, others.sort(), mode, staging, trust];
  const digest = definitionDigest([branch, candidate.tree, ...around]);
  const shape = definitionDigest(['shape', branch, ...around]);
  return { kind: 'key', key: `${digest}/${environment}`, shape: `${shape}/${environment}` };
}

/** False where the server's pods are made of something else by now than when the key was told. */
export function isStillOf(key: string, environment: string | null): boolean {
  return environment !== null && key.endsWith(`/${environment}`);
}
