import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObservedContainer, ObservedPod, PodManifest } from '../../model/pod.ts';
import type { ProcessMark } from './process-mark.ts';

/** Everything the runner needs; it is given nothing but the folder of this. */
export interface BuildRecord {
  readonly manifest: PodManifest;
  /** Another start of the same name has another one. */
  readonly uid: string;
  readonly createdAt: number;
  readonly stepCommand: readonly string[];
  readonly searchPath: string;
  readonly logLimit: number;
}

/** What the runner last wrote; whole, as it replaces the file in one step. */
export interface BuildState {
  readonly runner: ProcessMark;
  readonly phase: ObservedPod['phase'];
  readonly reason: string | null;
  readonly message: string | null;
  readonly containers: readonly ObservedContainer[];
}

/** The folders and files of one build. */
export function buildPaths(builds: string, name: string) {
  if (!isPodName(name)) throw new TypeError(`not a pod name: ${JSON.stringify(name)}`);
  return pathsIn(join(builds, name));
}

export function pathsIn(folder: string) {
  return {
    folder,
    record: join(folder, 'record.json'),
    state: join(folder, 'state.json'),
    /** Why it was ended by us; being there, it also forbids to start anything more. */
    ended: join(folder, 'ended.json'),
    claimed: join(folder, 'claimed'),
    home: join(folder, 'home'),
    volume: (volume: string) => join(folder, 'volumes', volume),
    secrets: (container: string) => join(folder, 'secrets', container),
    result: (container: string) => join(folder, 'results', container),
    log: (container: string) => join(folder, 'logs', container),
  } as const;
}

export function isPodName(name: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name);
}

/** Null when the file is not there. */
export async function readJson<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw new Error(`cannot read ${path}`, { cause });
  }
}

/** Replaces a file in one step. */
export async function writeJson(path: string, content: object): Promise<void> {
  const next = `${path}.new`;
  await writeFile(next, JSON.stringify(content), { mode: 0o600 });
  await rename(next, path);
}

/** Names of all builds on record, in no order. */
export async function recordedNames(builds: string): Promise<readonly string[]> {
  try {
    return (await readdir(builds)).filter(isPodName);
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw new Error(`cannot read the folder of builds ${builds}`, { cause });
  }
}

/** Makes a folder that is complete when it appears: false when one is there already. */
export async function appear(builds: string, name: string, fill: (folder: string) => Promise<void>): Promise<boolean> {
  await mkdir(builds, { recursive: true, mode: 0o700 });
  const draft = await mkdtemp(join(builds, '.draft-'));
  try {
    await fill(draft);
    await rename(draft, buildPaths(builds, name).folder);
    return true;
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    if (hasCode(cause, 'ENOTEMPTY') || hasCode(cause, 'EEXIST')) return false;
    throw new Error(`cannot make the folder of build ${name}`, { cause });
  }
}

/** Removes a build's folder; first by one rename out of sight, so that no half of it is ever read. */
export async function removeFolder(builds: string, name: string): Promise<void> {
  const away = await mkdtemp(join(builds, '.gone-'));
  try {
    await rename(buildPaths(builds, name).folder, join(away, name));
  } catch (cause) {
    if (!isMissing(cause)) throw new Error(`cannot remove the folder of build ${name}`, { cause });
  } finally {
    await rm(away, { recursive: true, force: true });
  }
}

/** Removes what workers that died half-way left; drafts hold secrets. */
export async function sweepDrafts(builds: string, now: number): Promise<void> {
  const entries = await readdir(builds);
  for (const entry of entries.filter((name) => /^\.(draft|gone)-/.test(name))) {
    const { mtimeMs } = await stat(join(builds, entry));
    if (now - mtimeMs > 600_000) await rm(join(builds, entry), { recursive: true, force: true });
  }
}

/** The last `limit` bytes of a file, as the kubelet reads termination messages; empty when it is not there. */
export async function readTail(path: string, limit: number): Promise<string> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(limit), 0, limit, Math.max(0, size - limit));
    return buffer.subarray(0, bytesRead).toString();
  } catch (cause) {
    if (isMissing(cause)) return '';
    throw new Error(`cannot read ${path}`, { cause });
  }
}

export function isMissing(cause: unknown): boolean {
  return hasCode(cause, 'ENOENT') || hasCode(cause, 'ENOTDIR');
}

export function hasCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
