import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startOciRegistry, type TestRegistry } from '../../harness/oci-registry.ts';
import { type RegistryFront, startRegistryFront } from '../../harness/registry-front.ts';

/** A real registry behind its front, asked by the test straight. */
export interface WatchedRegistry {
  readonly front: RegistryFront;
  readonly base: string;
  tags(name: string): Promise<readonly string[]>;
  /** Takes a tag away and nothing else, as newer versions of this registry do for a DELETE of a tag. */
  untag(path: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startWatchedRegistry(): Promise<WatchedRegistry> {
  const registry: TestRegistry = await startOciRegistry();
  const front = await startRegistryFront(registry.base);
  const folder = (name: string) => join(registry.storage, 'docker/registry/v2/repositories', name, '_manifests/tags');
  return {
    front,
    base: registry.base,
    tags: (name) => readdir(folder(name)).catch(() => []),
    async untag(path) {
      const [, name = '', tag = ''] = /^\/v2\/(.+)\/manifests\/([^/:]+)$/.exec(path) ?? [];
      if (tag === '') throw new Error(`not a tag: ${path}`);
      await rm(join(folder(name), tag), { recursive: true, force: true });
    },
    async stop() {
      await front.close();
      await registry.stop();
    },
  };
}
