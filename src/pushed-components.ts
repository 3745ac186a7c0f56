import type { LocalClone } from './adapters/git/local-clone.ts';
import type { LocalRefs } from './adapters/git/local-history.ts';
import { readPush } from './adapters/git/read-push.ts';
import type { PushWish } from './cli/deps.ts';
import type { PushedComponent } from './core/postsubmit/plan-push.ts';
import { proposalsOf } from './core/push/propose-next.ts';
import { roleOf, rulesOf, whyNotRelease } from './core/version/branch-role.ts';
import { isSameVersion } from './core/version/compare-versions.ts';
import { changesOf } from './core/version/component-images.ts';
import { decidePush, type PushDecision } from './core/version/decide-push.ts';
import type { ReleaseDecision } from './core/version/decide-release.ts';
import { unlessContradicted, unrecordedBeside, versionsIn } from './core/version/known-releases.ts';
import { nextDev } from './core/version/next-dev.ts';
import type { PushFacts } from './core/version/push-facts.ts';
import { readTransitions } from './core/version/read-transitions.ts';
import { knownReleases, type ReleasesHere } from './known-releases.ts';
import type { Project } from './model/project.ts';
import type { Sha } from './model/sha.ts';
import type { VersionComponent, VersionSettings } from './model/version-settings.ts';

/** A push to a branch, with the commit that it is judged against. */
export interface BranchPush {
  readonly clone: LocalClone;
  readonly wish: PushWish;
  readonly project: Project;
  readonly branch: string;
  readonly change: PushFacts['change'];
  readonly before: Sha;
  readonly after: Sha;
  /** Why the commit before says nothing; null: it does. */
  readonly groundless: string | null;
  /** Of before the push. */
  readonly refs: LocalRefs;
  /** `version:` as it was before the push, which nobody grants themselves anything by; null: there was none. */
  readonly granting: VersionSettings | null;
}

type Reading = Pick<PushFacts, 'version' | 'delta' | 'transitions'>;

async function readComponent(
  push: BranchPush,
  settings: VersionSettings,
  component: VersionComponent,
): Promise<Reading> {
  const { clone, before, after, groundless } = push;
  const read = await readPush(clone.objects, groundless === null ? before : after, after, component.file);
  const { version, delta, transitions } = readTransitions(read, settings.scheme);
  if (groundless !== null) {
    const unknown = { known: false, because: groundless } as const;
    return { version, delta: unknown, transitions: unknown };
  }
  if (!transitions.known) return { version, delta: changesOf(component, delta), transitions };
  const list = transitions.list.map((each) => ({ ...each, since: changesOf(component, each.since) }));
  return { version, delta: changesOf(component, delta), transitions: { known: true, list } };
}

/** Says of what git does not know that it was assumed. */
export function withAssumptions(
  decided: ReleaseDecision,
  settings: VersionSettings,
  { pushedBy }: PushWish,
  { presumed }: ReleasesHere,
): ReleaseDecision {
  const { initiators } = settings.release;
  const because = [decided.because];
  if (decided.kind === 'build' && initiators !== null && pushedBy.length === 0)
    because.push(`if it was pushed by one of ${initiators.join(', ')} (--pushed-by says who), and held otherwise`);
  if (presumed && ['V12', 'V13', 'V14'].includes(decided.row))
    because.push('as tags and branches here show (--released says otherwise)');
  return { ...decided, because: because.join(', ') };
}

function whyNotInitiator({ wish, granting }: BranchPush, settings: VersionSettings): string | null {
  if (wish.pushedBy.length === 0) return null;
  return (granting && whyNotRelease(granting, wish.pushedBy)) ?? whyNotRelease(settings, wish.pushedBy);
}

async function pushedComponent(
  push: BranchPush,
  settings: VersionSettings,
  component: VersionComponent,
): Promise<PushedComponent> {
  const { clone, wish, project, branch, change, after, refs } = push;
  const { defaultBranch } = project;
  const reading = await readComponent(push, settings, component);
  const list = reading.transitions.known ? reading.transitions.list : [];
  const pushed = new Set(list.map(({ commit }) => commit));
  const known = await knownReleases(clone, { settings, component, defaultBranch, refs, pushed }, wish.released);
  const facts: PushFacts = {
    branch,
    role: roleOf(settings, branch, defaultBranch),
    change,
    after,
    file: component.file,
    ...reading,
    records: known.records,
    released: known.records.map(({ version }) => version),
    unrecorded: unrecordedBeside(known, versionsIn(list)),
    initiator: { whyNot: whyNotInitiator(push, settings) },
    settings: rulesOf(settings),
  };
  const decided = decidePush(facts);
  const judged = decided.releases.map((each) => unlessContradicted(each, known));
  const releases = judged.map((each) => withAssumptions(each, settings, wish, known));
  return { component, facts, decision: { ...decided, releases } };
}

/** What the push does to each component of the project. */
export async function pushedComponents(
  push: BranchPush,
  settings: VersionSettings,
): Promise<readonly PushedComponent[]> {
  const all: PushedComponent[] = [];
  for (const component of settings.components) all.push(await pushedComponent(push, settings, component));
  return all;
}

/** The next dev versions that come of it (`version.automation.nextDev`), one sentence each. */
export function raisesOf(settings: VersionSettings, components: readonly PushedComponent[]): readonly string[] {
  const forMain = proposalsOf(settings, components).map(({ base, version }) => {
    return `A pull request is to propose ${version} for ${base}.`;
  });
  const released = components.flatMap(({ facts, decision: { releases } }) => {
    const made = releases.findLast(({ kind }) => kind === 'build' || kind === 'confirm')?.version;
    const isLast = made !== undefined && facts.version.kind === 'version' && isSameVersion(made, facts.version.version);
    const next = isLast && settings.automation.nextDev ? nextDev(made, settings.scheme, 'patch') : null;
    return next === null ? [] : [`Once ${made?.raw} is released, a pull request is to propose ${next}.`];
  });
  return [...forMain, ...released];
}

/** What people should know besides, one sentence each. */
export function notesOf({ warnings, cut, row }: PushDecision): readonly string[] {
  const branch = cut === null ? '' : `a release branch for ${cut.version.raw} is to be cut at ${cut.at}`;
  return [...warnings.map((warning) => `${row}: ${warning}.`), ...(cut === null ? [] : [`${row}: ${branch}.`])];
}
