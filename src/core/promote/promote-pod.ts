import { type Build, buildIdFor, definitionDigest } from '../../model/build.ts';
import type { Effect } from '../../model/effect.ts';
import type { Job } from '../../model/job.ts';
import { podKeys } from '../../model/pod.ts';
import type { JobRecord } from '../../model/presubmit.ts';
import type {
  ImagePromotion,
  LandingPromotion,
  PromotedImage,
  PromoteRecord,
  PromotionPod,
} from '../../model/promotion.ts';
import { advanceBuild, stopBuild } from '../presubmit/advance-build.ts';
import { setTags } from './advance-image.ts';
import type { PromoteDraft } from './draft.ts';
import type { PromoteFacts } from './facts.ts';
import type { StandingLanding } from './own-tags.ts';
import { troubleAfter } from './trouble.ts';

const jobName = 'promote-image';
const pool = 'default';
/** A registry may show for so long what it showed before, ms. */
const settlingMs = 60_000;

/** The job of the pod, the same for every project: no file names it. */
function jobOf(definition: string): Job {
  return {
    name: jobName,
    pipelines: ['promote'],
    selection: { trigger: 'auto', branches: [], skipBranches: [], onlyIf: null, skipIf: null, optional: false },
    content: { template: 'promote-image', images: [], publish: 'promote' },
    needs: [],
    pool,
    resources: { cpu: '100m', memory: '256Mi', ephemeralStorage: '1Gi' },
    timeoutSeconds: 2 * 3600,
    allowPrivilegeEscalation: false,
    definition,
  };
}

function isActive({ build }: PromotionPod): boolean {
  return build.state.phase !== 'finished';
}

/** The pods of a line as jobs: they are looked at and stand in line like any other. */
export function promotionJobs({ landings }: Pick<PromoteRecord, 'landings'>): readonly JobRecord[] {
  return landings.flatMap(({ pod, commit }) => {
    if (pod === undefined || !isActive(pod)) return [];
    const { definition, request } = pod.build.parts;
    const tree = { base: commit, tree: commit };
    const plain = { required: true, because: 'it has landed', readBack: false };
    const status = { kind: 'building', builds: [pod.build] } as const;
    return [{ job: jobName, definition, pool, tree, status, request, ...plain }];
  });
}

/** What of a landing its pod moves, with the tree that landed. */
export interface PodLanding extends LandingPromotion, Pick<StandingLanding, 'tree' | 'resets'> {}

function begin(facts: PromoteFacts, landing: PodLanding, images: readonly PromotedImage[]): PromotionPod {
  const { sequence, commit, pod, resets } = landing;
  const parts = {
    subject: facts.subject,
    // After a reset nothing is remembered of the pods before it, and what one of them came to says nothing of the tags now.
    entry: resets === 0 ? String(sequence) : `${sequence}.${resets}`,
    commit,
    job: jobName,
    point: {},
    definition: definitionDigest(images),
    request: pod === undefined ? 1 : pod.build.parts.request + 1,
    attempt: 1,
  };
  const build: Build = {
    id: buildIdFor(parts),
    parts,
    trust: 'trusted',
    state: { phase: 'wanted', since: facts.now },
  };
  return { build, images };
}

function step(
  draft: PromoteDraft,
  facts: PromoteFacts,
  { commit, tree, number }: PodLanding,
  { build, images }: PromotionPod,
  barred: string | null,
): PromotionPod {
  const { project, branch } = draft.record;
  const effects: Effect[] = [];
  const going = barred === null ? build : stopBuild({ effects }, build, barred, facts.now);
  const next = advanceBuild(
    {
      draft: { effects, reasons: draft.reasons },
      facts,
      project,
      checkout: { cloneUrl: project.cloneUrl, base: commit, heads: [], tree },
      place: { job: jobOf(build.parts.definition), image: null },
      promote: { branch, images },
      barred,
      unsure: false,
    },
    going,
  );
  for (const effect of effects) draft.effects.push({ kind: 'on', number, effect });
  return { build: next, images };
}

/** Tags have no compare-and-set: of one line never two pods write, those that nobody remembers included. */
function isLineFree(draft: PromoteDraft, facts: PromoteFacts, fresh: PromotionPod, isTaken: boolean): boolean {
  if (facts.pods === null || isTaken || promotionJobs(draft.record).length > 0) return false;
  const pods = draft.record.landings.flatMap(({ pod }) => (pod ? [pod] : []));
  const known = new Set<string>([...pods, fresh].map(({ build }) => build.id));
  return !facts.pods.some(
    ({ name, annotations }) =>
      annotations[podKeys.subject] === facts.subject && annotations['sluice.dev/job'] === jobName && !known.has(name),
  );
}

function whatToPromote({ repository, digest, staged, owned }: ImagePromotion): PromotedImage {
  return { from: { repository: staged.repository, digest }, to: repository, tags: owned };
}

function isOpen({ state, trouble }: ImagePromotion): boolean {
  return trouble === null && (state.kind === 'waiting' || state.kind === 'copied');
}

/** Tags of which another branch says that they are its own are found before any pod starts. */
function withForeign(draft: PromoteDraft, facts: PromoteFacts, image: ImagePromotion): ImagePromotion {
  if (!isOpen(image)) return image;
  const { trouble } = setTags(
    { ...draft, effects: [] },
    facts,
    { ...image, state: { kind: 'copied' } },
    null,
    () => false,
  );
  return trouble === null ? image : { ...image, trouble };
}

/** Why the pod that has ended did not promote it, said once; null: it says that it did, or that was said. */
function failureOf(pod: PromotionPod | undefined): string | null {
  const state = pod?.build.state;
  if (state?.phase !== 'finished' || pod?.told === true) return null;
  // We stopped it: the branch was frozen.
  if (state.result === 'success' || state.result === 'aborted') return null;
  // It is told as plain text.
  return `the pod that promotes it ended: ${state.because.replace(/`+/g, '"')}`;
}

/** Its pod has ended just now; when that went well, a registry may not show it yet. */
export function isPodDone({ pod }: LandingPromotion, now: number): boolean {
  const state = pod?.build.state;
  const isNews = state?.phase === 'finished' && state.result !== 'aborted' && pod?.told !== true;
  return isNews && now - state.finishedAt < settlingMs;
}

export function hasActivePod({ pod }: LandingPromotion): boolean {
  return pod !== undefined && isActive(pod);
}

/**
 * Nothing of it runs yet, as it stands in line or its pod waits to be started, maybe anew, and a later landing has got a tag that it
 * would set: nobody else sees that before it is set.
 */
function isOvertaken({ build, images }: PromotionPod, facts: PromoteFacts, landing: PodLanding): boolean {
  const { phase } = build.state;
  if ((phase !== 'wanted' && phase !== 'starting') || facts.pods === null) return false;
  const pod = facts.pods.find(({ name }) => name === build.id);
  if (pod !== undefined && (phase === 'wanted' || pod.phase !== 'pending')) return false;
  const isOwned = (to: string, tag: string): boolean =>
    landing.images.some(({ repository, owned }) => repository === to && owned.includes(tag));
  return images.some(({ to, tags }) => tags.some((tag) => !isOwned(to, tag)));
}

export interface PodGround {
  /** In this pass a pod of another landing was begun. */
  readonly isTaken: boolean;
  /** Why the branch is frozen; null: it is not. */
  readonly frozen: string | null;
}

/**
 * Moves a landing on by a pod instead of the worker's own requests: begun when something of it is not where it belongs and
 * nothing is in its way, one at a time in a line; whether it did what it should is only ever read from the registry.
 */
export function advanceByPod(
  draft: PromoteDraft,
  facts: PromoteFacts,
  landing: PodLanding,
  { isTaken, frozen }: PodGround,
): Pick<LandingPromotion, 'images' | 'pod'> {
  const { pod } = landing;
  if (pod !== undefined && isActive(pod)) {
    const overtaken = isOvertaken(pod, facts, landing) ? 'a later landing has a tag that it would have set' : null;
    const barred = frozen === null ? overtaken : `the branch is frozen: ${frozen}`;
    return { images: landing.images, pod: step(draft, facts, landing, pod, barred) };
  }
  const kept = pod === undefined ? {} : { pod };
  if (frozen !== null) return { images: landing.images, ...kept };
  const images = landing.images.map((image) => withForeign(draft, facts, image));
  const open = images.filter(isOpen);
  const isBlocked = images.some(({ state, trouble }) => state.kind === 'lost' || trouble !== null);
  // Where all is as it should be, how its pod ended is no news any more.
  if (open.length === 0 && !isBlocked && pod?.build.state.phase === 'finished')
    return { images, pod: { ...pod, told: true } };
  if (open.length === 0 || isBlocked) return { images, ...kept };
  const failure = failureOf(pod);
  if (pod !== undefined && failure !== null) {
    const fail = (image: ImagePromotion) => troubleAfter(image.last ?? null, { because: failure }, facts.now);
    const failed = images.map((image) => (isOpen(image) ? { ...image, trouble: fail(image) } : image));
    return { images: failed, pod: { ...pod, told: true } };
  }
  const fresh = begin(facts, landing, open.map(whatToPromote));
  if (isPodDone(landing, facts.now) || !isLineFree(draft, facts, fresh, isTaken)) return { images, ...kept };
  draft.reasons.push(`#${landing.number}: a pod promotes ${open.map(({ name }) => name).join(', ')}`);
  return { images, pod: step(draft, facts, landing, fresh, null) };
}
