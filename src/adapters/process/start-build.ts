import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type PodManifest, podKeys } from '../../model/pod.ts';
import type { PodSecrets, StartOutcome } from '../../ports/executor.ts';
import { flawOf } from './check-manifest.ts';
import { appear, type BuildRecord, type BuildState, buildPaths, pathsIn, readJson, removeFolder } from './record.ts';
import type { ProcessSettings } from './settings.ts';
import { writeSecrets } from './write-secrets.ts';

const patience = 15_000;

/** Starts a build once: its folder, then its runner. Another caller, before or after a crash, joins at any point. */
export async function startBuild(
  settings: ProcessSettings,
  builds: string,
  manifest: PodManifest,
  secrets: PodSecrets,
): Promise<StartOutcome> {
  const flaw = flawOf(settings, manifest, secrets);
  if (flaw !== null) return { kind: 'refused', because: flaw };
  const { name } = manifest.metadata;
  const paths = buildPaths(builds, name);
  const known = await readJson<BuildRecord>(paths.record);
  const fresh = known === null && (await appear(builds, name, (folder) => fill(settings, folder, manifest, secrets)));
  const record = known ?? (await readJson<BuildRecord>(paths.record));
  const owner = record?.manifest.metadata.labels[podKeys.owner];
  if (owner !== settings.owner)
    return { kind: 'refused', because: `a build of ${owner ?? 'nobody'} has the name ${name}` };
  return (await waitForRunner(settings, builds, name)) ?? { kind: fresh ? 'created' : 'exists' };
}

async function fill(
  settings: ProcessSettings,
  folder: string,
  manifest: PodManifest,
  secrets: PodSecrets,
): Promise<void> {
  const paths = pathsIn(folder);
  const createdAt = settings.now();
  const uid = createHash('sha256').update(`${manifest.metadata.name} ${createdAt}`).digest('hex').slice(0, 32);
  const { stepCommand, searchPath, logLimit } = settings;
  const record: BuildRecord = { manifest, uid, createdAt, stepCommand, searchPath, logLimit };
  for (const part of ['home', 'volumes', 'secrets', 'results', 'logs'])
    await mkdir(join(folder, part), { mode: 0o700 });
  for (const volume of manifest.spec.volumes) await mkdir(paths.volume(volume.name), { mode: 0o700 });
  for (const container of [...manifest.spec.initContainers, ...manifest.spec.containers]) {
    await writeFile(paths.result(container.name), '', { mode: 0o600 });
    for (const { name } of container.volumeMounts) {
      const files = secrets[name];
      if (files !== undefined) await writeSecrets(join(paths.secrets(container.name), name), files);
    }
  }
  await writeFile(paths.record, JSON.stringify(record), { mode: 0o600 });
}

/** Launches a runner unless one has begun, and waits for its first breath; null when it breathes. */
async function waitForRunner(settings: ProcessSettings, builds: string, name: string): Promise<StartOutcome | null> {
  const paths = buildPaths(builds, name);
  if ((await readJson<BuildState>(paths.state)) !== null) return null;
  // A second runner of a build that is just being claimed ends by itself.
  const failure = await launch(settings, paths.folder);
  for (let waited = 0; waited < patience; waited += 20) {
    if ((await readJson<BuildState>(paths.state)) !== null) return null;
    const words = failure();
    if (words !== null) {
      await removeFolder(builds, name);
      return { kind: 'unavailable', because: `the runner of the build does not start: ${words}` };
    }
    await sleep(20);
  }
  return { kind: 'unavailable', because: `the runner of the build did not begin within ${patience / 1000} seconds` };
}

/** Gives a function that says why the program could not be started at all, if so. */
async function launch(settings: ProcessSettings, folder: string): Promise<() => string | null> {
  let failure: string | null = null;
  await using output = await open(join(folder, 'runner.out'), 'a', 0o600);
  const program = fileURLToPath(new URL('runner.ts', import.meta.url));
  const child = spawn(settings.node, [program, folder], {
    cwd: folder,
    env: { PATH: settings.searchPath },
    stdio: ['ignore', output.fd, output.fd],
    detached: true,
  });
  child.once('error', (error) => {
    failure = error.message;
  });
  child.unref();
  return () => failure;
}
