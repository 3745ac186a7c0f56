import type { Nightly, RedStreak } from '../../model/periodic.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import { cutText, inlineCode, tableCell } from '../text/safe-markdown.ts';
import { writeMark } from './issue-mark.ts';
import { nameOfSchedule } from './nightlies-of.ts';

/** With the mark behind it, less than the forge takes. */
const mostText = 60_000;

/** Where it is told, and what of. */
export interface IssuePlace {
  readonly project: Pick<Project, 'cloneUrl'>;
  readonly branch: string;
}

export interface IssueWords {
  readonly title: string;
  readonly body: string;
}

function dateOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function short(commit: Sha): string {
  return inlineCode(commit.slice(0, 12));
}

/** Both commits by their full names, with what lies between them one click away. */
function range({ project }: IssuePlace, from: Sha, to: Sha): string {
  const page = project.cloneUrl.replace(/\.git$/, '');
  return `[${inlineCode(`${from.slice(0, 12)}...${to.slice(0, 12)}`)}](${page}/compare/${from}...${to})`;
}

function who({ branch }: IssuePlace, { schedule }: Pick<Nightly, 'schedule'>): string {
  return `The periodic run ${inlineCode(nameOfSchedule(schedule))} of ${inlineCode(branch)}`;
}

function runs(count: number): string {
  return count === 1 ? 'once' : `${count} times in a row`;
}

function rows({ last }: RedStreak): string {
  const lines = last.failed.map(
    ({ job, result, because }) => `| ${tableCell(inlineCode(job))} | ${result} | ${tableCell(because)} |`,
  );
  return lines.length === 0 ? '' : `\n\n| job | result | why |\n|---|---|---|\n${lines.join('\n')}`;
}

function sinceGreen(place: IssuePlace, { before, first, last }: RedStreak): string {
  if (before === null) return 'It is not known when it was last green.';
  const since = `Commits since it was last green: ${range(place, before, last.commit)}.`;
  if (before === first.commit)
    return `It was green at the same commit, ${short(before)}: what changed lies outside the branch.`;
  return first.commit === last.commit
    ? since
    : `${since} It first failed with what came in ${range(place, before, first.commit)}.`;
}

function titleOf({ branch }: IssuePlace, { red, jobs }: Pick<Nightly, 'red' | 'jobs'>): string {
  const failed = red?.last.failed.map(({ job }) => job) ?? [];
  const names = failed.length === 0 ? jobs : failed;
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  return `The nightly of ${branch} fails: ${shown.join(', ')}`.slice(0, 200);
}

/** Of one that fails. */
export function redWords(place: IssuePlace, nightly: Nightly, red: RedStreak): IssueWords {
  const { first, last, count } = red;
  const body = [
    `${who(place, nightly)} failed ${runs(count)}, since ${dateOf(first.at)}.${rows(red)}`,
    `The last run was at ${short(last.commit)}, ${dateOf(last.at)}; its check runs and logs are there. ${sinceGreen(place, red)}`,
    'Each further run is told here, and the first that passes closes this issue. Closed by hand, it stays closed until the next failure after a success.',
  ].join('\n\n');
  return { title: titleOf(place, nightly), body: `${cutText(body, mostText)}\n\n${writeMark(nightly)}` };
}

/** Of one that passed again, with the commits since it was green before. */
export function greenWords(place: IssuePlace, nightly: Nightly): IssueWords {
  const { green, recovered: red = null } = nightly;
  const told =
    red === null
      ? ''
      : ` It had failed ${runs(red.count)}, from ${short(red.first.commit)} to ${short(red.last.commit)}.`;
  const since =
    red?.before && green ? ` Commits since it was last green before: ${range(place, red.before, green.commit)}.` : '';
  const at = green === null ? '' : ` at ${short(green.commit)}, ${dateOf(green.at)}`;
  const body = `${who(place, nightly)} is green again${at}.${told}${since}`;
  return { title: titleOf(place, { ...nightly, red }), body: `${cutText(body, mostText)}\n\n${writeMark(nightly)}` };
}

/** Of one that the file does not name any more. */
export function goneWords(place: IssuePlace, nightly: Nightly): IssueWords {
  const body = `${who(place, nightly)} is not in the file of the branch any more: nothing runs, and this issue is closed.`;
  return { title: titleOf(place, nightly), body: `${body}\n\n${writeMark({ ...nightly, red: null })}` };
}
