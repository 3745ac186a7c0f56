import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { findProgram } from './find-program.mjs';
import { runWithProgress, say } from './progress.mjs';

/** Where the cluster script leaves kaniko as an archive that podman loads. */
export function kanikoArchive() {
  return join(process.env.CLUSTER_DIR ?? join(homedir(), '.cache', 'sluice-cluster'), 'images', 'kaniko.tar');
}

/** Builds kaniko from source once, where root and Go are; else says loudly what images are then built with. */
export async function readyKaniko(root, mayInstall) {
  if (existsSync(kanikoArchive())) return true;
  const go = findProgram('go');
  const hindrance = whyNotCompile(go, mayInstall);
  if (hindrance === null) {
    const env = { ...process.env, PATH: `${dirname(go)}${delimiter}${process.env.PATH}` };
    const script = join(root, 'test', 'cluster', 'cluster');
    if (await runWithProgress('compiling kaniko (about 2 minutes, once)', script, ['build', 'kaniko'], { env }))
      return true;
  }
  say(`!! NO KANIKO (${hindrance ?? 'it could not be compiled'}): images are built with buildah instead.`);
  return false;
}

/** Why nothing can be compiled and run as root here; null: it can. */
export function whyNotCompile(go, mayInstall) {
  if (!mayInstall) return '--no-install was given';
  if (process.platform !== 'linux' || process.getuid() !== 0) return 'compiling it takes root on Linux';
  if (go === null) return 'compiling it takes Go 1.22 or newer, which is not here';
  const { stdout } = spawnSync(go, ['env', 'GOVERSION'], { encoding: 'utf8' });
  const [, major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
  const isOld = Number(major) < 1 || (Number(major) === 1 && Number(minor) < 22);
  return isOld ? `compiling it takes Go 1.22 or newer; this is ${String(stdout).trim()}` : null;
}
