import type { RecordedVerdict } from '../../../model/verdict.ts';

type Reused = NonNullable<RecordedVerdict['reused']>;

const isSame = 'none of the files that its jobs read differs there';

/** For the author, after "on top of … it is …"; `name` shows a commit. */
export function standsFor({ commit, tree }: Reused, name: (text: string) => string): string {
  const as = name(commit.slice(0, 12));
  return tree === undefined
    ? `the same tree had passed as ${as} and is not built again.`
    : `it was tested as ${as}, and ${isSame}: it is not tested again (\`lanes: closure\`).`;
}

/** For lists: how it came to have passed. */
export function passedAs(reused: Reused | undefined): string {
  if (reused === undefined) return 'passed';
  const as = reused.commit.slice(0, 12);
  return reused.tree === undefined
    ? `passed before on the same tree, as ${as}: not built again`
    : `passed as ${as}, and ${isSame}: not tested again`;
}

/** For who reads the commit that lands; `name` shows an id. */
export function howTested(tree: string, reused: Reused | undefined, name: (text: string) => string): string {
  if (reused === undefined) return `Tested as exactly this commit, tree ${name(tree)}.`;
  if (reused.tree === undefined)
    return `Not built again: the same jobs passed on the same tree ${name(tree)}, as ${name(reused.commit)}.`;
  return `Not tested again: the same jobs passed as ${name(reused.commit)}, tree ${name(reused.tree)}, and no file that they read differs from this one, tree ${name(tree)} (\`lanes: closure\`).`;
}
