import { RegistryTrouble } from '../../src/model/registry.ts';
import type { Registry } from '../../src/ports/registry.ts';

const refuse = (): Promise<never> => Promise.reject(new RegistryTrouble('refused', 'no registry is spoken to here'));

/** Where nothing is ever pushed or promoted: every call says so. */
export const withoutRegistry: Registry = {
  find: refuse,
  copy: refuse,
  tag: refuse,
  untag: refuse,
  tags: refuse,
  putIndex: refuse,
};
