import { printable } from '../config/problems/finding.ts';
import type { JobView, QueuedView, QueueView } from './queue-view.ts';
import { formatSpan, formatTable } from './table.ts';

const longestTitle = 40;
const mostJobs = 4;

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`;
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

function ago(at: number, now: number): string {
  return `${formatSpan(now - at)} ago`;
}

/** Since when it is frozen, by whom and why; empty: it is not. */
export function describeFreeze({ frozen, wish }: Pick<QueueView, 'frozen' | 'wish'>, now: number): string {
  if (frozen !== null) {
    const end = wish?.kind === 'thawed' ? `; ${wish.by ?? 'somebody'} thaws it` : '';
    return `${ago(frozen.at, now)} by ${frozen.by ?? 'Sluice'}: ${frozen.because}${end}`;
  }
  return wish?.kind === 'frozen' ? `asked for by ${wish.by ?? 'somebody'}, not in its ledger yet` : '';
}

/** What is being landed; empty: nothing. */
export function describeLanding({ landing }: Pick<QueueView, 'landing'>, now: number): string {
  if (landing === null) return '';
  return `#${landing.number} as ${landing.commit.slice(0, 12)}, since ${formatSpan(now - landing.since)}`;
}

function describeJobs(jobs: readonly JobView[]): string {
  const shown = jobs.slice(0, mostJobs).map(({ job, state, required }) => `${job}${required ? '' : '?'} ${state}`);
  const rest = jobs.length - shown.length;
  return [...shown, ...(rest > 0 ? [`${rest} more`] : [])].join(', ') || '–';
}

function testedOn({ testedWith }: Pick<QueuedView, 'testedWith'>, branch: string): string {
  if (testedWith === null) return '–';
  return [branch, ...testedWith.map((number) => `#${number}`)].join(' + ');
}

function besideLines({ besides }: QueuedView, branch: string): readonly string[] {
  return besides.map((each) => `besides on ${testedOn(each, branch)}: ${each.state}`);
}

function headOf(queue: QueueView, now: number): string {
  const { repository, branch, tip, window, items, red, short, closed } = queue;
  const size = window === 0 ? 'window not known yet' : `window ${window}`;
  const freeze = describeFreeze(queue, now);
  const landing = describeLanding(queue, now);
  const lines = [
    `${repository} ${branch}: ${counted(items.length, 'change')} in the queue, ${size}`,
    ...(freeze === '' ? [] : [`frozen ${freeze}`]),
    ...(red === null ? [] : [`red since ${ago(red.since, now)}: ${red.job} fails on ${red.tip.slice(0, 12)} itself`]),
    ...(closed === null ? [] : [closed]),
    ...(short === null ? [] : [short.says]),
    ...(landing === '' ? [] : [`landing ${landing}`]),
    '',
    `${branch} ${tip?.slice(0, 12) ?? '(not read yet)'}`,
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

interface Branching {
  readonly queued: readonly QueuedView[];
  readonly heads: readonly string[];
  readonly toRow: (queued: QueuedView) => readonly string[];
  readonly branch: string;
}

/** One line for each change, with what it waits for beneath it. */
function drawChanges({ queued, heads, toRow, branch }: Branching): string {
  const [head = '', ...rows] = formatTable(heads, queued.map(toRow)).trimEnd().split('\n');
  const lines = rows.flatMap((row, index) => {
    const isLast = index === queued.length - 1;
    const change = queued[index];
    const eta = change?.eta ?? null;
    const points = [
      ...(change ? besideLines(change, branch) : []),
      ...(change?.missing ?? []),
      ...(eta === null ? [] : [eta]),
    ].map((point) => `${isLast ? ' ' : '│'}       · ${printable(point)}`);
    return [`${isLast ? '└─' : '├─'} ${row}`, ...points];
  });
  return `${[`│  ${head}`, ...lines].join('\n')}\n`;
}

/** The queue as a picture for the terminal: what is ahead of what, and who is not in it yet. */
export function drawQueue(queue: QueueView, now: number): string {
  const { items, asked, branch } = queue;
  const named = ({ number, title, head }: QueuedView) => [`#${number}`, cut(title, longestTitle), head.slice(0, 12)];
  const inIt: Branching = {
    branch,
    queued: items,
    heads: ['place', 'change', 'title', 'head', 'tested on', 'jobs', 'stands'],
    toRow: (item) => [String(item.place), ...named(item), testedOn(item, branch), describeJobs(item.jobs), item.stands],
  };
  const notYet: Branching = {
    branch,
    queued: asked,
    heads: ['change', 'title', 'head', 'asked for by', 'since'],
    toRow: (change) => [...named(change), change.askedBy, ago(change.askedAt, now)],
  };
  const first = items.length === 0 ? '└─ nothing is queued\n' : drawChanges(inIt);
  const second = asked.length === 0 ? '' : `\nasked for, not in the queue yet\n${drawChanges(notYet)}`;
  return `${headOf(queue, now)}${first}${second}`;
}
