import { readImageFiles, treeReader } from './app/read-image-files.ts';
import { combineConfig } from './core/combine-config.ts';
import { strictestTrust, type TreeFacts } from './core/presubmit/facts.ts';
import { type ConfigState, configFile } from './model/config.ts';
import type { PlannedTree } from './model/presubmit.ts';
import type { Project } from './model/project.ts';
import type { Sha } from './model/sha.ts';
import type { TrustSettings } from './model/trust.ts';
import type { Source } from './ports/source.ts';
import { defaultConfig, parseConfig } from './project-config.ts';

const maxBytes = 256 * 1024;
const rootFiles = ['Containerfile', 'Dockerfile'];

/** What a pull request with this base and merged tree is planned with, and whom its base trusts. */
export interface LocalTree {
  readonly facts: TreeFacts;
  readonly trust: TrustSettings;
}

type Reading = Pick<Source, 'readText' | 'entries'>;

/** The configuration at one commit, as the server would read it; without a file the defaults. */
export async function configAt(source: Reading, project: Project, at: Sha): Promise<ConfigState> {
  const entries = await source.entries(project, at, [configFile, ...rootFiles]);
  const containerFile = rootFiles.find((name) => entries.get(name)?.kind === 'file') ?? null;
  const entry = entries.get(configFile) ?? { kind: 'missing' as const };
  if (entry.kind === 'missing') return defaultConfig(project.name, containerFile);
  const fault =
    entry.kind !== 'file'
      ? `it is a ${entry.kind}, not a regular file`
      : entry.bytes > maxBytes
        ? `it has more than ${maxBytes} bytes`
        : null;
  if (fault !== null)
    return {
      kind: 'invalid',
      problems: [{ file: configFile, line: 1, column: 1, path: '', message: fault, hint: null }],
    };
  return parseConfig((await source.readText(project, at, configFile, maxBytes)) ?? '', project.name, containerFile);
}

/** Reads both files and combines them as the server does. */
export async function readTree(source: Reading, project: Project, { base, tree }: PlannedTree): Promise<LocalTree> {
  const atBase = await configAt(source, project, base);
  const config = combineConfig(atBase, await configAt(source, project, tree));
  const trust = atBase.kind === 'valid' ? atBase.config.trust : strictestTrust;
  return { facts: { config, ...(await readImageFiles(treeReader(source, project, tree), config)) }, trust };
}
