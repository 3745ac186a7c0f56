import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RegistryFront } from '../../harness/registry-front.ts';

/** From now on the registry behind this front, which keeps what it has in this folder, deletes tags as newer ones do. */
export function deleteTags(front: RegistryFront, storage: string): void {
  front.spoil({
    on: /^DELETE .*\/manifests\/(?!sha256:)/,
    async fault({ line }) {
      const [, name = '', tag = ''] = /^DELETE \/v2\/(.+)\/manifests\/(.+)$/.exec(line) ?? [];
      const tags = join(storage, 'docker/registry/v2/repositories', name, '_manifests/tags');
      await rm(join(tags, tag), { recursive: true });
      return { kind: 'answer', status: 202 };
    },
  });
}
