import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type GuardedRegistry, startGuardedRegistry } from '../harness/guarded-registry.ts';
import { type RegistryFront, startRegistryFront } from '../harness/registry-front.ts';
import { bridge } from './forge.ts';

/** A registry behind a password, where pods reach it. */
export interface ReachedRegistry extends Pick<GuardedRegistry, 'digestOf' | 'tagsOf'> {
  /** What it was asked, and by whom. */
  readonly front: RegistryFront;
}

/** Where images of changes wait, and where people pull them. */
export interface ImageRegistries {
  readonly staging: ReachedRegistry;
  /** Whoever reads is let in, whatever the password. */
  readonly final: ReachedRegistry;
  /** What SLUICE_REGISTRIES names. */
  readonly file: string;
  /** From now on the server has this password for `final`; left out: the right one. */
  believe(password?: string): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts both, for one project, or so that these projects upload to `final` themselves; the server has the right passwords until
 * `believe` says otherwise.
 */
export async function startImageRegistries(project: string, ...direct: readonly string[]): Promise<ImageRegistries> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-image-registries-'));
  const ends: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];

  async function start(name: string, repositories: string, uses: readonly string[], isOpen: boolean) {
    const registry = await startGuardedRegistry();
    ends.push(registry.stop);
    const { auth } = Object.values(JSON.parse(registry.files()['config.json'] ?? '').auths)[0] as { auth: string };
    const reader = isOpen ? { reader: `Basic ${auth}` } : {};
    const front = await startRegistryFront(`http://${registry.host}`, { host: bridge, ...reader });
    ends.push(front.close);
    const file = join(folder, `${name}.json`);
    const write = (password?: string) => writeFile(file, registry.files(password, front.host)['config.json'] ?? '');
    await write();
    const shared = { projects: [project, ...direct], branches: ['main', 'release-v*'], insecure: true };
    const rule = { host: front.host, repositories: [repositories], ...shared, uses, from: { file } };
    return { registry: { ...registry, front }, rule, write };
  }

  const staging = await start('staging', 'waiting/**', ['upload', 'promote'], false);
  const uses = direct.length > 0 ? ['upload', 'promote'] : ['promote'];
  const final = await start('final', 'acme/*', uses, true);
  const file = join(folder, 'registries.yaml');
  await writeFile(file, stringify([staging.rule, final.rule]));
  return {
    staging: staging.registry,
    final: final.registry,
    file,
    believe: final.write,
    async stop() {
      for (const end of ends.reverse()) await end();
    },
  };
}
