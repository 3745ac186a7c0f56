import { RegistryTrouble } from '../../model/registry.ts';

/** A repository as it is spoken to. */
export interface Place {
  /** As people write it: `quay.io/acme/api`. */
  readonly repository: string;
  readonly host: string;
  /** Where the host's calls go; another one for Docker Hub only. */
  readonly origin: URL;
  /** Within the registry: `acme/api`. */
  readonly name: string;
}

const part = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const namePattern = new RegExp(`^${part}(?:/${part})*$`);
const hostPattern = /^(?:[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/;
export const dockerHub = 'docker.io';
const hubNames: readonly string[] = [dockerHub, 'index.docker.io', 'registry-1.docker.io'];

/** Throws `RegistryTrouble` (`refused`) unless it is a registry host and a repository name, without tag. */
export function placeOf(repository: string, insecure: boolean): Place {
  const slash = repository.indexOf('/');
  const [given, rest] = [repository.slice(0, slash), repository.slice(slash + 1)];
  if (slash < 1 || !hostPattern.test(given) || !/[.:]|^localhost$/.test(given) || rest.length > 255)
    throw notARepository(repository);
  const host = hubNames.includes(given) ? dockerHub : given;
  const name = host === dockerHub && !rest.includes('/') ? `library/${rest}` : rest;
  if (!namePattern.test(name)) throw notARepository(repository);
  const server = host === dockerHub ? 'registry-1.docker.io' : host;
  return { repository, host, name, origin: new URL(`${insecure ? 'http' : 'https'}://${server}/`) };
}

function notARepository(repository: string): RegistryTrouble {
  return new RegistryTrouble(
    'refused',
    `${JSON.stringify(repository)} is no repository: it has to be a registry's host and a name, as in quay.io/acme/api`,
  );
}
