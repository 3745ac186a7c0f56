import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RegistryFiles } from '../../src/ports/registry-keys.ts';
import { startOciRegistry } from './oci-registry.ts';

const user = 'uploader';
/** Found by nobody who was not given it. */
export const registryPassword = 'correct-horse-battery';
// bcrypt of that password.
const line = `${user}:$2b$04$Pf4TjdQfTnl5JaHNu1PRTOoAMexPaJaZ4YJ/pRD6ZRlLnQx6EH79C\n`;

/** A real registry that takes and gives nothing without its password. */
export interface GuardedRegistry {
  /** `127.0.0.1:PORT`, as in image names. */
  readonly host: string;
  /** The credential as the uploader's secret volume holds it, for a name of this registry. */
  readonly files: (password?: string, host?: string) => RegistryFiles;
  /** The digest that a tag names; null: there is no such tag. */
  readonly digestOf: (name: string, tag: string) => Promise<string | null>;
  readonly tagsOf: (name: string) => Promise<readonly string[]>;
  stop(): Promise<void>;
}

export async function startGuardedRegistry(): Promise<GuardedRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-htpasswd-'));
  const path = join(folder, 'htpasswd');
  await writeFile(path, line);
  const registry = await startOciRegistry({ auth: { htpasswd: { realm: 'test', path } } });
  const basic = (password: string) => Buffer.from(`${user}:${password}`).toString('base64');
  const ask = (place: string) =>
    fetch(`${registry.base}/v2/${place}`, {
      headers: {
        authorization: `Basic ${basic(registryPassword)}`,
        accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json',
      },
    });
  return {
    host: registry.host,
    files: (password = registryPassword, host = registry.host) => ({
      'config.json': JSON.stringify({ auths: { [host]: { auth: basic(password) } } }),
    }),
    async digestOf(name, tag) {
      const answer = await ask(`${name}/manifests/${tag}`);
      await answer.body?.cancel();
      return answer.status === 404 ? null : answer.headers.get('docker-content-digest');
    },
    async tagsOf(name) {
      const answer = await ask(`${name}/tags/list`);
      return answer.status === 404 ? [] : (((await answer.json()) as { tags: string[] | null }).tags ?? []);
    },
    async stop() {
      await registry.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
