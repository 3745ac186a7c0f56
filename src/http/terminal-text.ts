/** The colours and weights that a log line may set; everything else a terminal understands is dropped. */
export interface TextStyle {
  /** SGR foreground 30–37 or 90–97; null: the default. */
  readonly colour: number | null;
  readonly bold: boolean;
}

export interface StyledText {
  readonly style: TextStyle;
  readonly text: string;
}

export const plainStyle: TextStyle = { colour: null, bold: false };

// In this order: colours; other control sequences; operating system commands (titles, links); strings; single escapes;
// control characters but newline and tab; marks that turn the writing direction. None reaches over the end of a line,
// so that nothing can swallow the lines that follow.
const control =
  /\x1b\[([0-9;:]{0,64})m|\x1b\[[0-?]*[ -/]*[@-~]?|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[PX^_k][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]?|[\0-\x08\x0b-\x1f\x7f-\x9f]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Splits terminal output into styled pieces, going on from the style that earlier output left. */
export function parseTerminalText(
  text: string,
  start: TextStyle,
): { readonly pieces: readonly StyledText[]; readonly style: TextStyle } {
  const pieces: StyledText[] = [];
  let style = start;
  let from = 0;
  const lines = text.replace(/\r\n?/g, '\n');
  for (const match of lines.matchAll(control)) {
    push(pieces, style, lines.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[1] !== undefined) style = applyColours(style, match[1]);
    else if (match[0] > '\u2000') push(pieces, style, '\ufffd');
  }
  push(pieces, style, lines.slice(from));
  return { pieces, style };
}

function push(pieces: StyledText[], style: TextStyle, text: string): void {
  if (text !== '') pieces.push({ style, text });
}

function applyColours(style: TextStyle, parameters: string): TextStyle {
  const codes = parameters.split(/[;:]/).map(Number);
  // Extended colours carry operands that would read as other codes.
  const extended = codes.findIndex((code) => code === 38 || code === 48);
  return (extended === -1 ? codes : codes.slice(0, extended)).reduce(applyColour, style);
}

function applyColour(style: TextStyle, code: number): TextStyle {
  if (code === 0) return plainStyle;
  if (code === 1) return { ...style, bold: true };
  if (code === 22) return { ...style, bold: false };
  if (code === 39) return { ...style, colour: null };
  return (code >= 30 && code <= 37) || (code >= 90 && code <= 97) ? { ...style, colour: code } : style;
}
