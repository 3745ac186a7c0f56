import { defaultProjectConfig } from './config/default-config.ts';
import { parseProjectConfig } from './config/parse-project-config.ts';
import { gateDefaults } from './config/resolve/resolve-gate.ts';
import { type ConfigState, configFile } from './model/config.ts';

/** A repository's own file; `containerFile`: the one at the root of the same commit, or null. */
export function parseConfig(text: string, repository: string, containerFile: string | null): ConfigState {
  return parseProjectConfig(text, { file: configFile, repositoryName: repository, containerfile: containerFile });
}

/** For a repository without one. Without a container file there is nothing to build and no job: still valid. */
export function defaultConfig(repository: string, containerFile: string | null): ConfigState {
  if (containerFile !== null) return { kind: 'valid', config: defaultProjectConfig(repository, containerFile) };
  const trust = { trust: 'members' as const, trustedApps: [] };
  return { kind: 'valid', config: { origin: 'none', mode: 'active', images: [], jobs: [], trust, gate: gateDefaults } };
}
