import type { Job } from '../../model/job.ts';
import type { Sha } from '../../model/sha.ts';
import type { Version, VersionReading } from '../../model/version.ts';
import type { VersionComponent, VersionSettings } from '../../model/version-settings.ts';
import { imagesOf } from '../select-jobs.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { roleOf, rulesOf } from '../version/branch-role.ts';
import { isSameVersion } from '../version/compare-versions.ts';
import { imagesOfComponent } from '../version/component-images.ts';
import { decideRelease, type ReleaseDecision } from '../version/decide-release.ts';
import { type KnownReleases, unlessContradicted, unrecordedBeside } from '../version/known-releases.ts';
import type { PushFacts, Transition } from '../version/push-facts.ts';
import { nameGitTag, nameImages } from './name-images.ts';
import { planRelease } from './plan-releases.ts';
import { afterNeeds, type PlannedJob } from './planned-job.ts';
import { jobsOn } from './push-jobs.ts';

/** A git tag that was set, moved or taken away. */
export interface PushedTag extends KnownReleases {
  readonly tag: string;
  readonly change: 'created' | 'moved' | 'deleted';
  /** The commit, never the object of an annotated tag. */
  readonly commit: Sha;
  readonly tree: Sha;
  /** By the configuration at the commit. */
  readonly jobs: readonly Job[];
  /** Null: the project has no `version:`. */
  readonly settings: VersionSettings | null;
  readonly defaultBranch: string;
  /** Branches that hold the commit. */
  readonly branches: readonly string[];
  /** The version of the component that the tag names, as the commit has it. */
  readonly reading: VersionReading;
  /** What the commit changes against its first parent. */
  readonly changed: Transition['changed'];
  readonly released: readonly Version[];
  readonly initiator: PushFacts['initiator'];
}

/** The component and version that a tag names. */
export interface TagMeaning {
  readonly component: VersionComponent;
  readonly version: Version;
}

interface Verdict {
  readonly decision: 'skip' | 'refuse';
  readonly because: string;
}

/** A tag of a project with versions, read; null: it names none, and is nobody's business. `parse` is that of its scheme. */
export function readTag(
  tag: string,
  settings: VersionSettings,
  parse: (text: string) => Version | string,
): TagMeaning | null {
  const byLength = settings.components
    .map((component) => ({ component, prefix: component.tagPrefix ?? settings.tagPrefix }))
    .sort((one, other) => other.prefix.length - one.prefix.length);
  for (const { component, prefix } of byLength) {
    const version = tag.startsWith(prefix) ? parse(tag.slice(prefix.length)) : '';
    if (typeof version !== 'string') return { component, version };
  }
  return null;
}

function planPlainTag(job: Job, { tag, commit }: PushedTag): PlannedJob {
  const base = { pipeline: 'tag', job: job.name } as const;
  const reason = `the tag ${inlineCode(tag)} was pushed, and the repository has no \`version:\`${afterNeeds(job)}`;
  const images = imagesOf(job);
  if (job.content.template !== 'upload-image')
    return { ...base, decision: 'run', reason, images: images.map(({ name }) => ({ name, tags: [] })) };
  const named = nameImages(images, nameGitTag(tag, commit));
  if (named.kind === 'illegal') return { ...base, decision: 'refuse', reason: named.because, images: [] };
  return { ...base, decision: 'run', reason, images: named.images };
}

/** Release branches that hold the commit first, those whose name fits the version before others; then those of `onTagFrom`. */
function branchFor(pushed: AskingTag, settings: VersionSettings, { numbers }: Version): string | null {
  const releases = pushed.branches.filter(
    (branch) => roleOf(settings, branch, pushed.defaultBranch).kind === 'release',
  );
  const fits = releases.find((branch) => {
    const role = roleOf(settings, branch, pushed.defaultBranch);
    return role.kind === 'release' && role.binds?.every((bound, index) => bound === null || bound === numbers[index]);
  });
  const allowed = pushed.branches.find((branch) => settings.onTagFrom.some((matcher) => matcher.matches(branch)));
  return fits ?? releases[0] ?? allowed ?? null;
}

function whyIgnored(settings: VersionSettings, { tag }: AskingTag, version: Version): string | null {
  if (settings.onTag === 'ignore') return 'tags are ignored here (`onTag: ignore`)';
  if (version.kind === 'dev' || version.kind === 'symbolic') return `${inlineCode(tag)} names no release`;
  if (version.kind === 'pre' && settings.prereleases === 'ignore')
    return `${inlineCode(tag)} names a prerelease, and those are ignored here`;
  return null;
}

function whyNotHeld(reading: VersionReading, { component, version }: TagMeaning, tag: string): string | null {
  if (reading.kind === 'absent') return `tag ${tag} on a commit without ${component.file}`;
  if (reading.kind === 'broken') return `tag ${tag}: ${component.file}:${reading.line}: ${reading.because}`;
  return isSameVersion(reading.version, version) ? null : `tag ${tag} on ${component.file} ${reading.version.raw}`;
}

/** What of a tag decides whether it asks for a release at all. */
export type AskingTag = Pick<PushedTag, 'tag' | 'commit' | 'defaultBranch' | 'branches' | 'reading' | 'records'>;

/** The branch on which a tag asks for a release, null: the one that made it, and the version as it is written; or why it asks for none. */
export function askTag(
  pushed: AskingTag,
  settings: VersionSettings,
  meaning: TagMeaning,
): Verdict | { readonly branch: string | null; readonly written: Version } {
  const { reading, records } = pushed;
  const { version } = meaning;
  const ignored = whyIgnored(settings, pushed, version);
  if (ignored !== null) return { decision: 'skip', because: ignored };
  const known = records.find((record) => isSameVersion(record.version, version))?.version ?? null;
  const mismatch = known !== null ? null : whyNotHeld(reading, meaning, pushed.tag);
  if (mismatch !== null) return { decision: 'refuse', because: mismatch };
  const branch = branchFor(pushed, settings, version);
  if (branch === null && known === null) {
    const because = `${pushed.commit.slice(0, 12)} is on no release branch: push it to one, or name its branch in \`onTagFrom\``;
    return { decision: 'refuse', because };
  }
  // As the record or the file has it: a tag with another `v` is the same release.
  return { branch, written: known ?? (reading.kind === 'version' ? reading.version : version) };
}

function decideTag(pushed: PushedTag, settings: VersionSettings, meaning: TagMeaning): ReleaseDecision | Verdict {
  const { commit, tree, reading, changed, records, released, initiator } = pushed;
  const asked = askTag(pushed, settings, meaning);
  if ('decision' in asked) return asked;
  const { branch, written } = asked;
  const role = branch === null ? ({ kind: 'other' } as const) : roleOf(settings, branch, pushed.defaultBranch);
  const transition = { commit, parent: commit, tree, from: reading, to: reading, changed, since: changed };
  const facts = {
    branch: branch ?? '',
    role,
    change: 'pushed',
    after: commit,
    file: meaning.component.file,
    version: reading,
    delta: changed,
    transitions: { known: true, list: [transition] },
    records,
    released,
    unrecorded: unrecordedBeside(pushed, [meaning.version]),
    initiator,
    settings: rulesOf(settings),
  } as const;
  return unlessContradicted(decideRelease(facts, transition, written, released), pushed);
}

/** Release jobs count as well where the project has versions; those that have images only with one of the component. */
function isConcerned(job: Job, settings: VersionSettings | null, meaning: TagMeaning | null): boolean {
  if (settings === null) return job.pipelines.includes('tag');
  if (!job.pipelines.includes('tag') && !job.pipelines.includes('release')) return false;
  const images = imagesOf(job);
  if (meaning === null || images.length === 0) return true;
  return imagesOfComponent(meaning.component, settings.components, images).length > 0;
}

/** What becomes of the tag and release jobs after a tag was pushed (versions.md §5, row V26). Pure. */
export function planTag(pushed: PushedTag, meaning: TagMeaning | null): readonly PlannedJob[] {
  const { settings, change, tag } = pushed;
  const jobs = pushed.jobs.filter((job) => isConcerned(job, settings, meaning));
  const pipelineOf = (job: Job) => (settings !== null && job.pipelines.includes('release') ? 'release' : 'tag');
  const all = (decision: Verdict['decision'], because: string): readonly PlannedJob[] =>
    jobs.map((job) => ({
      pipeline: pipelineOf(job),
      job: job.name,
      decision,
      reason: `V26: ${because}`,
      images: [],
    }));
  if (change === 'deleted') return all('skip', `the tag ${inlineCode(tag)} was deleted: what is published stays`);
  if (settings === null) return jobsOn(pushed.jobs, 'tag').map((job) => planPlainTag(job, pushed));
  if (meaning === null) return all('skip', `${inlineCode(tag)} is no version, so that it is ignored`);
  const decided = decideTag(pushed, settings, meaning);
  if ('decision' in decided) return all(decided.decision, decided.because);
  const branch = branchFor(pushed, settings, meaning.version) ?? pushed.defaultBranch;
  const plan = { decided: { ...decided, row: `V26, ${decided.row}` }, settings, branch };
  return jobs.map((job) =>
    planRelease(job, pipelineOf(job), { ...plan, component: meaning.component, released: pushed.released }),
  );
}
