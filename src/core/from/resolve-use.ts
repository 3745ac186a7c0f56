import type { FromRule } from '../../model/from.ts';
import { fillTemplate } from '../builders/fill-template.ts';
import { nearestNames } from '../nearest-names.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { readReference, writeReference } from './reference.ts';

/** What a rule puts there: the image's name in full, and the rule in words. */
export interface Becoming {
  readonly kind: 'becomes';
  readonly image: string;
  readonly because: string;
}

/** Why a rule's replacement is not known, for the author. */
export interface NoUse {
  readonly kind: 'refused';
  readonly because: string;
}

type ValueTexts = Readonly<Record<string, string>>;

/** What one rule puts in place of what it matches; `index` counts from 0. */
export function resolveUse({ match, use }: FromRule, index: number, values: ValueTexts): Becoming | NoUse {
  const rule = `rule ${index + 1} of \`from\` (${inlineCode(match)})`;
  if (use.kind === 'reference') return imageOf(use.reference, rule, rule, values);
  if (use.kind === 'image') return imageOf(use.reference, `${rule}: the image ${inlineCode(use.image)}`, rule, values);
  const name = fill(use.stream, rule, values);
  if (typeof name !== 'string') return name;
  const reference = Object.hasOwn(use.streams, name) ? use.streams[name] : undefined;
  if (reference === undefined) return refused(whyNoStream(name, rule, Object.keys(use.streams)));
  return imageOf(reference, `${rule}: the stream ${inlineCode(name)}`, rule, values);
}

function refused(because: string): NoUse {
  return { kind: 'refused', because };
}

function imageOf(text: string, because: string, rule: string, values: ValueTexts): Becoming | NoUse {
  const filled = fill(text, rule, values);
  if (typeof filled !== 'string') return filled;
  if (!/^[\w.:/@-]{1,512}$/.test(filled)) return refused(`${rule} comes to ${inlineCode(filled)}, which is no image`);
  return { kind: 'becomes', image: writeReference(readReference(filled)), because };
}

function whyNoStream(name: string, rule: string, known: readonly string[]): string {
  const [near] = nearestNames(name, known);
  const listed = `\`streams\` has ${known.map(inlineCode).join(', ')}`;
  const advice = near === undefined ? listed : `did you mean ${inlineCode(near)}? ${listed}`;
  return `${rule} asks for the stream ${inlineCode(name)}, and there is none: ${known.length === 0 ? 'write `streams:`' : advice}`;
}

function fill(text: string, rule: string, values: ValueTexts): string | NoUse {
  const filled = fillTemplate(text, values);
  const [lost] = filled.unknown;
  if (lost === undefined) return filled.text;
  const named = `${rule} names ${inlineCode(`{{ ${lost} }}`)}`;
  if (lost === 'goMod.version')
    return refused(`${named}, and there is no \`go.mod\` with a \`go\` line in the context or at the root`);
  const known = Object.keys(values).map((name) => inlineCode(`{{ ${name} }}`));
  return refused(`${named}, which is not known before it is built; known are ${known.join(', ')}`);
}
