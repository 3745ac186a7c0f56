/** Takes text in pieces and gives it back with every secret replaced, even one that is torn over pieces (intake A24). */
export interface Masker {
  push(text: string): string;
  /** What was held back; nothing may be pushed afterwards. */
  flush(): string;
}

const shortest = 8;

function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64');
  const forms = [
    secret,
    secret.trim(),
    base64,
    base64.replace(/=+$/, ''),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
  ];
  for (const line of secret.split('\n')) if (line.trim().length >= shortest) forms.push(line.trim());
  return forms.filter((form) => form.length >= shortest);
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Every place of every form, overlapping ones joined: what two secrets share shows neither. */
function findSpans(text: string, forms: readonly string[]): Span[] {
  const found: Span[] = [];
  for (const form of forms) {
    for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
      found.push({ from: at, to: at + form.length });
  }
  found.sort((a, b) => a.from - b.from || b.to - a.to);
  const joined: Span[] = [];
  for (const span of found) {
    const last = joined.at(-1);
    if (!last || span.from >= last.to) joined.push(span);
    else if (span.to > last.to) joined[joined.length - 1] = { from: last.from, to: span.to };
  }
  return joined;
}

function maskSpans(text: string, spans: readonly Span[]): string {
  let masked = '';
  let at = 0;
  for (const { from, to } of spans) {
    masked += `${text.slice(at, from)}***`;
    at = to;
  }
  return masked + text.slice(at);
}

/** Secrets shorter than 8 characters are refused: masking them would show where they stand. */
export function createMasker(secrets: readonly string[]): Masker {
  const weak = secrets.find((secret) => secret.trim().length < shortest);
  if (weak !== undefined)
    throw new RangeError(
      `a secret of ${weak.trim().length} characters cannot be masked: it needs at least ${shortest}`,
    );
  const forms = [...new Set(secrets.flatMap(formsOf))];
  const window = forms.reduce((longest, form) => Math.max(longest, form.length), 0) * 2;
  let held = '';
  return {
    push(text) {
      held += text;
      const spans = findSpans(held, forms);
      const end = Math.max(0, held.length - window);
      // A span over the end may still grow: it is held as a whole, unless it is endless.
      const over = spans.find((span) => span.from < end && span.to > end);
      const cut = over ? (held.length > window * 64 ? over.to : over.from) : end;
      const ready = maskSpans(
        held.slice(0, cut),
        spans.filter((span) => span.to <= cut),
      );
      held = held.slice(cut);
      return ready;
    },
    flush() {
      const rest = maskSpans(held, findSpans(held, forms));
      held = '';
      return rest;
    },
  };
}
