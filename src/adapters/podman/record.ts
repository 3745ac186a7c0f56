import { mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PodManifest } from '../../model/pod.ts';
import { isRunning, type ProcessMark } from './process-mark.ts';

/** What we keep of one build on disk, so that any later worker finds it; podman itself knows no deadline, reason or annotation. */
export interface BuildRecord {
  readonly manifest: PodManifest;
  /** Another start of the same name has another one. */
  readonly uid: string;
  readonly createdAt: number;
}

/** What the starter and we have noted in a build's folder so far. */
export interface StartProgress {
  /** `none`: nobody has begun to start it; `gone`: somebody had, and is no more. */
  readonly starter: 'none' | 'alive' | 'gone';
  readonly created: StepEnd | null;
  readonly started: StepEnd | null;
  /** Why it was ended, or could not begin, by us. */
  readonly ended: { readonly reason: string; readonly message: string | null } | null;
}

export interface StepEnd {
  readonly code: number;
  readonly output: string;
  readonly at: number;
}

/** The folders and files of one build. */
export function buildPaths(builds: string, name: string) {
  if (!isPodName(name)) throw new TypeError(`not a pod name: ${JSON.stringify(name)}`);
  const folder = join(builds, name);
  return {
    folder,
    record: join(folder, 'record.json'),
    pod: join(folder, 'pod.json'),
    claimed: join(folder, 'claimed'),
    starter: join(folder, 'starter'),
    ended: join(folder, 'ended.json'),
    volumes: join(folder, 'volumes'),
    secrets: join(folder, 'secrets'),
    results: join(folder, 'results'),
  } as const;
}

export function isPodName(name: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name);
}

/** Null when there is no such build. */
export async function readRecord(builds: string, name: string): Promise<BuildRecord | null> {
  const text = await readIfThere(buildPaths(builds, name).record);
  return text === null ? null : (JSON.parse(text) as BuildRecord);
}

/** Names of all builds on record, in no order. */
export async function recordedNames(builds: string): Promise<readonly string[]> {
  return (await entriesOf(builds)).filter(isPodName);
}

async function entriesOf(builds: string): Promise<readonly string[]> {
  try {
    return await readdir(builds);
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw new Error(`cannot read the folder of builds ${builds}`, { cause });
  }
}

async function modifiedAt(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw new Error(`cannot look at ${path}`, { cause });
  }
}

export async function readProgress(builds: string, name: string, now: number): Promise<StartProgress> {
  const paths = buildPaths(builds, name);
  // First the starter: when it is gone, all that it will ever have noted is there.
  const starter = await starterState(builds, name, now);
  const [created, started, ended] = await Promise.all([
    readStep(paths.folder, 'create'),
    readStep(paths.folder, 'start'),
    readIfThere(paths.ended),
  ]);
  return { starter, created, started, ended: ended === null ? null : JSON.parse(ended) };
}

/** Podman's own id of the pod, or null when it has not said it yet. */
export async function readPodId(builds: string, name: string): Promise<string | null> {
  const created = await readStep(buildPaths(builds, name).folder, 'create');
  return /^Pod:\n([0-9a-f]{64})$/m.exec(created?.output ?? '')?.[1] ?? null;
}

/** Notes why the build was ended; the first reason stays. */
export async function noteEnd(builds: string, name: string, reason: string, message: string | null): Promise<void> {
  try {
    await writeFile(buildPaths(builds, name).ended, JSON.stringify({ reason, message }), { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    if (!hasCode(cause, 'EEXIST') && !isMissing(cause))
      throw new Error(`cannot note the end of build ${name}`, { cause });
  }
}

/** The starter's process, or null when none has written its mark. */
export async function readStarter(builds: string, name: string): Promise<ProcessMark | null> {
  const text = await readIfThere(buildPaths(builds, name).starter);
  const [pid, startTime] = (text ?? '').trim().split(' ');
  return pid === undefined || startTime === undefined ? null : { pid: Number(pid), startTime };
}

/** Removes the record; first by one rename out of sight, so that no half of it is ever read. */
export async function removeRecord(builds: string, name: string): Promise<void> {
  const { folder } = buildPaths(builds, name);
  const away = await mkdtemp(join(builds, '.gone-'));
  try {
    await rename(folder, join(away, name));
  } catch (cause) {
    if (!isMissing(cause)) throw new Error(`cannot remove the folder ${folder}`, { cause });
  } finally {
    await rm(away, { recursive: true, force: true });
  }
}

/** Removes what workers that died half-way left in sight of nobody; drafts hold secrets. */
export async function sweepDrafts(builds: string, now: number): Promise<void> {
  for (const entry of await entriesOf(builds)) {
    if (!/^\.(draft|gone)-/.test(entry)) continue;
    const path = join(builds, entry);
    const age = now - ((await modifiedAt(path)) ?? now);
    if (age > 600_000) await rm(path, { recursive: true, force: true });
  }
}

/** The last 4,096 bytes of what a container left in its termination message file, as the kubelet reads it. */
export async function readResult(builds: string, name: string, container: string): Promise<string> {
  const limit = 4096;
  try {
    await using file = await open(join(buildPaths(builds, name).results, container));
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(limit), 0, limit, Math.max(0, size - limit));
    return buffer.subarray(0, bytesRead).toString();
  } catch (cause) {
    if (isMissing(cause)) return '';
    throw new Error(`cannot read the result of ${name}/${container}`, { cause });
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

async function starterState(builds: string, name: string, now: number): Promise<StartProgress['starter']> {
  const claimedAt = await modifiedAt(buildPaths(builds, name).claimed);
  if (claimedAt === null) return 'none';
  const mark = await readStarter(builds, name);
  if (mark !== null) return (await isRunning(mark)) ? 'alive' : 'gone';
  // Between its claim and its mark lie a few system calls; a starter that died right there leaves the claim alone.
  return now - claimedAt < 5_000 ? 'alive' : 'gone';
}

async function readStep(folder: string, step: string): Promise<StepEnd | null> {
  const path = join(folder, `${step}.code`);
  const code = await readIfThere(path);
  if (code === null) return null;
  const output = (await readIfThere(join(folder, `${step}.out`))) ?? '';
  const at = await modifiedAt(path);
  // Removed while it was read: then it is not there.
  return at === null ? null : { code: Number(code), output, at };
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw new Error(`cannot read ${path}`, { cause });
  }
}

export function isMissing(cause: unknown): boolean {
  return hasCode(cause, 'ENOENT') || hasCode(cause, 'ENOTDIR');
}

function hasCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
