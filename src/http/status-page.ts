import { escapeHtml, pageEnd, pageStart } from './log-page.ts';
import type { QueueBoards } from './queue-board.ts';
import { countAlarms, queueSections } from './queue-sections.ts';
import type { StatusLine, StatusLines } from './status-route.ts';

const noQueues: QueueBoards = { shown: [], hidden: 0 };

/** The status as a page: the queues, then one small table per part. Queues null: they could not be read. */
export function statusPage(lines: StatusLines, queues: QueueBoards | null = noQueues): string {
  const parts: StatusLine[][] = [];
  for (const line of lines) {
    if (line.part !== undefined || parts.length === 0) parts.push([]);
    parts.at(-1)?.push(line);
  }
  const alarms = lines.filter((line) => line.alarming).length + countAlarms(queues);
  const verdict = alarms === 0 ? 'everything is as it should be' : `${alarms} to look at`;
  const header = `<strong>Sluice</strong> · <span class="${alarms === 0 ? 'good' : 'bad'}">${verdict}</span>`;
  return `${pageStart('Sluice', header)}<main>${queueSections(queues)}${parts.map(partHtml).join('')}</main>${pageEnd}`;
}

function partHtml(lines: readonly StatusLine[]): string {
  const heading = lines[0]?.part;
  const title = heading === undefined ? '' : `<h2>${escapeHtml(heading)}</h2>`;
  return `${title}<table>${lines.map(rowHtml).join('')}</table>`;
}

function rowHtml({ name, value, note = '', alarming = false }: StatusLine): string {
  const cells = `<th scope="row">${escapeHtml(name)}</th><td class="value">${escapeHtml(String(value))}</td>`;
  return `<tr${alarming ? ' class="bad"' : ''}>${cells}<td class="note">${escapeHtml(note)}</td></tr>\n`;
}
