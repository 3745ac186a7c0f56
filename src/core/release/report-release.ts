import { definitionDigest } from '../../model/build.ts';
import type { CheckAction, CheckRunReport, CheckStatus, ObservedCheckRun } from '../../model/check-run.ts';
import type { ReleasedImage } from '../../model/release.ts';
import type { ReleaseRun } from '../../model/release-run.ts';
import type { Sha } from '../../model/sha.ts';
import { type JobPlace, reportJob } from '../presubmit/report-job.ts';
import { requestOf } from '../push/own-checks.ts';
import { answered } from '../push/press-answers.ts';
import { tellAll } from '../push/report-run.ts';
import { cutText, escapeMarkdown, inlineCode } from '../text/safe-markdown.ts';
import type { ReleaseDraft, ReleaseFacts, ToldRelease } from './facts.ts';
import { releaseCheckName } from './release-check.ts';

/** Finds the check run of a release again; those of one release and commit differ in their last number. */
export function releaseCheckId(
  subject: string,
  { wish, revision }: { readonly wish: Pick<ReleaseRun['wish'], 'commit'>; readonly revision: number },
): string {
  return `${checkIdBase(subject, wish.commit)}${revision}`;
}

function checkIdBase(subject: string, commit: Sha): string {
  return `sluice-release-${definitionDigest([subject, commit])}/`;
}

const asked = /^Asked for by @(\S+) \((user|bot) (\d+)\)\.$/m;

/** Who asked for it and may, so that a lost state is found again from our own check run (design.md §5). */
function askedBy({ wish, pressedBy, stage, run }: ReleaseRun): string {
  const by = pressedBy ?? wish.by;
  // Of what was not let through nobody must be able to make more than it is.
  const isLetThrough = stage.kind === 'building' || 'images' in stage || (stage.kind === 'failed' && run !== null);
  return by === null || !isLetThrough ? '' : `Asked for by @${by.login} (${by.kind} ${by.id}).`;
}

/** The newest check run of a release among these on its commit; null: there is none. */
export function newestCheck(subject: string, commit: Sha, runs: readonly ObservedCheckRun[]): ToldRelease | null {
  const base = checkIdBase(subject, commit);
  const own = runs.filter(({ externalId }) => externalId.startsWith(base));
  const numbered = own.map((run) => ({ run, revision: Number(run.externalId.slice(base.length)) }));
  const newest = numbered.sort((one, other) => other.revision - one.revision)[0];
  if (newest === undefined) return null;
  const { revision, run } = newest;
  const [, login, kind, id] = asked.exec(run.text) ?? [];
  const by = login === undefined ? null : ({ login, kind: kind === 'bot' ? 'bot' : 'user', id: Number(id) } as const);
  return { revision, by, state: run.state, title: run.title };
}

function countOf(images: readonly ReleasedImage[]): string {
  const platforms = new Set(images.flatMap((image) => image.platforms)).size;
  const count = images.length === 1 ? '1 image' : `${images.length} images`;
  return platforms < 2 ? count : `${count}, ${platforms} platforms`;
}

interface Words {
  readonly state: CheckStatus;
  readonly title: string;
}

const running: CheckStatus = { status: 'in_progress' };

function wordsOf(record: ReleaseRun): Words {
  const { stage, wish, shadow, trouble } = record;
  const row = record.row === '' ? '' : `${record.row}: `;
  const from = `${wish.version} from ${wish.commit.slice(0, 12)}`;
  switch (stage.kind) {
    case 'planned':
      return { state: running, title: trouble === null ? `Release ${from}` : 'It could not be judged yet' };
    case 'held':
      return stage.hasButton
        ? { state: { status: 'completed', conclusion: 'action_required' }, title: `${row}${stage.because}` }
        : { state: { status: 'queued' }, title: `Held: ${stage.because}` };
    case 'building':
      return { state: running, title: `${row}release ${from}` };
    case 'built':
    case 'publishing':
      return { state: running, title: trouble === null ? `Publishing ${from}` : `${from} waits for a registry` };
    case 'published':
      return shadow
        ? { state: { status: 'completed', conclusion: 'neutral' }, title: `${from} was built and not published` }
        : {
            state: { status: 'completed', conclusion: 'success' },
            title: `${row}released ${from} (${countOf(stage.images)})`,
          };
    case 'failed':
      return { state: { status: 'completed', conclusion: 'failure' }, title: `${row}${stage.because}` };
  }
}

function rowOf({ name, target, repository, digest, tags, moving }: ReleasedImage): string {
  const what = target === null ? inlineCode(name) : `${inlineCode(name)} (${inlineCode(target)})`;
  const all = [...tags, ...moving].map((tag) => inlineCode(`${repository}:${tag}`)).join('<br>');
  return `| ${what} | ${inlineCode(digest)} | ${all} |`;
}

/** What may be done, said once more under the title. */
function helpOf({ stage, wish, trouble }: ReleaseRun): readonly string[] {
  if (trouble !== null) return [`${escapeMarkdown(trouble.because)}. It is tried again by itself.`];
  if (stage.kind === 'failed')
    return ['"Re-run" tries again from where it stopped; nothing that was set is overwritten.'];
  if (stage.kind !== 'held') return [];
  if (stage.hasButton) return [`Whoever may release presses "Release ${escapeMarkdown(wish.version)}".`];
  return ['It goes on by itself once that has changed.'];
}

/** What is proposed next: the number of our own pull request stays a link, all else is anybody's words. */
function nextOf({ next }: ReleaseRun): readonly string[] {
  const ended = next?.ended;
  if (!ended) return [];
  return [`${ended.kind === 'there' ? ended.because : escapeMarkdown(ended.because)}.`];
}

function bodyOf(record: ReleaseRun): string {
  const { stage, refusals, pressedBy, wish } = record;
  const images = 'images' in stage ? stage.images : [];
  const table = images.length === 0 ? [] : ['| image | digest | tags |', '|---|---|---|', ...images.map(rowOf)];
  const asked = pressedBy === null ? [] : [`@${pressedBy.login} released it by the button.`];
  const tagged = wish.tag === null ? [] : [`The tag ${inlineCode(wish.tag)} asked for it.`];
  const lines = [...helpOf(record), ...tagged, ...asked, ...nextOf(record), ...refusals.map(escapeMarkdown)];
  return [...lines.map((line) => `* ${line}`), table.join('\n')].filter((part) => part !== '').join('\n\n');
}

function actionsOf({ stage, wish }: ReleaseRun): readonly CheckAction[] {
  if (stage.kind !== 'held' || !stage.hasButton) return [];
  const label = `Release ${wish.version}`;
  return [
    {
      identifier: 'release',
      label: label.length > 20 ? 'Release it' : label,
      description: 'Build and publish this version',
    },
  ];
}

function reportOf(facts: ReleaseFacts, record: ReleaseRun): CheckRunReport {
  const { state, title } = wordsOf(record);
  const isOver = state.status === 'completed';
  const summary = bodyOf(record);
  return {
    commit: record.wish.commit,
    name: releaseCheckName(record.wish),
    externalId: releaseCheckId(facts.subject, record),
    state: isOver && record.shadow ? { status: 'completed', conclusion: 'neutral' } : state,
    title: title.slice(0, 240),
    summary: cutText(summary === '' ? `${title}.` : summary),
    text: askedBy(record),
    annotations: [],
    actions: actionsOf(record),
    detailsUrl: null,
    startedAt: record.at,
    completedAt: isOver ? (record.endedAt ?? facts.now) : null,
  };
}

/** What is to end now: of its own commit and revision only once it is known that nothing of it is built again. */
function orphansOf({ orphans = [], wish, run, stage, revision }: ReleaseRun): readonly CheckRunReport[] {
  const isKnown = run === null && stage.kind !== 'planned';
  return orphans.filter(
    ({ commit, externalId }) => commit !== wish.commit || isKnown || requestOf(externalId) < revision,
  );
}

/** As a check run ends that its release does not go on with. */
function givenUp<Report extends Omit<CheckRunReport, 'annotations' | 'actions' | 'detailsUrl'>>(
  report: Report,
  because: string,
  now: number,
): CheckRunReport {
  return {
    ...report,
    state: { status: 'completed', conclusion: 'cancelled' },
    title: because,
    summary: `${because}.`,
    text: '',
    annotations: [],
    actions: [],
    detailsUrl: null,
    completedAt: now,
  };
}

/** What of a release was not told to its end, as it ends when another commit takes its place. */
export function replacedBy(facts: ReleaseFacts, record: ReleaseRun, commit: Sha): readonly CheckRunReport[] {
  return endedBy(facts, record, `${record.wish.version} is asked for from ${commit.slice(0, 12)} since`);
}

/**
 * The same for any reason: what stands open ends for that, and what has ended and was not told yet is told as it ended, though it
 * was lost once and begun before: it is no orphan of what goes on with it.
 */
export function endedBy(facts: ReleaseFacts, record: ReleaseRun, because: string): readonly CheckRunReport[] {
  const { orphans = [] } = record;
  const all = reportsOfRelease(facts, { ...record, orphans: [] });
  const own = new Set(all.map(({ externalId }) => externalId));
  const left = all.filter(({ externalId }) => !facts.told.has(externalId));
  const end = (report: CheckRunReport): CheckRunReport =>
    report.state.status === 'completed' ? report : givenUp(report, because, facts.now);
  return [...orphans.filter(({ externalId }) => !own.has(externalId)), ...left.map(end)];
}

/** Ends that are to be told, with those of `more` for which there is none yet: how something ended is not forgotten as the forge still shows it open. */
export function withEnds(known: readonly CheckRunReport[], more: readonly CheckRunReport[]): readonly CheckRunReport[] {
  return [...known, ...more.filter(({ externalId }) => known.every((each) => each.externalId !== externalId))];
}

/** As a check run of it or of one of its jobs ends that was begun before all was lost. */
export function lostJob(
  { id: _, ...run }: ObservedCheckRun,
  now: number,
  because = 'What was begun here was lost',
): CheckRunReport {
  return givenUp(run, because, now);
}

/** Every check run of a release: its own, and one for each job (commands.md §6). */
export function reportsOfRelease(facts: ReleaseFacts, record: ReleaseRun): readonly CheckRunReport[] {
  const { wish, run } = record;
  const place: JobPlace = {
    subject: facts.subject,
    head: wish.commit,
    entry: 'push',
    shadow: record.shadow,
    retired: null,
  };
  const jobs = (run?.jobs ?? []).map((job) => answered(run ?? {}, { ...reportJob(job, place, facts), actions: [] }));
  // Over only once its own tags are gone: until then it is not known to be all.
  const isOpen = record.stage.kind === 'published' && record.endedAt === null;
  const own = isOpen ? jobs : [reportOf(facts, record), ...jobs];
  return [...own, ...orphansOf(record).filter((lost) => own.every(({ externalId }) => externalId !== lost.externalId))];
}

/** The same, not ended yet. */
function open(report: CheckRunReport): CheckRunReport {
  return report.state.status === 'completed' ? { ...report, state: running, completedAt: null } : report;
}

/**
 * Says how it stands; true once the forge has the end of all of it. Its own check run ends last: by that one it is found again
 * after a loss, with whatever else of it stands open.
 */
export function tellRelease(draft: ReleaseDraft, facts: ReleaseFacts, record: ReleaseRun): boolean {
  const { told, presses } = facts;
  const own = releaseCheckId(facts.subject, record);
  const reports = reportsOfRelease(facts, record);
  const isRest = reports.every(({ externalId }) => externalId === own || told.has(externalId));
  const untold = reports.filter(({ externalId }) => !told.has(externalId));
  // What somebody pressed in vain is said after its end.
  const again = presses.length === 0 ? [] : reports.filter(({ externalId }) => externalId === own && told.has(own));
  tellAll(draft, [...untold.map((each) => (each.externalId === own && !isRest ? open(each) : each)), ...again]);
  return record.endedAt !== null && untold.length + again.length === 0;
}
