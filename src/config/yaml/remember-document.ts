import { type DocumentReading, readDocument } from './read-document.ts';

/** Characters of the texts whose documents are kept: a document takes some twenty times as many bytes. */
const mostCharacters = 4 * 2 ** 20;

const kept = new Map<string, DocumentReading>();
let characters = 0;

/**
 * What `readDocument` gives, read once for the same text: most of what a file costs, and files stay the same while what their
 * organisation says below them changes. Only a cache; what is least asked for goes first.
 */
export function rememberDocument(text: string): DocumentReading {
  const known = kept.get(text);
  if (known !== undefined) {
    kept.delete(text);
    kept.set(text, known);
    return known;
  }
  const reading = readDocument(text);
  kept.set(text, reading);
  characters += text.length;
  for (const oldest of kept.keys()) {
    if (characters <= mostCharacters) break;
    kept.delete(oldest);
    characters -= oldest.length;
  }
  return reading;
}
