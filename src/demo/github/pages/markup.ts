/** HTML that is safe to send; only `html` and `join` make it. */
export interface Html {
  readonly html: string;
}

/** A template whose values are escaped unless they are Html themselves. */
export function html(parts: TemplateStringsArray, ...values: readonly (Html | string | number)[]): Html {
  const text = parts.map((part, index) => part + (index < values.length ? safe(values[index] ?? '') : '')).join('');
  return { html: text };
}

export function join(pieces: readonly Html[]): Html {
  return { html: pieces.map((piece) => piece.html).join('\n') };
}

function safe(value: Html | string | number): string {
  return typeof value === 'object' ? value.html : escapeText(String(value));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** A small, safe part of Markdown: headings, lists, tables, fenced code, `code`, **bold**, links to http(s). */
export function markdown(text: string): Html {
  // Comments of HTML are not shown, as on GitHub; what is left is escaped as ever.
  const visible = text.replaceAll('\r\n', '\n').replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '');
  return join(blocksOf(visible.split('\n')).map(block));
}

// Blocks end at an empty line, fenced ones at their fence (or at the end of the text).
function blocksOf(lines: readonly string[]): string[] {
  const blocks: string[][] = [[]];
  let fenced = false;
  for (const line of lines) {
    const fence = line.startsWith('```');
    if ((fence && !fenced) || (line.trim() === '' && !fenced)) blocks.push([]);
    blocks.at(-1)?.push(line);
    if (fence && fenced) blocks.push([]);
    fenced = fence ? !fenced : fenced;
  }
  return blocks.map((block) => block.join('\n')).filter((block) => block.trim() !== '');
}

function block(text: string): Html {
  const lines = text.trim().split('\n');
  const first = lines[0] ?? '';
  const heading = /^#{1,6} +(.*)$/.exec(first);
  if (first.startsWith('```')) return html`<pre>${lines.filter((line) => !line.startsWith('```')).join('\n')}</pre>`;
  if (heading)
    return join([
      html`<h4>${inline(heading[1] ?? '')}</h4>`,
      ...(lines.length > 1 ? [block(lines.slice(1).join('\n'))] : []),
    ]);
  if (lines.every((line) => /^\s*[-*] /.test(line))) {
    return html`<ul>${join(lines.map((line) => html`<li>${inline(line.replace(/^\s*[-*] /, ''))}</li>`))}</ul>`;
  }
  if (lines.length > 1 && /^\|?[\s:|-]+\|[\s:|-]*$/.test(lines[1] ?? '')) return table(lines);
  return html`<p>${join(lines.map(inline))}</p>`;
}

function table(lines: readonly string[]): Html {
  const cells = (line: string): string[] =>
    line
      .replace(/^\s*\||\|\s*$/g, '')
      .split('|')
      .map((cell) => cell.trim());
  const [head = '', , ...rows] = lines;
  const row = (line: string): Html => html`<tr>${join(cells(line).map((cell) => html`<td>${inline(cell)}</td>`))}</tr>`;
  const titles = join(cells(head).map((cell) => html`<th>${inline(cell)}</th>`));
  return html`<table><tr>${titles}</tr>${join(rows.map(row))}</table>`;
}

// Works on escaped text: what it adds is all the markup there is.
function inline(text: string): Html {
  const marked = escapeText(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<b>$1</b>')
    .replace(/\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/g, '<a rel="nofollow" href="$2">$1</a>');
  return { html: marked };
}
