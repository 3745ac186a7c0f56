import { createHash } from 'node:crypto';
import { parseTerminalText, plainStyle, type StyledText, type TextStyle } from './terminal-text.ts';

const palette = ['#6e7681', '#ff7b72', '#7ee787', '#e3b341', '#79c0ff', '#d2a8ff', '#76e3ea', '#c9d1d9'];

const style = [
  ':root{color-scheme:dark}body{margin:0;background:#0d1117;color:#e6edf3;font:13px/1.5 ui-monospace,Menlo,Consolas,monospace}',
  'header,footer{padding:.8em 1.2em;background:#161b22;font-family:system-ui,sans-serif}',
  'main>*{max-width:60em}main{padding:0 1.2em 2em;font:15px/1.5 system-ui,sans-serif}h2{margin:1.6em 0 .4em;font-size:1em;color:#8b949e}',
  'table{border-collapse:collapse;width:100%}tr{border-top:1px solid #21262d}th,td{padding:.4em .6em .4em 0;text-align:left;vertical-align:top}',
  'th{font-weight:400;width:40%}.value{font-weight:600;width:25%;font-variant-numeric:tabular-nums}.note{color:#8b949e}.good{color:#7ee787}.bad,.bad .note{color:#ff7b72}',
  '.queue{max-width:96em;margin:0 0 2em}.queue td .note{white-space:nowrap}.queue td ul.note,.queue td .eta{white-space:normal}.queue p{margin:.2em 0}.queue th,.queue td{width:auto;padding-right:1.2em}.queue th{color:#8b949e}.queue ul{margin:0;padding-left:1.1em}.queue td{overflow-wrap:anywhere}.queue td:first-child,.queue td:nth-child(3){overflow-wrap:normal}',
  '.picture{overflow-x:auto;margin:.6em 0}svg{display:block}svg text{fill:currentColor;text-anchor:middle;font:13px system-ui,sans-serif}svg text.b{font-weight:700}svg rect{fill:#161b22;stroke:currentColor;stroke-width:2}svg path{fill:none;stroke:#8b949e;stroke-width:2}svg .q-head{fill:#8b949e;stroke:none}',
  '.q-tip{color:#e6edf3}.q-waiting{color:#8b949e}.q-testing{color:#e3b341}.q-passed{color:#7ee787}.q-landing{color:#79c0ff}.q-failed{color:#ff7b72}.q-held{color:#d2a8ff}.q-waiting rect,.q-failed rect,.q-held rect{stroke-dasharray:5 4}.q-besides rect{stroke-width:1;stroke-dasharray:2 3}',
  'a{color:#79c0ff}pre{margin:0;padding:1em 1.2em;white-space:pre-wrap;overflow-wrap:anywhere}.b{font-weight:700}',
  ...palette.map((colour, index) => `.c${30 + index},.c${90 + index}{color:${colour}}`),
].join('\n');

const styleHash = createHash('sha256').update(style).digest('base64');

/** Headers of every page: no script at all, no foreign content, no frame, nothing cached or passed on as referrer. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** Text as it may stand between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Text of others as it may stand in one line of a page: nothing in it steers, turns or breaks what is around it. */
export function escapeLine(text: string): string {
  return escapeHtml(toPlainText(text).replace(/\s+/g, ' '));
}

/** A page up to where its content begins. */
export function pageStart(title: string, headerHtml: string): string {
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${style}</style></head>\n<body><header>${headerHtml}</header>`;
}

export const pageEnd = '</body></html>\n';

/** Converts log text to HTML piece by piece; the colour at the end of one piece goes on in the next. */
export function startHtmlConversion(): (text: string) => string {
  let current: TextStyle = plainStyle;
  return (text) => {
    const parsed = parseTerminalText(text, current);
    current = parsed.style;
    return parsed.pieces.map(toHtml).join('');
  };
}

/** Log text as it is safe in a terminal: no colours, no control characters but newline and tab. */
export function toPlainText(text: string): string {
  return parseTerminalText(text, plainStyle).pieces.reduce((all, piece) => all + piece.text, '');
}

function toHtml({ style: { colour, bold }, text }: StyledText): string {
  const classes = [...(colour === null ? [] : [`c${colour}`]), ...(bold ? ['b'] : [])];
  const html = escapeHtml(text);
  return classes.length === 0 ? html : `<span class="${classes.join(' ')}">${html}</span>`;
}
