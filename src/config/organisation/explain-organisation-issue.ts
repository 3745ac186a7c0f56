import type { z } from 'zod';
import { type Finding, type Path, quote } from '../problems/finding.ts';
import { explainListIssue } from '../registries/explain-registry-issue.ts';
import { matchSchema, organisationSchema, selectorSchema } from '../schema/organisation.ts';
import { type Located, nodeAt } from '../yaml/located.ts';

type Issue = z.core.$ZodIssue;

/** What to write where it is not said which repositories are meant. */
export const matchHint =
  'say which repositories: `match: { name: "go-*" }`, `topic`, `hasFile` and `lacksFile`; `name: "*"` is all';

const words = {
  missing: { match: matchHint, apply: 'name a template: `apply: go-operator@v3`' },
  knownAt: (path: Path) => {
    if (path.at(-1) === 'match') return Object.keys(matchSchema.shape);
    return Object.keys((path[0] === 'repos' ? selectorSchema : organisationSchema).shape);
  },
};

/** The branch of a union that is meant is the one for the kind of value that was written. */
function meantBy(branches: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const isWrongKind = ({ code, path }: Issue) => code === 'invalid_type' && path.length === 0;
  const [only, ...more] = branches.filter((issues) => !issues.some(isWrongKind));
  return only === undefined || more.length > 0 ? null : only;
}

/** One issue of the schema of an organisation's file as findings in our words. */
export function explainOrganisationIssue(issue: Issue, root: Located, base: Path = []): Finding[] {
  const path = [...base, ...(issue.path as Path)];
  const within = (inner: Issue): Finding[] => explainOrganisationIssue(inner, root, path);
  const isMissing = nodeAt(root, path) === undefined;
  if (issue.code === 'invalid_union' && !isMissing)
    return (meantBy(issue.errors) ?? []).flatMap(within).concat(unmeant(issue, path));
  if (issue.code !== 'invalid_key') return explainListIssue({ ...issue, path: [...path] }, root, words);
  return issue.issues.map((inner) => {
    const hint: unknown = inner.code === 'custom' ? inner.params?.hint : null;
    const message = `${quote(String(path.at(-1)))} ${inner.message}`;
    return { path, at: 'key', message, hint: typeof hint === 'string' ? hint : null };
  });
}

function unmeant(issue: Extract<Issue, { code: 'invalid_union' }>, path: Path): Finding[] {
  if (meantBy(issue.errors) !== null) return [];
  return [{ path, at: 'value', message: `expected ${issue.message}`, hint: null }];
}
