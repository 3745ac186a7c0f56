import { escapeHtml, escapeLine } from './log-page.ts';
import type { BoardChange, QueueBoard, QueueBoards } from './queue-board.ts';
import { boardWords, pictureMarks, queuePicture } from './queue-picture.ts';

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

/** Anything but a plain address of the web, or of a log here, stays text. */
function link(url: string | null, words: string): string {
  const isWeb = url !== null && /^(?:https?:\/\/|\/logs\/)[!-~]*$/.test(url);
  return isWeb ? `<a href="${escapeHtml(url)}">${escapeLine(words)}</a>` : escapeLine(words);
}

function changeCell({ name, title, author, url }: BoardChange): string {
  const checks = url === null ? '' : ` · ${link(`${url}/checks`, 'checks')}`;
  return `<td>${link(url, name)} ${escapeLine(title)}<br><span class="note">by ${escapeLine(author)}${checks}</span></td>`;
}

function jobsCell({ jobs }: BoardChange): string {
  const lines = jobs.map(({ name, state, required, log }) => {
    const words = `${name}${required ? '' : ' (optional)'}: ${state}`;
    return `<li>${escapeLine(words)}${log === null ? '' : ` · ${link(log, 'log')}`}</li>`;
  });
  return `<td>${lines.length === 0 ? '–' : `<ul>${lines.join('')}</ul>`}</td>`;
}

function standsCell({ state, stands, eta, missing }: BoardChange): string {
  const points = missing.map((point) => `<li>${escapeLine(point)}</li>`).join('');
  const lands = eta === null ? '' : `<br><span class="note eta">${escapeLine(eta)}</span>`;
  return `<td><span class="q-${state}">${escapeLine(stands)}</span>${lands}${points === '' ? '' : `<ul class="note">${points}</ul>`}</td>`;
}

function testedCell({ testedOn, besides }: BoardChange): string {
  const named = (names: readonly string[]): string => names.map(escapeLine).join(' + ');
  const lines = besides.map((each) => `<li>besides on ${named(each.testedOn)}: ${boardWords[each.state]}</li>`);
  return `<td>${testedOn === null ? '–' : named(testedOn)}${lines.length === 0 ? '' : `<ul class="note">${lines.join('')}</ul>`}</td>`;
}

function itemRow(change: BoardChange, place: string): string {
  const cells = [changeCell(change), `<td>${escapeLine(change.lane)}</td>`, standsCell(change), testedCell(change)];
  return `<tr><td>${place}</td>${cells.join('')}${jobsCell(change)}</tr>\n`;
}

function table(board: QueueBoard): string {
  const heads = ['place', 'change', 'lane', 'stands', 'tested on', 'jobs'];
  const head = heads.map((name) => `<th scope="col">${name}</th>`).join('');
  const items = board.items.map((item, index) => itemRow(item, String(index + 1)));
  const between =
    board.asked.length === 0
      ? ''
      : `<tr><td colspan="${heads.length}" class="note">asked for, not in the queue yet</td></tr>\n`;
  const asked = board.asked.map((change) => itemRow(change, '–'));
  if (items.length + asked.length === 0) return '<p class="note">Nothing is queued.</p>';
  return `<table>${`<tr>${head}</tr>\n`}${items.join('')}${between}${asked.join('')}</table>`;
}

function sectionHtml(board: QueueBoard): string {
  const { repository, branch, window, items, alarms, landing, short } = board;
  const size = window === 0 ? '' : `, up to ${window} tested at once`;
  const lines = [
    ...alarms.map((alarm) => `<p class="bad">${escapeLine(alarm)}</p>`),
    ...(short === null ? [] : [`<p class="q-held">${escapeLine(short)}</p>`]),
    ...(landing === null ? [] : [`<p class="q-landing">${escapeLine(landing)}</p>`]),
  ];
  return [
    `<section class="queue"><h2>${escapeLine(repository)} · ${escapeLine(branch)}</h2>`,
    `<p class="note">${counted(items.length, 'change')} in the queue${size}</p>`,
    ...lines,
    queuePicture(board),
    table(board),
    '</section>',
  ].join('');
}

/** One section for each queue; null: they could not be read in time. Empty: there is none. */
export function queueSections(boards: QueueBoards | null): string {
  if (boards === null)
    return '<section class="queue"><h2>Queues</h2><p class="bad">could not be read now</p></section>';
  const { shown, hidden } = boards;
  const rest = `<p class="note">${counted(hidden, 'queue')} of private repositories not shown: this page asks nobody who they are. <code>sluice queue</code> shows all of them.</p>`;
  const marks = shown.length === 0 ? '' : pictureMarks;
  return `${marks}${shown.map(sectionHtml).join('')}${hidden === 0 ? '' : rest}`;
}

/** How many of these things somebody should look at. */
export function countAlarms(boards: QueueBoards | null): number {
  return boards === null ? 1 : boards.shown.reduce((count, { alarms }) => count + alarms.length, 0);
}
