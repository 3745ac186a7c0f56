import type { ChangedFiles } from '../../model/matcher.ts';
import { inlineCode } from '../text/safe-markdown.ts';

const folder = '.github/workflows/';
const shown = 10;

/** The forge's own workflows among changed files, which it lets only some Apps change; files that are not known are none. */
export function workflowsIn(changed: ChangedFiles): readonly string[] {
  return changed.known ? changed.paths.filter((path) => path.startsWith(folder)) : [];
}

/** Why a change of these workflows is not tested: nothing that our App pushes could hold it. */
export function whyForbidden(paths: readonly string[]): string {
  const more = paths.length > shown ? ` and ${paths.length - shown} more` : '';
  const names = paths.slice(0, shown).map(inlineCode).join(', ');
  return `it changes ${names}${more}, and GitHub lets this App change no workflow: give the App the permission ${inlineCode('workflows: write')} and accept it for this installation, or have somebody merge it by hand`;
}
