import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogChunk } from '../../ports/executor.ts';
import { type GrowingFile, openGrowingFile } from './log-file.ts';
import { createLogReader, type LogReader } from './log-lines.ts';
import type { SeenBuild } from './observe-builds.ts';
import { storePaths } from './store.ts';

interface Source {
  readonly container: string;
  readonly file: GrowingFile;
  readonly reader: LogReader;
}

/** How a follower learns of its build; null when it is gone. */
export type Look = () => Promise<SeenBuild | null>;

const pollMs = 150;
const looksEvery = 5;

/**
 * Gives every container's output from its first line: init containers one after another, then the main ones as they write.
 * Reads podman's files directly, which costs no call of podman; only the state is asked for, every 750 ms.
 */
export async function followBuild(
  folder: string,
  look: Look,
  onChunk: (chunk: LogChunk) => void,
  signal: AbortSignal,
): Promise<void> {
  const sources = new Map<string, Source>();
  const drained = new Set<string>();
  try {
    for (let seen = await look(); seen !== null && !signal.aborted; seen = await look()) {
      const over = isOver(seen);
      const passes = over ? 1 : looksEvery;
      for (let pass = 0; pass < passes && !signal.aborted; pass++) {
        await readReady(folder, seen, sources, drained, onChunk);
        if (!over) await pause(signal);
      }
      if (over) return;
    }
  } finally {
    for (const { file } of sources.values()) await file.close();
  }
}

function isOver({ pod }: SeenBuild): boolean {
  return pod.phase === 'succeeded' || pod.phase === 'failed';
}

async function readReady(
  folder: string,
  seen: SeenBuild,
  sources: Map<string, Source>,
  drained: Set<string>,
  onChunk: (chunk: LogChunk) => void,
): Promise<void> {
  for (const { name, init, state } of seen.pod.containers) {
    const id = seen.ids.get(name);
    if (id === undefined || drained.has(name)) continue;
    const source = sources.get(name) ?? openSource(folder, name, id);
    sources.set(name, source);
    await readSource(source, onChunk);
    if (state.kind === 'terminated' || isOver(seen)) {
      give(source, source.reader.rest(), onChunk);
      drained.add(name);
    } else if (init) return;
  }
}

function openSource(folder: string, container: string, id: string): Source {
  const path = join(storePaths(folder).root, 'overlay-containers', id, 'userdata', 'ctr.log');
  return { container, file: openGrowingFile(path), reader: createLogReader() };
}

async function readSource(source: Source, onChunk: (chunk: LogChunk) => void): Promise<void> {
  for (let piece = await source.file.read(); piece.length > 0; piece = await source.file.read()) {
    give(source, source.reader.take(piece), onChunk);
  }
}

function give({ container }: Source, text: string, onChunk: (chunk: LogChunk) => void): void {
  if (text !== '') onChunk({ container, text });
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await sleep(pollMs, undefined, { signal });
  } catch (cause) {
    if (!signal.aborted) throw cause;
  }
}
