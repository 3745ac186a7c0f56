/** Values by name; one that only the builder knows says why. */
export type Values = ReadonlyMap<string, string | Unknown>;

export interface Unknown {
  readonly unknown: string;
}

/** What a word comes to; unknown: with the reason, which also stands for what Docker refuses. */
export type Expanded =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'unknown'; readonly because: string };

/** What is longer, or nested deeper, is no name of an image: values that hold each other grow without bounds. */
const longest = 4096;
const deepest = 32;

class NotKnown extends Error {}

/** Expands a word of a FROM or ARG as Docker's shell lexer does: quotes, escapes, `$X`, `${X}` and its modifiers. An unset name is empty. */
export function expandWord(word: string, values: Values, escapeSign: string): Expanded {
  try {
    return { kind: 'text', text: new Reader(word, values, escapeSign).readTo(null) };
  } catch (cause) {
    if (!(cause instanceof NotKnown)) throw cause;
    return { kind: 'unknown', because: cause.message };
  }
}

class Reader {
  #at = 0;
  #depth = 0;
  readonly #word: string;
  readonly #values: Values;
  readonly #escapeSign: string;

  constructor(word: string, values: Values, escapeSign: string) {
    this.#word = word;
    this.#values = values;
    this.#escapeSign = escapeSign;
  }

  /** Up to the sign, which is passed; null: up to the end. */
  readTo(stop: string | null): string {
    let text = '';
    while (this.#at < this.#word.length) {
      const sign = this.#next();
      if (sign === stop) return text;
      if (sign === "'") text += this.#single();
      else if (sign === '"') text += this.#double();
      else if (sign === '$') text += this.#dollar();
      else text += sign === this.#escapeSign ? this.#next() : sign;
      if (text.length > longest) throw new NotKnown(`it comes to more than ${longest} characters`);
    }
    if (stop !== null) throw new NotKnown('it is written with a `${` that has no end');
    return text;
  }

  #next(): string {
    const sign = this.#word[this.#at] ?? '';
    this.#at += 1;
    return sign;
  }

  #single(): string {
    const end = this.#word.indexOf("'", this.#at);
    if (end < 0) throw new NotKnown('it is written with a quote that has no end');
    const text = this.#word.slice(this.#at, end);
    this.#at = end + 1;
    return text;
  }

  #double(): string {
    let text = '';
    while (this.#at < this.#word.length) {
      const sign = this.#next();
      if (sign === '"') return text;
      if (sign === '$') text += this.#dollar();
      else if (sign !== this.#escapeSign) text += sign;
      else {
        const escaped = this.#next();
        text += ['"', '$', this.#escapeSign].includes(escaped) ? escaped : `${sign}${escaped}`;
      }
      if (text.length > longest) throw new NotKnown(`it comes to more than ${longest} characters`);
    }
    throw new NotKnown('it is written with a quote that has no end');
  }

  #dollar(): string {
    const braced = this.#word[this.#at] === '{';
    if (braced) this.#at += 1;
    const name = this.#name();
    if (!braced) return name === '' ? '$' : this.#value(name);
    if (name === '') throw new NotKnown('it is written with a `${` that names nothing');
    return this.#modified(name);
  }

  #name(): string {
    const found = /^(?:[A-Za-z_]\w*|\d+|[@*#?$!-])/.exec(this.#word.slice(this.#at))?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #value(name: string): string {
    const value = this.#values.get(name) ?? '';
    if (typeof value === 'string') return value;
    throw new NotKnown(value.unknown);
  }

  #modified(name: string): string {
    let sign = this.#next();
    if (sign === '}') return this.#value(name);
    // With a colon the empty text counts as unset.
    const colon = sign === ':';
    if (colon) sign = this.#next();
    if (!['+', '-', '?'].includes(sign))
      throw new NotKnown(`\`\${${name}${colon ? ':' : ''}${sign}…}\` is a form that is not read here`);
    this.#depth += 1;
    if (this.#depth > deepest) throw new NotKnown(`it is nested more than ${deepest} times`);
    const word = this.readTo('}');
    this.#depth -= 1;
    const value = this.#value(name);
    const isSet = colon ? value !== '' : this.#values.has(name);
    if (sign === '+') return isSet ? word : '';
    if (sign === '-') return isSet ? value : word;
    if (isSet) return value;
    throw new NotKnown(`\`${name}\` has no value`);
  }
}
