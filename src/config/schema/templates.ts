import { nearestName } from '../problems/nearest-name.ts';
import type { Fault } from './scalars.ts';

/** Values that a text may name as `{{ name }}` (versions.md, config.md). */
export const templateVariables = [
  'v',
  'major',
  'minor',
  'patch',
  'sha',
  'tag',
  'branch',
  'image',
  'target',
  'version.raw',
  'version.effective',
  'goMod.version',
] as const;

const placeholder = /\{\{([^{}]*)\}\}/g;
const matrixValue = /^matrix\./;
const stagedImage = /^images\.([a-z0-9][a-z0-9._-]*)\.staged$/;

/** The names between `{{` and `}}`, in order. */
export function placeholdersOf(text: string): string[] {
  return [...text.matchAll(placeholder)].map((found) => (found[1] ?? '').trim());
}

/** The image whose uploaded digest a placeholder means (`images.api.staged`); null for any other. */
export function stagedImageOf(name: string): string | null {
  return stagedImage.exec(name)?.[1] ?? null;
}

/** The text with every placeholder replaced, to check the rest of it. */
export function fillPlaceholders(text: string, filling: string): string {
  return text.replace(placeholder, filling);
}

/** What is wrong with the `{{ … }}` of a text; `ofJob`: where `{{ images.NAME.staged }}` and `{{ matrix.NAME }}` have a meaning. */
export function templateFault(text: string, ofJob = false): Fault | null {
  const rest = fillPlaceholders(text, '');
  if (rest.includes('{{') || rest.includes('}}')) {
    return { message: 'has a {{ or }} without its other half', hint: 'write it as "{{ sha }}"' };
  }
  for (const name of placeholdersOf(text)) {
    if ((templateVariables as readonly string[]).includes(name)) continue;
    // Whether the matrix has it is told where both are known.
    if (ofJob && matrixValue.test(name)) continue;
    if (stagedImage.test(name)) {
      if (ofJob) continue;
      return { message: `names {{ ${name} }}, which is known only to \`image\` of a job`, hint: null };
    }
    const near = nearestName(name, templateVariables);
    const known = templateVariables.map((each) => `{{ ${each} }}`).join(', ');
    return {
      message: `names the unknown value {{ ${name} }}`,
      hint: near === null ? `known: ${known}` : `did you mean {{ ${near} }}?`,
    };
  }
  return null;
}
