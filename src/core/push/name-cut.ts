import type { BranchCut, PushWords } from '../../model/push.ts';
import type { Version } from '../../model/version.ts';
import type { VersionSettings } from '../../model/version-settings.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import type { PushDecision } from '../version/decide-push.ts';

/**
 * The release branch that a version gets, by the first pattern that tells its name: one that names the numbers, or whose star
 * stands for them. Null: none does, and nobody guesses.
 */
function nameCut({ releaseBranches }: VersionSettings, { numbers }: Version): string | null {
  const [major = '', minor = ''] = numbers;
  for (const { source, matches, binds } of releaseBranches) {
    const named = source.replace('{major}', major).replace('{minor}', minor);
    const name = named.endsWith('*') ? `${named.slice(0, -1)}${major}.${minor}` : named;
    if (/[*?[\]{}\\]/.test(name) || !matches(name)) continue;
    const bound = binds(name);
    if (bound[0] === major && bound[1] === minor) return name;
  }
  return null;
}

/**
 * The branch that a push is the signal for, and its words, which say where none can be named. Several versions of a project that
 * name the same branch have it once. `settings` null: nothing is created.
 */
export function cutOf(
  settings: VersionSettings | null,
  decisions: readonly Pick<PushDecision, 'cut'>[],
  words: PushWords | null,
): { readonly cut: Omit<BranchCut, 'ended'> | null; readonly words: PushWords | null } {
  const asked = settings === null ? [] : decisions.flatMap(({ cut }) => cut ?? []);
  const named = asked.map(({ at, version }) => ({ at, version, branch: settings && nameCut(settings, version) }));
  const lost = named.flatMap(({ branch, version }) =>
    branch === null
      ? [`No branch was created for ${inlineCode(version.raw)}: no pattern of \`releaseBranches\` tells its name.`]
      : [],
  );
  const [cut = null] = named.flatMap(({ branch, at, version }) =>
    branch === null ? [] : [{ branch, at, version: version.raw }],
  );
  if (words === null || lost.length === 0) return { cut, words };
  const told = words.summary === '' ? `${words.title}.` : words.summary;
  return { cut, words: { ...words, summary: [told, ...lost].join('\n\n') } };
}
