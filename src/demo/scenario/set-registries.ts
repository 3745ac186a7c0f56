import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { accounts, type GuardedRegistry, startGuardedRegistry } from './guarded-registry.ts';
import type { Teardown } from './run-demo.ts';
import type { DemoDeps } from './sluice-port.ts';
import type { Engine } from './stage.ts';

/** The way of an image: where those of changes wait, and where people pull what landed. */
export interface ImageRegistries {
  /** Everybody may pull from it, as jobs have no credential for that; only the gate may write. */
  readonly staging: GuardedRegistry;
  readonly final: GuardedRegistry;
  /** What SLUICE_REGISTRIES names for a Sluice that serves people. */
  readonly file: string;
}

export const storeRepository = 'acme/store';
/** Keeps a version; and keeps none. */
export const ovenRepository = 'acme/oven';
export const doughRepository = 'acme/dough';

async function writeRules(folder: string, { staging, final }: Omit<ImageRegistries, 'file'>): Promise<string> {
  const final_ = { host: final.address, insecure: true, from: { file: final.authFile } };
  const store = { projects: [storeRepository], branches: ['main'] };
  const rules = [
    {
      host: staging.address,
      repositories: ['waiting/**'],
      ...store,
      insecure: true,
      uses: ['upload', 'promote'],
      from: { file: staging.authFile },
    },
    { ...final_, repositories: ['acme/*'], ...store, uses: ['promote'] },
    // What is built without the gate is uploaded to where people pull it, and named there once all of it is.
    ...[ovenRepository, doughRepository].map((name) => ({
      ...final_,
      repositories: [name],
      projects: [name],
      branches: ['main', 'release-v*'],
      uses: ['upload', 'promote'],
    })),
  ];
  const file = join(folder, 'registries.yaml');
  await writeFile(file, stringify(rules));
  return file;
}

/** Starts both; the gate's uploader is given a credential for the first alone. */
export async function setRegistries(
  deps: DemoDeps,
  folder: string,
  teardown: Teardown,
  { host, stagingPort }: Pick<Engine, 'host' | 'stagingPort'>,
): Promise<ImageRegistries> {
  const shared = { host, path: deps.path };
  const staging = await startGuardedRegistry({
    ...shared,
    folder: join(folder, 'staging'),
    port: stagingPort,
    account: accounts.staging,
    openToRead: true,
  });
  teardown.add('registry of what waits', () => staging.stop());
  const final = await startGuardedRegistry({
    ...shared,
    folder: join(folder, 'final'),
    port: 0,
    account: accounts.final,
    openToRead: false,
  });
  teardown.add('registry of what landed', () => final.stop());
  return { staging, final, file: await writeRules(folder, { staging, final }) };
}
