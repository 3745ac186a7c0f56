import { execFile } from 'node:child_process';
import { access, mkdtemp, readdir } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createPodmanExecutor } from '../../../src/adapters/podman/executor.ts';
import { loadImageArchive } from '../../../src/adapters/podman/images.ts';
import { type BuildNetwork, createBuildNetwork } from '../../../src/adapters/podman/network.ts';
import { runPodman } from '../../../src/adapters/podman/podman-command.ts';
import { removeStore } from '../../../src/adapters/podman/remove-store.ts';
import { type PodmanSettings, type PodmanStore, podmanDefaults } from '../../../src/adapters/podman/settings.ts';
import { prepareStore } from '../../../src/adapters/podman/store.ts';
import { remainsOf, startAndDie } from '../../contract/dying-worker.ts';
import type { ExecutorSubject } from '../../contract/executor-rig.ts';

const run = promisify(execFile);
const podman = '/usr/bin/podman';
/** Where `test/cluster/cluster build kaniko` leaves its image archives. */
export const archives = join(process.env.CLUSTER_DIR ?? join(homedir(), '.cache/sluice-cluster'), 'images');
const images: PodmanStore = { folder: join(homedir(), '.cache/sluice/podman-images'), images: null, podman };

/** Why podman cannot be tested here, or null. On a CI machine that could have it, its absence is an error. */
export async function podmanAbsence(): Promise<string | null> {
  const absence = await findAbsence();
  if (absence === null) return null;
  process.stderr.write(`\n*** PODMAN IS NOT TESTED: ${absence} ***\n\n`);
  if (process.env.CI !== undefined && process.getuid?.() === 0 && (await answers('go', 'version')))
    throw new Error(absence);
  return absence;
}

async function findAbsence(): Promise<string | null> {
  if (process.getuid?.() !== 0) return 'it needs root';
  for (const [program, option] of [
    ['podman', '--version'],
    ['runc', '--version'],
    ['ip', '-V'],
  ] as const) {
    if (!(await answers(program, option))) return `${program} is not installed (apt-get install podman runc iproute2)`;
  }
  for (const name of ['pause', 'busybox', 'kaniko']) {
    const missing = await access(join(archives, `${name}.tar`)).then(
      () => false,
      () => true,
    );
    if (missing) return `there is no ${join(archives, `${name}.tar`)} (test/cluster/cluster build kaniko)`;
  }
  return null;
}

function answers(program: string, option: string): Promise<boolean> {
  return run(program, [option]).then(
    () => true,
    () => false,
  );
}

/** A store of its own over the kept images, removed by `end` with everything in it. */
export interface TestStore {
  readonly store: PodmanStore;
  readonly leftovers: () => Promise<readonly string[]>;
  readonly end: () => Promise<void>;
}

export async function makeTestStore(): Promise<TestStore> {
  for (const name of ['pause', 'busybox', 'kaniko']) await loadImageArchive(images, join(archives, `${name}.tar`));
  const store = { folder: await mkdtemp(join(tmpdir(), 'sluice-podman-')), images: images.folder, podman };
  await prepareStore(store);
  return {
    store,
    leftovers: () => leftoversOf(store),
    end: () => removeStore(store),
  };
}

async function leftoversOf(store: PodmanStore): Promise<readonly string[]> {
  const { stdout } = await runPodman(store, ['ps', '--all', '--format', '{{.Names}}']);
  const mounts = (await run('findmnt', ['-rno', 'TARGET'])).stdout
    .split('\n')
    .filter((line) => line.includes(`${store.folder}/root/overlay/`));
  const processes = (await run('ps', ['-eo', 'args'])).stdout
    .split('\n')
    .filter((line) => line.includes(`${store.folder}/`) && /conmon|kube play/.test(line));
  const builds = await readdir(join(store.folder, 'builds'));
  return [...stdout.split('\n').filter((line) => line !== ''), ...mounts, ...processes, ...builds];
}

export function settingsFor(store: PodmanStore, network: string, owner: string): PodmanSettings {
  return { ...podmanDefaults, store, owner, network: { name: network }, now: Date.now };
}

/** Interfaces of pods that are still in a network: there is one of ours in it always. */
async function membersOf({ gateway }: BuildNetwork): Promise<readonly string[]> {
  const [, third, fourth] = gateway.split('.');
  const { stdout } = await run('ip', ['-o', 'link', 'show', 'master', `slb${third}x${fourth}`]);
  return stdout.split('\n').filter((line) => line !== '' && !line.includes(`slb${third}x${fourth}k@`));
}

/** Podman for the contract suite. */
export async function podmanSubject(): Promise<ExecutorSubject> {
  const { store, leftovers, end } = await makeTestStore();
  const network = await createBuildNetwork(store, 'contract');
  const settings = settingsFor(store, network.name, 'contract');
  const executor = createPodmanExecutor(settings);
  const remains = remainsOf(store.folder);
  return {
    owner: 'contract',
    executor,
    another: (owner) => createPodmanExecutor({ ...settings, owner }),
    startAndDie: async (manifest, secrets, until) => {
      await startAndDie({ kind: 'podman', settings }, manifest, secrets, until);
      await remains.note();
    },
    leftovers: async () =>
      [...(await leftovers()), ...(await membersOf(network))].filter((name) => !remains.isOf(name)),
    end: async () => {
      await executor.close();
      await network.remove();
      await end();
    },
  };
}
