import { RE2JS } from 're2js';
import type { ReleaseBranches } from '../../model/version-settings.ts';
import type { Fault } from '../schema/scalars.ts';
import { translateGlob } from './glob.ts';

export type ReleaseBranchesOutcome =
  | { readonly kind: 'branches'; readonly branches: ReleaseBranches }
  | ({ readonly kind: 'fault' } & Fault);

// Private-use characters, which stand for the numbers while the glob is read.
const places = { major: '\ue000', minor: '\ue001' } as const;
const number = '0|[1-9][0-9]{0,17}';
const maxLength = 256;

function bindsBySource(expression: RE2JS, source: string): ReleaseBranches['binds'] {
  return (branch) => {
    const found = expression.matcher(branch);
    if (!found.matches()) return [null, null];
    const groupOf = (name: string): string | null =>
      source.includes(`{${name}}`) ? (found.group(name) ?? null) : null;
    return [groupOf('major'), groupOf('minor')];
  };
}

/** `release-v*` binds `release-v1.2` as well: what the star stands for is MAJOR.MINOR and nothing else. */
function bindsByStar(source: string): ReleaseBranches['binds'] {
  const start = source.slice(0, -1);
  if (!source.endsWith('*') || /[*?[\]{}\\]/.test(start)) return () => [null, null];
  return (branch) => {
    const [, major, minor] = /^v?(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$/.exec(branch.slice(start.length)) ?? [];
    return [major ?? null, minor ?? null];
  };
}

function sourceFault(source: string): Fault | null {
  if (source === '') return { message: 'is an empty pattern', hint: null };
  if (source.length > maxLength)
    return { message: `is longer than ${maxLength} characters`, hint: 'write several patterns' };
  if (source.startsWith('refs/heads/'))
    return { message: 'never matches', hint: `write ${source.slice('refs/heads/'.length)}` };
  if (source.startsWith('regex:'))
    return { message: 'is no glob', hint: 'write a glob; {major} and {minor} in it bind a branch to its version' };
  for (const name of ['major', 'minor'])
    if (source.split(`{${name}}`).length > 2) return { message: `names {${name}} twice`, hint: null };
  if (source.includes('{minor}') && !source.includes('{major}'))
    return { message: 'names {minor} without {major}', hint: 'write both, as release-v{major}.{minor}' };
  return /[\ue000\ue001]/.test(source) ? { message: 'is no name of a branch', hint: null } : null;
}

/** Compiles a glob for names of release branches, in which `{major}` and `{minor}` are numbers of the version. */
export function compileReleaseBranches(source: string): ReleaseBranchesOutcome {
  const fault = sourceFault(source);
  if (fault !== null) return { kind: 'fault', ...fault };
  const marked = source.replace('{major}', places.major).replace('{minor}', places.minor);
  const glob = translateGlob(marked);
  if (glob.kind === 'fault') return { kind: 'fault', message: glob.message, hint: glob.hint };
  const plain = glob.kind === 'exact' ? RE2JS.quote(glob.text) : glob.expression;
  const expression = RE2JS.compile(
    plain.replace(places.major, `(?P<major>${number})`).replace(places.minor, `(?P<minor>${number})`),
  );
  const binds = marked === source ? bindsByStar(source) : bindsBySource(expression, source);
  return { kind: 'branches', branches: { source, matches: (branch) => expression.testExact(branch), binds } };
}
