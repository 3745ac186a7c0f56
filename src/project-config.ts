import { defaultProjectConfig } from './config/default-config.ts';
import type { NoOrganisation, OrganisationView } from './config/organisation/put-together.ts';
import { parseProjectConfig } from './config/parse-project-config.ts';
import { gateDefaults } from './config/resolve/resolve-gate.ts';
import { resolvePromotion } from './config/resolve/resolve-promotion.ts';
import { type ConfigState, configFile } from './model/config.ts';

/** What a repository's configuration depends on besides its own files. */
export interface ConfigSurroundings {
  /** The server's own place, or null; left out: no server is known. */
  readonly staging?: string | null | undefined;
  /** What its organisation says; left out: nobody looked. */
  readonly organisation?: OrganisationView | NoOrganisation | undefined;
}

function contextOf(repository: string, containerFile: string | null, { staging, organisation }: ConfigSurroundings) {
  return {
    file: configFile,
    repositoryName: repository,
    containerfile: containerFile,
    ...(staging === undefined ? {} : { staging }),
    ...(organisation === undefined ? {} : { organisation }),
  };
}

/** A repository's own file; `containerFile`: the one at the root of the same commit, or null. */
export function parseConfig(
  text: string,
  repository: string,
  containerFile: string | null,
  around: ConfigSurroundings = {},
): ConfigState {
  return parseProjectConfig(text, contextOf(repository, containerFile, around));
}

/**
 * For a repository without one: what its organisation says, else the defaults. Without a container file there is nothing to
 * build and no job: still valid.
 */
export function defaultConfig(
  repository: string,
  containerFile: string | null,
  around: ConfigSurroundings = {},
): ConfigState {
  if (around.organisation?.kind === 'seen')
    return parseProjectConfig(null, contextOf(repository, containerFile, around));
  const { staging } = around;
  if (containerFile !== null)
    return { kind: 'valid', config: defaultProjectConfig(repository, containerFile, staging) };
  const trust = { trust: 'members' as const, trustedApps: [] };
  const gate = { ...gateDefaults, promotion: resolvePromotion({}, staging) };
  return {
    kind: 'valid',
    config: { origin: 'none', mode: 'active', images: [], jobs: [], trust, gate, version: null },
  };
}
