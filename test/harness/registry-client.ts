import { createRegistry, type RegistrySettings } from '../../src/adapters/oci/registry.ts';
import type { RegistryCaller } from '../../src/model/registry.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { RegistryFiles } from '../../src/ports/registry-keys.ts';

/** This machine's. */
export const realClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** A clock on which sleeping takes no time and is written down. */
export interface QuickClock extends Clock {
  readonly slept: number[];
}

export function quickClock(): QuickClock {
  const slept: number[] = [];
  const began = Date.now();
  let ahead = 0;
  return {
    slept,
    now: () => began + ahead,
    elapsed: () => ahead,
    async sleep(milliseconds) {
      slept.push(milliseconds);
      ahead += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

export const promoter: RegistryCaller = { project: 1, fullName: 'acme/api', branch: 'main', use: 'promote' };

export function dockerConfig(auths: Readonly<Record<string, object>>): RegistryFiles {
  return { 'config.json': JSON.stringify({ auths }) };
}

export function basicAuth(user: string, password: string): { auth: string } {
  return { auth: Buffer.from(`${user}:${password}`).toString('base64') };
}

/** The port over real HTTP, with these files for whoever asks. */
export function testRegistry(
  hosts: readonly string[],
  files: RegistryFiles = {},
  more: Partial<RegistrySettings> = {},
) {
  const clock = quickClock();
  const keys = { whyNot: () => null, filesFor: async () => files };
  const registry = createRegistry({ keys, clock, insecure: hosts, silenceMs: 5_000, ...more });
  return { ...registry, clock };
}
