import { readImageFiles, treeReader } from './app/read-image-files.ts';
import type { NoOrganisation, OrganisationView } from './config/organisation/put-together.ts';
import { combineConfig } from './core/combine-config.ts';
import { strictestTrust, type TreeFacts } from './core/presubmit/facts.ts';
import { askedLocally, type LocalOrganisation, viewLocally } from './local-organisation.ts';
import { type ConfigState, configFile } from './model/config.ts';
import type { PoolSettings } from './model/order.ts';
import type { PlannedTree } from './model/presubmit.ts';
import type { Project } from './model/project.ts';
import type { Sha } from './model/sha.ts';
import type { TrustSettings } from './model/trust.ts';
import type { Source, TreeEntry } from './ports/source.ts';
import { defaultConfig, parseConfig } from './project-config.ts';

const maxBytes = 256 * 1024;
const rootFiles = ['Containerfile', 'Dockerfile'];

/** What a pull request with this base and merged tree is planned with, and whom its base trusts. */
export interface LocalTree {
  readonly facts: TreeFacts;
  readonly trust: TrustSettings;
}

/** A person's clone, and the clone of its organisation's own repository where one was named; null or left out: none was. */
export interface LocalReading extends Pick<Source, 'readText' | 'entries'> {
  readonly organisation?: LocalOrganisation | null;
}

/** What a commit says of itself: its own file, or why it has none that can be read, and what its organisation says. */
export interface OwnFile {
  /** Null: there is none. */
  readonly text: string | null;
  readonly fault: string | null;
  readonly containerFile: string | null;
  readonly organisation: OrganisationView | NoOrganisation;
}

export async function readOwnFile(source: LocalReading, project: Project, at: Sha): Promise<OwnFile> {
  const { organisation: local = null } = source;
  const paths = [configFile, ...rootFiles, ...askedLocally(local, project)];
  const entries = await source.entries(project, at, [...new Set(paths)]);
  const containerFile = rootFiles.find((name) => entries.get(name)?.kind === 'file') ?? null;
  const organisation = await viewLocally(local, project, entries);
  const entry = entries.get(configFile) ?? { kind: 'missing' as const };
  const fault = faultOf(entry);
  const isReadable = fault === null && entry.kind === 'file';
  const text = isReadable ? await source.readText(project, at, configFile, maxBytes) : null;
  return { text, fault, containerFile, organisation };
}

function faultOf(entry: TreeEntry): string | null {
  if (entry.kind === 'missing') return null;
  if (entry.kind !== 'file') return `it is a ${entry.kind}, not a regular file`;
  return entry.bytes > maxBytes ? `it has more than ${maxBytes} bytes` : null;
}

/** The configuration at one commit, as the server would read it; without a file what its organisation says, or the defaults. */
export async function configAt(source: LocalReading, project: Project, at: Sha): Promise<ConfigState> {
  const { text, fault, containerFile, organisation } = await readOwnFile(source, project, at);
  if (fault !== null)
    return {
      kind: 'invalid',
      problems: [{ file: configFile, line: 1, column: 1, path: '', message: fault, hint: null }],
    };
  return text === null
    ? defaultConfig(project.name, containerFile, { organisation })
    : parseConfig(text, project.name, containerFile, { organisation });
}

/** Reads both files and combines them as a server does that has images built by this builder. */
export async function readTree(
  source: LocalReading,
  project: Project,
  { base, tree }: PlannedTree,
  builder: PoolSettings['builder'],
): Promise<LocalTree> {
  const atBase = await configAt(source, project, base);
  const config = combineConfig(atBase, await configAt(source, project, tree));
  const trust = atBase.kind === 'valid' ? atBase.config.trust : strictestTrust;
  return { facts: { config, ...(await readImageFiles(treeReader(source, project, tree), config, builder)) }, trust };
}
