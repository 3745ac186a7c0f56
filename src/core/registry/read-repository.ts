const hub = 'docker.io';
const hubNames: readonly string[] = [hub, 'index.docker.io', 'registry-1.docker.io'];

/** The name by which a registry is known: Docker Hub has several. */
export function registryHost(host: string): string {
  const lower = host.toLowerCase();
  return hubNames.includes(lower) ? hub : lower;
}

/** `quay.io/acme/api` in its two parts; what has one name only at Docker Hub lies below `library/`. */
export function readRepository(repository: string): { readonly host: string; readonly path: string } {
  const slash = repository.indexOf('/');
  const host = registryHost(slash === -1 ? repository : repository.slice(0, slash));
  const path = slash === -1 ? '' : repository.slice(slash + 1);
  return { host, path: host === hub && path !== '' && !path.includes('/') ? `library/${path}` : path };
}
