import { definitionDigest } from '../../model/build.ts';
import type { CheckStatus } from '../../model/check-run.ts';
import type { ImagePromotion, LandingPromotion, Rebuild } from '../../model/promotion.ts';
import type { Digest, Sha } from '../../model/sha.ts';
import { escapeMarkdown, inlineCode } from '../text/safe-markdown.ts';
import type { PromoteDraft } from './draft.ts';
import type { PromoteFacts } from './facts.ts';
import { whyNotRebuilt } from './rebuild.ts';
import { triesAgainAt } from './trouble.ts';

const checkName = 'sluice/promote';

/** Finds the check run on a landed commit again. */
export function promoteCheckId(subject: string, commit: Sha): string {
  return `sluice-promote-${definitionDigest([subject, commit])}/1`;
}

function hourOf(at: number): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`;
}

function wordsOf({ state, trouble, repository, tags }: ImagePromotion, frozen: string | null): string {
  if (state.kind === 'promoted') return 'published';
  if (state.kind === 'lost') return 'was lost';
  if (tags.length === 0) return 'is not published';
  if (state.kind === 'superseded') return 'a newer image is published already';
  if (frozen !== null) return 'waits: the branch is frozen';
  const host = repository.split('/')[0] ?? repository;
  if (trouble?.refused) return `refused since ${hourOf(trouble.since)}: ${escapeMarkdown(trouble.because)}`;
  if (trouble !== null) return `waits for ${inlineCode(host)} since ${hourOf(trouble.since)}`;
  return state.kind === 'copied' ? 'its tags are being set' : 'is being copied';
}

function row(image: ImagePromotion, frozen: string | null): string {
  const { name, target, repository, digest, owned } = image;
  const what = target === null ? inlineCode(name) : `${inlineCode(name)} (${inlineCode(target)})`;
  const tags = owned.length === 0 ? '–' : owned.map((tag) => inlineCode(`${repository}:${tag}`)).join('<br>');
  return `| ${what} | ${inlineCode(digest)} | ${tags} | ${wordsOf(image, frozen)} |`;
}

function waits(images: readonly ImagePromotion[], frozen: string | null): readonly string[] {
  if (frozen !== null) return [`The branch is frozen and publishes nothing: ${escapeMarkdown(frozen)}.`];
  return images.flatMap(({ name, trouble }) =>
    trouble === null
      ? []
      : [
          `${inlineCode(name)} ${trouble.refused ? 'is refused' : 'waits'} since ${hourOf(trouble.since)}: ${escapeMarkdown(trouble.because)}. Tried ${trouble.tries === 1 ? 'once' : `${trouble.tries} times`}; again at ${hourOf(triesAgainAt(trouble))}, or at once by \`/promote\` on the pull request.`,
        ],
  );
}

function stateOf(
  { images, doneAt, number }: LandingPromotion,
  { rebuild, tested }: Beside,
): { readonly state: CheckStatus; readonly title: string } {
  if (doneAt === null) {
    if (rebuild !== null) return { state: { status: 'in_progress' }, title: titleOf(rebuild) };
    return { state: { status: 'in_progress' }, title: stuckTitle(images) };
  }
  if (images.every(({ tags }) => tags.length === 0))
    return {
      state: { status: 'completed', conclusion: 'skipped' },
      title: 'Nothing is published of it: sluice/version says why',
    };
  if (images.every(({ state }) => state.kind === 'superseded'))
    return { state: { status: 'completed', conclusion: 'neutral' }, title: 'A newer image is published already' };
  const count = images.length === 1 ? '1 image' : `${images.length} images`;
  const again = images.filter(({ digest }) => !tested.includes(digest)).length;
  const some = again === images.length ? '' : `${again} of them `;
  const gated = again === 0 ? 'as the gate tested them' : `${some}built again at this commit`;
  const how = number === 0 ? 'as built after the push' : gated;
  return {
    state: { status: 'completed', conclusion: 'success' },
    title: `${count} published, ${how}`,
  };
}

function stuckTitle(images: readonly ImagePromotion[]): string {
  const stuck = images.flatMap(({ trouble }) => trouble ?? []);
  if (stuck.length === 0) return 'Publishing what the gate built';
  const refused = stuck.filter((trouble) => trouble.refused).length;
  if (refused === 0) return `${stuck.length} of ${images.length} images wait`;
  const waiting = refused === stuck.length ? '' : `, ${stuck.length - refused} wait`;
  return `${refused} of ${images.length} images refused${waiting}`;
}

function titleOf(rebuild: Rebuild): string {
  if (rebuild.waits !== undefined) return 'Built at this commit, and not yet whole';
  return whyNotRebuilt(rebuild) === null ? 'Building it at this commit' : 'It could not be built at this commit';
}

/** What is built again, and how far that is. */
function rebuilding(rebuild: Rebuild | null): readonly string[] {
  if (rebuild === null) return [];
  const failed = whyNotRebuilt(rebuild);
  const why = `It is built again: ${escapeMarkdown(rebuild.because)}.`;
  if (rebuild.waits !== undefined)
    return [
      why,
      `Everything is built, and the index over its platforms could not be written: ${escapeMarkdown(rebuild.waits)}. It is tried again.`,
    ];
  if (failed === null) return [why];
  return [why, `${escapeMarkdown(failed)}. \`/promote\` on the pull request tries again.`];
}

/** What a registry does not take away: it spoils nothing, and somebody may want to (images.md §3.4). */
function leftovers(draft: PromoteDraft, { sequence }: LandingPromotion): readonly string[] {
  return draft.record.uploads.flatMap(({ repository, tag, kept, sequence: of }) =>
    kept === undefined || of !== sequence
      ? []
      : [
          `Warning: ${inlineCode(`${repository}:${tag}`)}, under which it waited, could not be taken away: ${escapeMarkdown(kept)}. Nothing depends on it; it may be deleted by hand, by its tag.`,
        ],
  );
}

/** Why a tag of it is not set though nothing newer landed here. */
function later({ passed }: Beside): readonly string[] {
  return [...passed].map(
    ([key, branch]) =>
      `${inlineCode(key)} stays with ${inlineCode(branch)}, which is of a later version: of release branches that name one tag the latest has it.`,
  );
}

interface Beside {
  /** Why the branch is frozen; null: it is not. */
  readonly frozen: string | null;
  readonly rebuild: Rebuild | null;
  /** What the gate uploaded and tested of this landing. */
  readonly tested: readonly Digest[];
  /** Tags of it that a branch of a later version has, each with that branch. */
  readonly passed: ReadonlyMap<string, string>;
}

/** What people see on the landed commit: image → digest → tags, what waits for what since when, and what is left over (commands.md §6). */
export function reportPromotion(
  draft: PromoteDraft,
  facts: PromoteFacts,
  landing: LandingPromotion,
  beside: Beside,
): void {
  const { frozen, rebuild } = beside;
  const externalId = promoteCheckId(facts.subject, landing.commit);
  const left = leftovers(draft, landing);
  // Once more after its end, where something is found out only then; the same again is one report.
  if (facts.told.has(externalId) && left.length === 0) return;
  const rows = landing.images.map((image) => row(image, frozen));
  const lines = landing.doneAt === null ? [...waits(landing.images, frozen), ...rebuilding(rebuild)] : [];
  const table = rows.length === 0 ? '' : `| image | digest | tags | state |\n|---|---|---|---|\n${rows.join('\n')}`;
  draft.effects.push({
    kind: 'report',
    report: {
      commit: landing.commit,
      name: checkName,
      externalId,
      ...stateOf(landing, beside),
      summary: [
        landing.number === 0 ? 'Built after it was pushed.' : `Landed as #${landing.number}.`,
        ...[...lines, ...later(beside), ...left].map((line) => `* ${line}`),
        table,
      ].join('\n\n'),
      text: '',
      annotations: [],
      actions: [],
      detailsUrl: null,
      startedAt: landing.landedAt,
      completedAt: landing.doneAt,
    },
  });
}
