import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ObservedContainer, ObservedPod } from '../../model/pod.ts';
import type { LogChunk } from '../../ports/executor.ts';
import { isOver } from './observe-build.ts';
import { isMissing } from './record.ts';

interface Source {
  readonly container: string;
  readonly file: FileHandle;
  position: number;
  /** Begun and not ended line. */
  pending: Buffer;
}

const pollMs = 150;
const longestLine = 1024 * 1024;

/** Gives every container's log from its first line, in whole lines, until the pod is over; `logPath` says where each one's lies. */
export async function followBuild(
  logPath: (container: string) => string,
  look: () => Promise<ObservedPod | null>,
  onChunk: (chunk: LogChunk) => void,
  signal: AbortSignal,
): Promise<void> {
  const sources = new Map<string, Source>();
  const drained = new Set<string>();
  try {
    for (let pod = await look(); pod !== null && !signal.aborted; pod = await look()) {
      for (const container of pod.containers) {
        if (drained.has(container.name)) continue;
        const source = sources.get(container.name) ?? (await openSource(container.name, logPath(container.name)));
        if (source !== null) sources.set(container.name, source);
        if (source !== null) await readOn(source, onChunk);
        if (!isEnded(container, pod)) {
          if (container.init) break;
          continue;
        }
        if (source !== null) give(source, source.pending, onChunk);
        drained.add(container.name);
      }
      if (isOver(pod.phase)) return;
      await pause(signal);
    }
  } finally {
    for (const { file } of sources.values()) await file.close();
  }
}

function isEnded({ state }: ObservedContainer, pod: ObservedPod): boolean {
  return state.kind === 'terminated' || isOver(pod.phase);
}

async function openSource(container: string, path: string): Promise<Source | null> {
  try {
    return { container, file: await open(path), position: 0, pending: Buffer.alloc(0) };
  } catch (cause) {
    if (isMissing(cause)) return null;
    throw new Error(`cannot open the log ${path}`, { cause });
  }
}

async function readOn(source: Source, onChunk: (chunk: LogChunk) => void): Promise<void> {
  const buffer = Buffer.alloc(256 * 1024);
  for (;;) {
    const { bytesRead } = await source.file.read(buffer, 0, buffer.length, source.position);
    if (bytesRead === 0) return;
    source.position += bytesRead;
    const all = Buffer.concat([source.pending, buffer.subarray(0, bytesRead)]);
    const end = all.lastIndexOf(10) + 1;
    const cut = end === 0 && all.length > longestLine ? all.length : end;
    source.pending = Buffer.from(all.subarray(cut));
    give(source, all.subarray(0, cut), onChunk);
  }
}

function give(source: Source, bytes: Buffer, onChunk: (chunk: LogChunk) => void): void {
  if (bytes.length > 0) onChunk({ container: source.container, text: bytes.toString() });
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await sleep(pollMs, undefined, { signal });
  } catch (cause) {
    if (!signal.aborted) throw cause;
  }
}
