import { inOrder, type Missing } from './question.ts';

const maxLines = 60;

/** What is still missing, as a markdown list in a fixed order, each once, at most 60 lines. */
export function describeMissing(missing: readonly Missing[]): string {
  // Lines of one text would be items, headings or marks of their own.
  const texts = inOrder(missing).map(({ text }) => text.replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' '));
  const lines = [...new Set(texts)].map((text) => `* ${text}`);
  if (lines.length === 0) return 'Nothing is missing.';
  if (lines.length <= maxLines) return lines.join('\n');
  const shown = lines.slice(0, maxLines - 1);
  return [...shown, `* … and ${lines.length - shown.length} more.`].join('\n');
}
