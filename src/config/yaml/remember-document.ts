import { type DocumentReading, readDocument } from './read-document.ts';

/** Values of the documents that are kept, together: each takes some 250 bytes. */
const mostValues = 200_000;
/** What a person writes; who fills more than that with a file is not served faster. */
const largest = { values: 4_000, characters: 64 * 1024 } as const;

const kept = new Map<string, DocumentReading>();
let values = 0;

function sizeOf({ root }: DocumentReading): number {
  return root?.size ?? 0;
}

/**
 * What `readDocument` gives, read once for the same text: most of what a file costs, and files stay the same while what their
 * organisation says below them changes. Only a cache, bounded because any repository may fill it.
 */
export function rememberDocument(text: string): DocumentReading {
  const known = kept.get(text);
  const reading = known ?? readDocument(text);
  if (text.length > largest.characters || sizeOf(reading) > largest.values || reading.findings.length > 0)
    return reading;
  kept.delete(text);
  kept.set(text, reading);
  if (known === undefined) values += sizeOf(reading);
  for (const [oldest, { root }] of kept) {
    if (values <= mostValues) break;
    kept.delete(oldest);
    values -= root?.size ?? 0;
  }
  return reading;
}
