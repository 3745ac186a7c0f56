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

/** Secrets shorter than 8 characters are refused: masking them would show where they stand. */
export function createMasker(secrets: readonly string[]): Masker {
  const weak = secrets.find((secret) => secret.length < shortest);
  if (weak !== undefined)
    throw new RangeError(`a secret of ${weak.length} characters cannot be masked: it needs at least ${shortest}`);
  const forms = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  const window = forms.reduce((longest, form) => Math.max(longest, form.length), 1) * 2;
  let held = '';
  const mask = (text: string): string => forms.reduce((masked, form) => masked.replaceAll(form, '***'), text);
  return {
    push(text) {
      held = mask(held + text);
      const ready = held.slice(0, Math.max(0, held.length - window));
      held = held.slice(ready.length);
      return ready;
    },
    flush() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}
