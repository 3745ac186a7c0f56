import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cliError } from './cli/exit-codes.ts';
import { type Organisation, parseOrganisation } from './config/organisation/parse-organisation.ts';
import type { NoOrganisation, OrganisationView } from './config/organisation/put-together.ts';
import { filesAsked } from './config/organisation/selector.ts';
import { fileForRepository, organisationFile } from './model/organisation.ts';
import type { Project } from './model/project.ts';
import type { TreeEntry } from './ports/source.ts';

/** An organisation's repository as it lies in a folder of this machine. */
export interface LocalOrganisation {
  readonly organisation: Organisation;
  /** Its file for one repository; null: it has none. */
  readonly repositoryFile: (name: string) => Promise<{ readonly file: string; readonly text: string } | null>;
}

/** What is read there; null where there is nothing. Any other failure is told. */
async function unlessMissing<T>(path: string, reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw cliError('usage', `${path} cannot be read: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
}

function textAt(path: string): Promise<string | null> {
  return unlessMissing(path, readFile(path, 'utf8'));
}

/** Reads the folder that `--organisation` or SLUICE_ORGANISATION names; throws with every mistake of its file. */
export async function readLocalOrganisation(folder: string): Promise<LocalOrganisation> {
  const found = await unlessMissing(folder, stat(folder));
  if (!found?.isDirectory())
    throw cliError('usage', `${folder} is no folder: name a clone of the repository OWNER/.sluice`);
  const reading = parseOrganisation(
    (await textAt(join(folder, organisationFile))) ?? '',
    join(folder, organisationFile),
  );
  if (reading.kind === 'invalid') {
    const told = reading.problems.map(
      ({ file, line, column, message, hint }) =>
        `\n  ${file}:${line}:${column}: ${message}${hint === null ? '' : ` ${hint}`}`,
    );
    throw cliError('failed', `the organisation's file is invalid${told.join('')}`);
  }
  return {
    organisation: reading.organisation,
    repositoryFile: async (name) => {
      const file = join(folder, fileForRepository(name));
      const text = await textAt(file);
      return text === null ? null : { file, text };
    },
  };
}

/** Nobody said where it lies. */
export const unknownOrganisation: NoOrganisation = {
  kind: 'none',
  because: 'the templates of the organisation are not known here',
  hint: 'Set SLUICE_ORGANISATION to a clone of OWNER/.sluice, or give it as `sluice explain --organisation FOLDER`.',
};

/** Paths whose entries `viewLocally` needs. Topics only the forge knows: a selector by topic chooses nothing here. */
export function askedLocally(local: LocalOrganisation | null, { name }: Project): readonly string[] {
  return local === null ? [] : filesAsked(local.organisation.selectors, { name, topics: [] });
}

/** What it says for a commit of a project with these entries. */
export async function viewLocally(
  local: LocalOrganisation | null,
  { name }: Project,
  entries: ReadonlyMap<string, TreeEntry>,
): Promise<OrganisationView | NoOrganisation> {
  if (local === null) return unknownOrganisation;
  const has = (path: string): boolean => entries.get(path)?.kind === 'file';
  const { organisation } = local;
  return {
    kind: 'seen',
    organisation,
    repository: { name, topics: [] },
    has,
    repositoryFile: await local.repositoryFile(name),
  };
}
