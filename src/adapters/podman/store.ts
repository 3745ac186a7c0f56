import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PodmanStore } from './settings.ts';

/** Where things lie below a store's folder. */
export function storePaths(folder: string) {
  return {
    root: join(folder, 'root'),
    run: join(folder, 'run'),
    builds: join(folder, 'builds'),
    networks: join(folder, 'networks'),
    loaded: join(folder, 'loaded'),
    temporary: join(folder, 'tmp'),
    home: join(folder, 'home'),
    events: join(folder, 'run', 'events.log'),
    containersConf: join(folder, 'containers.conf'),
    storageConf: join(folder, 'storage.conf'),
    // Of the home, so that it is read besides what the operator wrote for the whole machine.
    registriesConf: join(folder, 'home/.config/containers/registries.conf.d/insecure.conf'),
  } as const;
}

// `/usr/sbin` holds runc on Debian. The worker's own environment is not handed on: it may hold its secrets.
const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The whole environment of every podman call on this store. */
export function storeEnvironment(folder: string): Record<string, string> {
  const paths = storePaths(folder);
  return {
    PATH: searchPath,
    HOME: paths.home,
    TMPDIR: paths.temporary,
    CONTAINERS_CONF: paths.containersConf,
    CONTAINERS_STORAGE_CONF: paths.storageConf,
  };
}

/** Makes the folders and writes the configuration; repeating it changes nothing. */
export async function prepareStore(store: PodmanStore): Promise<void> {
  const paths = storePaths(store.folder);
  await mkdir(store.folder, { recursive: true, mode: 0o700 });
  for (const folder of [paths.builds, paths.networks, paths.loaded, paths.temporary, paths.home, paths.run]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  // Podman does nothing at all while a store that it shall read from is not there.
  if (store.images !== null) await mkdir(storePaths(store.images).root, { recursive: true, mode: 0o700 });
  await forgetEarlierBoot(store.folder);
  const limits = await readFile('/proc/self/limits', 'utf8');
  await writeWhole(paths.containersConf, containersConf(store.folder, limits));
  await writeWhole(paths.storageConf, storageConf(store));
  await mkdir(dirname(paths.registriesConf), { recursive: true, mode: 0o700 });
  await writeWhole(paths.registriesConf, registriesConf(store));
}

// Podman believes what lies in its run folder until that is gone, and takes it to be on a file system that a boot empties.
async function forgetEarlierBoot(folder: string): Promise<void> {
  const mark = join(folder, 'boot');
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  const known = await readFile(mark, 'utf8').catch(() => 'a new store');
  if (known === boot) return;
  const { run } = storePaths(folder);
  if (known !== 'a new store') await rm(run, { recursive: true, force: true });
  await mkdir(run, { recursive: true, mode: 0o700 });
  await writeWhole(mark, boot);
}

/** Replaces a file in one step: a reader sees the old or the new content. */
export async function writeWhole(path: string, content: string, mode = 0o600): Promise<void> {
  const next = `${path}.${randomUUID()}.new`;
  await writeFile(next, content, { mode });
  await rename(next, path);
}

function containersConf(folder: string, limits: string): string {
  const paths = storePaths(folder);
  const hard = (name: string) =>
    Number(new RegExp(`^${name}\\s+\\S+\\s+(\\d+)`, 'm').exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  // Podman's own defaults are above the hard limits of some machines, where runc then fails with EPERM; and it lowers the hard
  // limit of processes by itself, so that more than 32768 failed where 96365 were allowed.
  const files = Math.min(hard('Max open files'), 65536);
  const processes = Math.min(hard('Max processes'), 4096);
  return `[containers]
default_ulimits = ["nofile=${files}:${files}", "nproc=${processes}:${processes}"]
log_driver = "k8s-file"
http_proxy = false
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
events_logfile_path = "${paths.events}"
infra_image = "localhost/pause:1"
# Locks in shared memory belong to all stores of the machine, and a new store frees them all.
lock_type = "file"
tmp_dir = "${join(paths.run, 'libpod')}"
static_dir = "${join(paths.root, 'libpod')}"
volume_path = "${join(paths.root, 'volumes')}"
image_copy_tmp_dir = "${paths.temporary}"
[network]
network_backend = "netavark"
network_config_dir = "${paths.networks}"
`;
}

function storageConf(store: PodmanStore): string {
  const paths = storePaths(store.folder);
  const more = store.images === null ? '' : `"${storePaths(store.images).root}"`;
  return `[storage]
driver = "overlay"
graphroot = "${paths.root}"
runroot = "${join(paths.run, 'storage')}"
[storage.options]
additionalimagestores = [${more}]
`;
}

function registriesConf({ insecureRegistries = [] }: PodmanStore): string {
  return insecureRegistries
    .map((host) => `[[registry]]\nlocation = ${JSON.stringify(host)}\ninsecure = true\n`)
    .join('');
}
