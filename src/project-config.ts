import { defaultProjectConfig } from './config/default-config.ts';
import { parseProjectConfig } from './config/parse-project-config.ts';
import { gateDefaults } from './config/resolve/resolve-gate.ts';
import { resolvePromotion } from './config/resolve/resolve-promotion.ts';
import { type ConfigState, configFile } from './model/config.ts';

/**
 * A repository's own file; `containerFile`: the one at the root of the same commit, or null. `staging`: the server's own place,
 * or null; left out: no server is known.
 */
export function parseConfig(
  text: string,
  repository: string,
  containerFile: string | null,
  staging?: string | null,
): ConfigState {
  const context = { file: configFile, repositoryName: repository, containerfile: containerFile };
  return parseProjectConfig(text, staging === undefined ? context : { ...context, staging });
}

/** For a repository without one. Without a container file there is nothing to build and no job: still valid. */
export function defaultConfig(repository: string, containerFile: string | null, staging?: string | null): ConfigState {
  if (containerFile !== null)
    return { kind: 'valid', config: defaultProjectConfig(repository, containerFile, staging) };
  const trust = { trust: 'members' as const, trustedApps: [] };
  const gate = { ...gateDefaults, promotion: resolvePromotion({}, staging) };
  return {
    kind: 'valid',
    config: { origin: 'none', mode: 'active', images: [], jobs: [], trust, gate, version: null },
  };
}
