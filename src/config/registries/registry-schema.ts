import { z } from 'zod';
import { readNamePattern } from '../../core/registry/name-pattern.ts';
import { registryKinds } from '../../model/registry-rule.ts';
import { repositoryFault } from '../schema/references.ts';
import { type Fault, flag, listOf, textLike, textThat, wordOf } from '../schema/scalars.ts';

function patternFault(text: string): Fault | null {
  if (readNamePattern(text) !== null) return null;
  return { message: 'is no name', hint: 'write the name itself, or its beginning and * (** with slashes), as acme/**' };
}

const host = textThat('a registry host', (text) => {
  const fault = repositoryFault(`${text}/x`);
  if (fault === null && !text.includes('/')) return null;
  const [first = ''] = text.replace(/^[a-z]+:\/\//i, '').split('/');
  return { message: 'is no registry host', hint: first === '' ? 'write it as quay.io' : `write it as ${first}` };
});

const repository = textThat('a repository below the host', (text) => {
  const fault = patternFault(text);
  if (fault !== null) return fault;
  const [first = '', ...rest] = text.split('/');
  if (/[.:]/.test(first) && rest.length > 0)
    return { message: 'begins with a host', hint: `repositories are below \`host\`: write ${rest.join('/')}` };
  if (text !== text.toLowerCase()) return { message: 'has upper case', hint: `write ${text.toLowerCase()}` };
  return text.startsWith('/') ? { message: 'begins with a slash', hint: `write ${text.replace(/^\/+/, '')}` } : null;
});

const expectedProject = 'a project as "acme/api", "acme/*" or its numeric id';

function projectFault(value: unknown): Fault | null {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && value > 0
      ? null
      : { message: 'is no id of a project', hint: 'a number from 1' };
  }
  const text = String(value);
  const fault = patternFault(text);
  if (fault !== null) return fault;
  const isProject = text === '**' || /^[A-Za-z0-9-]+\/[^/]*$/.test(text);
  return isProject ? null : { message: 'is no project', hint: 'write it as acme/api, acme/* or its numeric id' };
}

export const project = z.unknown().transform((value, context): number | string => {
  const known = typeof value === 'number' || typeof value === 'string';
  const fault = known ? projectFault(value) : null;
  if (!known) context.addIssue({ code: 'custom', message: `is not ${expectedProject}`, params: { hint: null } });
  if (fault !== null) context.addIssue({ code: 'custom', message: fault.message, params: { hint: fault.hint } });
  return known ? value : '';
});

export const branch = textThat('a branch', (text) => {
  if (text.startsWith('refs/heads/')) return { message: 'is a ref', hint: `write ${text.slice('refs/heads/'.length)}` };
  return patternFault(text);
});

export const path = textLike('a path of a file', /^[^\0\n]{1,4096}$/);
export const variable = textLike(
  'a name of a variable',
  /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
  'its name, never what it holds',
);
const secret = textLike(
  'a name of a secret',
  /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/,
  'as in `kubectl get secrets`',
);

const api = textThat('an address', (text) => {
  const { origin = null } = URL.parse(text) ?? {};
  if (origin !== null && origin !== 'null' && /^https?:/.test(origin) && text.replace(/\/$/, '') === origin)
    return null;
  const hint = origin === null || origin === 'null' ? 'write it as https://gitlab.acme.io' : `write ${origin}`;
  return { message: 'is no address of a server', hint };
});

const expectedSource = 'a map as { secret: NAME }, { file: PATH } or { env: { user: NAME, password: NAME } }';

export const sourceSchema = z.strictObject(
  {
    file: path.optional(),
    env: z
      .strictObject({ user: variable, password: variable }, { error: 'a map as { user: NAME, password: NAME }' })
      .optional(),
    secret: secret.optional(),
  },
  { error: expectedSource },
);

/** One entry of the file that SLUICE_REGISTRIES names, as written. */
export const registrySchema = z.strictObject(
  {
    host,
    repositories: listOf('a list of repositories below the host', repository).default(['**']),
    projects: listOf('a list of projects', project),
    branches: listOf('a list of branches', branch).default(['**']),
    uses: listOf('a list of uses', wordOf(['upload', 'promote', 'pull'])),
    from: sourceSchema.optional(),
    anonymous: flag().optional(),
    insecure: flag().default(false),
    ca: path.optional(),
    kind: wordOf(registryKinds).optional(),
    api: api.optional(),
  },
  { error: 'a credential as { host: quay.io, projects: [acme/api], uses: [upload, promote], from: { secret: quay } }' },
);

export type WrittenRegistry = z.output<typeof registrySchema>;
