import { RegistryTrouble } from './model/registry.ts';
import type { RegistryKeys } from './ports/registry-keys.ts';

function whyNot(repository: string): string {
  return `this server has no credential for ${repository}, nor for any other registry: whoever runs it gives it one with SLUICE_REGISTRIES`;
}

/** Of a server that was given no credential for any registry. */
export const noRegistryKeys: RegistryKeys = {
  whyNot,
  async filesFor(repository) {
    throw new RegistryTrouble('denied', whyNot(repository));
  },
};
