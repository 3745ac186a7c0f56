import { escapeLine } from './log-page.ts';
import type { BoardChange, BoardState, QueueBoard } from './queue-board.ts';

const box = { width: 120, height: 46 };
const gap = 28;
const rowTop = { chain: 26, beside: 104 };
const rowHeight = box.height + 10;
/** Of one change, besides what it is thought to stand on; the table names all of them. */
const mostBesides = 3;
/** More would be too small to read; the table names all of them. */
const mostDrawn = 7;

/** Of each state, as the page names it. */
export const boardWords: Readonly<Record<BoardState, string>> = {
  waiting: 'waits',
  testing: 'being tested',
  passed: 'passed',
  landing: 'landing',
  failed: 'failed',
  held: 'held',
};

interface Drawn {
  readonly change: BoardChange;
  /** Whether others stand on it: what failed, is held or has no candidate is stepped over. */
  readonly inChain: boolean;
  readonly column: number;
}

function isInChain({ state }: BoardChange): boolean {
  return state === 'testing' || state === 'passed' || state === 'landing';
}

function leftOf(column: number): number {
  return 2 + column * (box.width + gap);
}

function topOf({ inChain }: Pick<Drawn, 'inChain'>): number {
  return inChain ? rowTop.chain : rowTop.beside;
}

function cut(text: string): string {
  return text.length <= 15 ? text : `…${text.slice(-14).toWellFormed()}`;
}

function boxSvg(column: number, top: number, state: string, lines: readonly [string, string], tooltip: string): string {
  const left = leftOf(column);
  const middle = left + box.width / 2;
  return [
    `<g class="q-${state}"><title>${escapeLine(tooltip)}</title>`,
    `<rect x="${left}" y="${top}" width="${box.width}" height="${box.height}" rx="6"/>`,
    `<text class="b" x="${middle}" y="${top + 19}">${escapeLine(cut(lines[0]))}</text>`,
    `<text x="${middle}" y="${top + 37}">${escapeLine(cut(lines[1]))}</text></g>`,
  ].join('');
}

/** From a candidate to what it was made on; around boxes that are between and that it does not stand on. */
function arrowSvg({ change, column }: Drawn, drawn: readonly Drawn[]): string {
  const on = change.testedOn?.at(-1);
  const target = drawn.find((other) => other.inChain && other.column < column && other.change.name === on)?.column ?? 0;
  const isAcross = drawn.some((other) => other.inChain && other.column > target && other.column < column);
  const from = leftOf(column);
  const to = leftOf(target) + box.width + 2;
  const y = rowTop.chain + box.height / 2;
  if (!isAcross) return `<path marker-end="url(#q-arrow)" d="M${from} ${y}H${to + 6}"/>`;
  return `<path marker-end="url(#q-arrow)" d="M${from + 20} ${rowTop.chain}C${from} 0 ${to} 0 ${to - 20} ${rowTop.chain - 5}"/>`;
}

function rowsBeneath({ change, inChain }: Drawn): number {
  return Math.min(change.besides.length, mostBesides) + (inChain ? 0 : 1);
}

/** Beneath a change: its other candidates, each with what it stands on. */
function besideBoxes({ change, column, inChain }: Drawn): readonly string[] {
  return change.besides.slice(0, mostBesides).map(({ testedOn, state }, index) => {
    const row = index + (inChain ? 0 : 1);
    const on = testedOn.join(' + ');
    const tooltip = `${change.name} besides on ${on}: ${boardWords[state]}`;
    const lines = [`on ${testedOn.slice(-1).join('')}`, boardWords[state]] as const;
    return boxSvg(column, rowTop.beside + row * rowHeight, `${state} q-besides`, lines, tooltip);
  });
}

function isOneChain(branch: string, drawn: readonly Drawn[]): boolean {
  const names = [branch, ...drawn.filter(({ inChain }) => inChain).map(({ change }) => change.name)];
  return drawn
    .filter(({ inChain }) => inChain)
    .every(({ change }, index) => change.testedOn === null || change.testedOn.at(-1) === names[index]);
}

function describe({ repository, branch }: QueueBoard, drawn: readonly Drawn[], more: number): string {
  const named = (inChain: boolean): string =>
    drawn
      .filter((each) => each.inChain === inChain)
      .map(({ change }) => `${change.name} ${boardWords[change.state]}`)
      .join(', ');
  const chain = named(true);
  const beside = named(false);
  const order = isOneChain(branch, drawn) ? 'each on the one before' : 'each on what the table names';
  const first = chain === '' ? 'nothing is tested on it' : `${chain}, ${order}`;
  const rest = more === 0 ? '' : `; ${more} more`;
  return `The queue of ${repository}: ${branch}, then ${first}${beside === '' ? '' : `; beside it ${beside}`}${rest}`;
}

function drawnOf({ items }: QueueBoard): readonly Drawn[] {
  return items.slice(0, mostDrawn).map((change, index) => ({ change, inChain: isInChain(change), column: index + 1 }));
}

/** The queue as a picture: the branch's tip, what stands on it and on each other, and beneath, what is stepped over. */
export function queuePicture(board: QueueBoard): string {
  const drawn = drawnOf(board);
  const more = board.items.length - drawn.length;
  const rows = Math.max(...drawn.map(rowsBeneath), 0);
  const height = (rows === 0 ? rowTop.chain : rowTop.beside + (rows - 1) * rowHeight) + box.height + 4;
  const width = leftOf(drawn.length + 1) + (more === 0 ? -gap + 2 : 60);
  const label = describe(board, drawn, more);
  const tip: readonly [string, string] = [board.branch, board.tip?.slice(0, 12) ?? 'not read yet'];
  const boxes = drawn.map((each) => {
    const { change, column } = each;
    const tooltip = `${change.name} ${change.title}: ${change.stands}`;
    return boxSvg(column, topOf(each), change.state, [change.name, boardWords[change.state]], tooltip);
  });
  const arrows = drawn.filter(({ inChain }) => inChain).map((each) => arrowSvg(each, drawn));
  const rest = `<text class="note" x="${leftOf(drawn.length + 1) + 24}" y="${rowTop.chain + 28}">+${more}</text>`;
  return [
    `<div class="picture"><svg role="img" aria-label="${escapeLine(label)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escapeLine(label)}</title>`,
    ...arrows,
    boxSvg(0, rowTop.chain, 'tip', tip, `the tip of ${board.branch}`),
    ...boxes,
    ...drawn.flatMap(besideBoxes),
    more === 0 ? '' : rest,
    '</svg></div>',
  ].join('');
}

/** The arrow's head, which all pictures of a page share. */
export const pictureMarks =
  '<svg width="0" height="0" aria-hidden="true"><defs><marker id="q-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="q-head" d="M0 0L8 4L0 8z"/></marker></defs></svg>';
