import { definitionDigest } from '../../model/build.ts';
import type { CheckRunReport, Conclusion } from '../../model/check-run.ts';
import type { ChangedFiles } from '../../model/matcher.ts';
import type { Sha } from '../../model/sha.ts';
import type { VersionReading } from '../../model/version.ts';
import type { VersionComponent, VersionSettings } from '../../model/version-settings.ts';
import { cutText, inlineCode } from '../text/safe-markdown.ts';
import { roleOf, rulesOf } from '../version/branch-role.ts';
import { isSameVersion } from '../version/compare-versions.ts';
import { changesOf } from '../version/component-images.ts';
import { decidePush, type PushDecision } from '../version/decide-push.ts';
import { type KnownReleases, unlessContradicted, unrecordedBeside, versionsIn } from '../version/known-releases.ts';
import type { Transition } from '../version/push-facts.ts';
import { forecastPush, reportPush } from './report-push.ts';

/** A merge that has not happened: what the branch would become, of one component. */
export interface MergeForecast {
  readonly branch: string;
  readonly defaultBranch: string;
  readonly settings: VersionSettings;
  readonly component: VersionComponent;
  readonly base: Sha;
  /** Of the merged tree. */
  readonly tree: Sha;
  /** The version's file before and after. */
  readonly from: VersionReading;
  readonly to: VersionReading;
  /** Between the two trees. */
  readonly changed: ChangedFiles;
  readonly known: KnownReleases;
  /** Why who would bring it there may not release; null: may, or nobody can tell beforehand. */
  readonly whyNot: string | null;
}

function isSame(one: VersionReading, other: VersionReading): boolean {
  if (one.kind === 'version' && other.kind === 'version') return isSameVersion(one.version, other.version);
  return one.kind === other.kind;
}

/** Merged or squashed a change is one step of its branch; rebased, its last commit has the same version. */
export function stepOf({
  base,
  tree,
  from,
  to,
  component,
  changed,
}: Omit<MergeForecast, 'known' | 'whyNot'>): readonly Transition[] {
  if (isSame(from, to)) return [];
  const since = { known: true, paths: [] } as const;
  return [{ commit: tree, parent: base, tree, from, to, changed: changesOf(component, changed), since }];
}

/** As if the merge had been pushed (versions.md V23). */
export function decideMerge(merge: MergeForecast): PushDecision {
  const { branch, defaultBranch, settings, component, tree, to, changed, known, whyNot } = merge;
  const list = stepOf(merge);
  const decided = decidePush({
    branch,
    role: roleOf(settings, branch, defaultBranch),
    change: 'pushed',
    after: tree,
    file: component.file,
    version: to,
    delta: changesOf(component, changed),
    transitions: { known: true, list },
    records: known.records,
    released: known.records.map(({ version }) => version),
    unrecorded: unrecordedBeside(known, versionsIn(list)),
    initiator: { whyNot },
    settings: rulesOf(settings),
  });
  return { ...decided, releases: decided.releases.map((each) => unlessContradicted(each, known)) };
}

/** Of one component, for people; `isKnown`: who would bring it there was asked about. */
export function forecastWords(
  { component, settings }: MergeForecast,
  decision: PushDecision,
  isKnown: boolean,
): string {
  const { initiators } = settings.release;
  const releases = decision.releases.some(({ kind }) => kind === 'build') && initiators !== null && !isKnown;
  const name = component.name === null ? '' : `${component.name}: `;
  const held = releases ? ` Held unless one of ${initiators.join(', ')} lands it.` : '';
  return `${name}${forecastPush(decision)}${held}`;
}

/** What is told of a pull request's head, of all components. */
export interface Forecast {
  readonly subject: string;
  readonly head: Sha;
  readonly baseRef: string;
  readonly base: Sha;
  readonly tree: Sha;
  readonly told: readonly { readonly words: string; readonly decision: PushDecision }[];
  /** The project only tries us out. */
  readonly shadow: boolean;
}

/** Finds what was said of one head merged onto one tip of its base branch. */
export function forecastId({
  subject,
  head,
  baseRef,
  tree,
}: Pick<Forecast, 'subject' | 'head' | 'baseRef' | 'tree'>): string {
  return `sluice-version-${definitionDigest([subject, head, baseRef, tree])}/1`;
}

/**
 * The check run `sluice/version` of a pull request's head (versions.md §8): what merging would do, and red for what would fail
 * there. It keeps nothing from being merged unless the branch requires it.
 */
export function reportForecast(forecast: Forecast): CheckRunReport {
  const { head, baseRef, base, told, shadow } = forecast;
  const fails = told.some(({ decision }) => reportPush(decision, []).state === 'failure');
  const conclusion: Conclusion = fails && !shadow ? 'failure' : 'neutral';
  const words = told.map((each) => each.words);
  const warnings = told.flatMap(({ decision }) => decision.warnings.map((warning) => `\n* ${warning}.`));
  const onto = `Merged onto ${inlineCode(baseRef)} as it was at ${inlineCode(base.slice(0, 12))}`;
  return {
    commit: head,
    name: 'sluice/version',
    externalId: forecastId(forecast),
    state: { status: 'completed', conclusion },
    title: words.join(' ').slice(0, 240),
    summary: cutText(`${onto}:\n${words.map((each) => `\n* ${each}`).join('')}${warnings.join('')}`),
    text: '',
    annotations: [],
    actions: [],
    detailsUrl: null,
    startedAt: null,
    completedAt: null,
  };
}
