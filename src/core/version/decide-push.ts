import type { ChangedFiles } from '../../model/matcher.ts';
import type { Sha } from '../../model/sha.ts';
import type { Version } from '../../model/version.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { compareVersions, isSameVersion } from './compare-versions.ts';
import { decideRelease, type ReleaseDecision } from './decide-release.ts';
import type { PushFacts, Transition } from './push-facts.ts';

/** More transitions in one push are a mistake (versions.md §3). */
const mostTransitions = 50;

/** What becomes of the dev images of a push. */
export interface DevDecision {
  /** `none`: this branch has none; `cancel`: what is queued for it ends. */
  readonly kind: 'build' | 'skip' | 'none' | 'cancel' | 'failed';
  /** Whose tags they get; null: none are made. */
  readonly version: Version | null;
  readonly because: string;
}

/** What a push does (versions.md §2). */
export interface PushDecision {
  /** The row that decided, as `V7`. */
  readonly row: string;
  readonly dev: DevDecision;
  /** Oldest first: one is made after the other. */
  readonly releases: readonly ReleaseDecision[];
  /** Releases wait until something can be read again; null: they do not. */
  readonly waits: string | null;
  readonly warnings: readonly string[];
  /** A release branch that is to be cut, and where; null: none. */
  readonly cut: { readonly version: Version; readonly at: Sha } | null;
}

function decision(row: string, dev: DevDecision, more: Partial<PushDecision> = {}): PushDecision {
  return { row, dev, releases: [], waits: null, warnings: [], cut: null, ...more };
}

function dev(kind: DevDecision['kind'], because: string, version: Version | null = null): DevDecision {
  return { kind, because, version: kind === 'build' ? version : null };
}

function isOnlySkipped(delta: ChangedFiles, { settings }: PushFacts): boolean {
  return delta.known && delta.paths.every((path) => settings.isSkipped(path));
}

function skipWords(delta: ChangedFiles, { file }: PushFacts): string {
  if (delta.known && delta.paths.length === 0) return 'nothing changed';
  const isFile = delta.known && delta.paths.every((path) => path === file);
  return isFile ? `only ${file} changed, no dev images` : 'only files of `dev.skipIfOnly` changed, no dev images';
}

function buildWords(delta: ChangedFiles): string {
  return delta.known
    ? 'dev images of what changed'
    : `dev images, as what changed could not be found out (${delta.because})`;
}

/** What went back from a released version stays released (V9), and says so. */
function warningsOf({ records, leaves = [] }: PushFacts, transitions: readonly Transition[]): readonly string[] {
  const left = leaves.map(({ raw }) => `${raw} stays released, though its commit is not on the branch any more`);
  const lowered = transitions.flatMap(({ from, to }) => {
    if (from.kind !== 'version' || to.kind !== 'version' || compareVersions(to.version, from.version) >= 0) return [];
    const record = records.find(({ version }) => isSameVersion(version, from.version));
    return record ? [`${record.version.raw} stays released`] : [];
  });
  return [...left, ...lowered];
}

function onMain(facts: PushFacts, version: Version, transitions: readonly Transition[]): PushDecision {
  const { delta, file } = facts;
  const cut = facts.settings.cutBranch && facts.role.kind === 'main' ? cutOf(transitions) : null;
  if (delta.known && delta.paths.length === 0) return decision('V5', dev('skip', skipWords(delta, facts)), { cut });
  if (isOnlySkipped(delta, facts)) return decision('V6', dev('skip', skipWords(delta, facts)), { cut });
  const row = delta.known && delta.paths.includes(file) ? 'V8' : 'V7';
  return decision(row, dev('build', buildWords(delta), version), { cut });
}

/** V21, V22: the version that main leaves behind gets a branch where it was last. */
function cutOf(transitions: readonly Transition[]): PushDecision['cut'] {
  const last = transitions.findLast(({ from, to }) => {
    if (from.kind !== 'version' || to.kind !== 'version' || from.version.kind !== 'dev') return false;
    const isOver = from.version.numbers.slice(0, 2).join('.') !== to.version.numbers.slice(0, 2).join('.');
    return to.version.kind === 'final' || (to.version.kind === 'dev' && isOver);
  });
  return last?.from.kind === 'version' ? { version: last.from.version, at: last.parent } : null;
}

interface Releasable {
  readonly transition: Transition;
  readonly version: Version;
}

function releasableIn({ settings }: PushFacts, transitions: readonly Transition[]): readonly Releasable[] {
  return transitions.flatMap((transition) => {
    const { to } = transition;
    if (to.kind !== 'version') return [];
    const counts = to.version.kind === 'final' || (to.version.kind === 'pre' && settings.prereleases === 'build');
    return counts ? [{ transition, version: to.version }] : [];
  });
}

/**
 * One after the other, each judged again when it is its turn (V19): what only one before it in the same push would pass by waits
 * for what becomes of that one, as nothing goes backwards that is not released (V14).
 */
function decideAll(facts: PushFacts, found: readonly Releasable[]): readonly ReleaseDecision[] {
  const before: Version[] = [];
  return found.map(({ transition, version }) => {
    const decided = decideRelease(facts, transition, version, facts.released);
    if (decided.kind === 'failed') return decided;
    const higher = before.findLast((each) => decideRelease(facts, transition, version, [each]).kind === 'failed');
    before.push(version);
    if (higher === undefined) return decided;
    const because = `${higher.raw} of the same push comes first, and ${version.raw} is not above it`;
    return { ...decided, row: 'V14', kind: 'held', because };
  });
}

function onRelease(facts: PushFacts, version: Version, transitions: readonly Transition[]): PushDecision {
  const { role, delta } = facts;
  const makesDev = role.kind === 'release' && role.makesDev;
  const warnings = warningsOf(facts, transitions);
  const none = dev('none', 'no dev images are made of this branch');
  const found = releasableIn(facts, transitions);
  const last = found.at(-1);
  if (last === undefined) {
    if (isOnlySkipped(delta, facts)) return decision('V9', dev('skip', skipWords(delta, facts)), { warnings });
    return decision('V10', makesDev ? dev('build', buildWords(delta), version) : none, { warnings });
  }
  const releases = decideAll(facts, found);
  const { since } = last.transition;
  const isBuilt = makesDev && version.kind === 'dev' && !isOnlySkipped(since, facts);
  const rest = makesDev ? dev('skip', 'what changed is in the release') : none;
  const row = found.some((each) => each.version.kind === 'final') ? 'V11' : 'V18';
  return decision(row, isBuilt ? dev('build', buildWords(since), version) : rest, { releases, warnings });
}

/** A branch that was just cut: its commit was built where it comes from; a version that nobody released is asked about (§5). */
function onCut(facts: PushFacts, version: Version): PushDecision {
  const { role, settings, records, unrecorded = [], after } = facts;
  const none = dev('none', 'the branch was just cut: its commit was built where it comes from');
  // Cut from an old release's tag, it is not released again, whether or not a ledger knows of it.
  const isKnown =
    records.some((record) => isSameVersion(record.version, version)) ||
    unrecorded.some((each) => each.commit === after && isSameVersion(each.version, version));
  if (role.kind !== 'release' || version.kind !== 'final' || isKnown) return decision('V24', none);
  const how = settings.onBranchCreatedWithFinal;
  if (how === 'ignore') return decision('V24', none);
  const because =
    how === 'hold'
      ? `${version.raw} is unreleased on the new branch: release it?`
      : `release ${version.raw} from ${after.slice(0, 12)}, which the new branch begins with`;
  const release: ReleaseDecision = {
    row: 'V24',
    version,
    commit: after,
    kind: how === 'hold' ? 'held' : 'build',
    because,
  };
  return decision('V24', none, { releases: [release] });
}

function versionOf({ version, settings, file }: PushFacts): Version | PushDecision {
  if (version.kind === 'version') return version.version;
  if (version.kind === 'broken') return decision('V3', dev('failed', `${file}:${version.line}: ${version.because}`));
  if (settings.fallback !== null) return settings.fallback;
  return decision(
    'V4',
    dev('failed', `${inlineCode(file)} is not there: write a version into it, or set \`dev.fallback\``),
  );
}

/** The first row of versions.md §2 that fits, with all that comes of it. Pure; the same facts give the same decision. */
export function decidePush(facts: PushFacts): PushDecision {
  const { change, role, transitions } = facts;
  if (change === 'deleted') return decision('V1', dev('cancel', 'the branch was deleted'));
  if (role.kind === 'other') return decision('V2', dev('none', 'no images are made of this branch'));
  const version = versionOf(facts);
  if ('row' in version) return version;
  if (change === 'cut') return onCut(facts, version);
  if (!transitions.known) {
    const plain = role.kind === 'release' ? onRelease(facts, version, []) : onMain(facts, version, []);
    const waits =
      role.kind === 'release' ? `whether it releases anything is not known yet: ${transitions.because}` : null;
    return { ...plain, waits };
  }
  if (transitions.list.length > mostTransitions)
    return decision('V11', dev('failed', `too many releases: ${transitions.list.length} versions in one push`));
  return role.kind === 'release'
    ? onRelease(facts, version, transitions.list)
    : onMain(facts, version, transitions.list);
}
