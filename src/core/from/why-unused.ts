import { inlineCode } from '../text/safe-markdown.ts';
import type { BaseUse, FoundBases } from './find-bases.ts';

/** Images that are named in a sentence; more would hide what it says. */
const mostShown = 6;

/** Why a rule matches nothing in a file, and what to write instead: a change of the rules alone must not go back to another base unseen. */
export function whyUnused(match: string, index: number, path: string, { bases, stages }: FoundBases): string {
  const rule = `rule ${index + 1} of \`from\` (${inlineCode(match)}) matches nothing in ${inlineCode(path)}`;
  const stage = stages.get(match.toLowerCase());
  if (stage !== undefined) {
    const base = stage === null ? 'another image' : shownBase(stage);
    return `${rule}: ${inlineCode(match)} is a stage there, which starts from ${base}: rules match images, not names of stages`;
  }
  if (bases.length === 0) return `${rule}, which names no image at all: take the rule out`;
  const shown = bases.slice(0, mostShown).map(shownBase).join(', ');
  const more = bases.length > mostShown ? ` and ${bases.length - mostShown} more` : '';
  return `${rule}, which names ${shown}${more}: write one of these, or a glob that matches it, or take the rule out`;
}

function shownBase({ image, word, instruction }: BaseUse): string {
  const line = `line ${instruction.line}`;
  if (image.kind === 'unknown') return `${inlineCode(word.text)} (${line}: ${image.because})`;
  const written = image.text === word.text ? '' : `, written ${inlineCode(word.text)}`;
  return `${inlineCode(image.text)} (${line}${written})`;
}
