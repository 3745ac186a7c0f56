import { setTimeout as sleep } from 'node:timers/promises';
import { isLater, isOver, readPod } from './api-pod.ts';
import { linesOf } from './lines.ts';
import type { PodStore } from './pod-store.ts';
import type { PodsApi } from './pods-api.ts';
import type { WatchPace } from './settings.ts';

/** Keeps the store true, by listing and then watching, for as long as it is open. */
export interface PodWatch {
  /** Begins, at the first call. */
  readonly begin: () => void;
  /** Whether the store may be believed about what is there and what is not. */
  readonly isFresh: () => boolean;
  /** Makes the store true by a listing, now; throws when there is none. */
  readonly refresh: () => Promise<void>;
  /** A write of ours has this version: a watch that does not tell of it within seconds has gone silent. */
  readonly expect: (version: string) => void;
  readonly close: () => void;
}

interface Turn {
  readonly cut: AbortController;
  heardAt: number;
  version: string;
}

const shortestPauseMs = 200;
const longestPauseMs = 10_000;

/**
 * Our own loop, because the library's informer relists at once when the API server says 410, without a pause, and does not notice a
 * watch that says nothing more.
 */
export function createPodWatch(api: PodsApi, store: PodStore, pace: WatchPace): PodWatch {
  const closing = new AbortController();
  let turn: Turn | null = null;
  let listedAt = Number.NEGATIVE_INFINITY;
  let begun = false;

  async function refresh(): Promise<string> {
    const listing = store.beginListing();
    const { pods, version } = await api.list();
    listing.finish(pods);
    return version;
  }

  async function watchFrom(version: string): Promise<'due' | 'broken'> {
    const mine: Turn = { cut: new AbortController(), heardAt: performance.now(), version };
    const signal = AbortSignal.any([mine.cut.signal, closing.signal]);
    const unanswered = setTimeout(() => mine.cut.abort(), pace.silenceMs).unref();
    try {
      const { status, chunks } = await api.watch(version, Math.ceil((2 * pace.relistMs) / 1000), signal);
      clearTimeout(unanswered);
      if (status !== 200) return 'broken';
      turn = mine;
      for await (const line of linesOf(chunks)) {
        mine.heardAt = performance.now();
        if (!takeEvent(store, mine, line)) return 'broken';
      }
      return 'due';
    } catch {
      // Cut by ourselves because a listing is due, or broken: the next listing tells which.
      return mine.cut.signal.aborted ? 'due' : 'broken';
    } finally {
      clearTimeout(unanswered);
      mine.cut.abort();
      if (turn === mine) turn = null;
    }
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!closing.signal.aborted) {
      try {
        const version = await refresh();
        listedAt = performance.now();
        failures = (await watchFrom(version)) === 'due' ? 0 : failures + 1;
      } catch {
        failures += 1;
      }
      if (failures > 0) await pause(failures, closing.signal);
    }
  }

  function lookAround(): void {
    if (turn === null) return;
    const now = performance.now();
    const quiet = store.all().some((pod) => !isOver(pod)) ? pace.silenceMs : pace.relistMs;
    if (now - listedAt > pace.relistMs || now - turn.heardAt > quiet) turn.cut.abort();
  }

  const timer = setInterval(lookAround, Math.min(1000, pace.silenceMs / 4)).unref();

  return {
    begin: () => {
      if (begun || closing.signal.aborted) return;
      begun = true;
      void run();
    },
    isFresh: () => turn !== null,
    refresh: async () => void (await refresh()),
    expect: (version) => {
      setTimeout(() => {
        if (turn !== null && isLater(version, turn.version)) turn.cut.abort();
      }, pace.echoMs).unref();
    },
    close: () => {
      clearInterval(timer);
      closing.abort();
    },
  };
}

/** False when the stream cannot be gone on with. */
function takeEvent(store: PodStore, turn: Turn, line: string): boolean {
  const { type, object } = JSON.parse(line) as { type: string; object: unknown };
  if (type === 'ERROR') return false;
  turn.version = versionOf(object) ?? turn.version;
  if (type === 'BOOKMARK') return true;
  const pod = readPod(object);
  if (type === 'DELETED') store.drop(pod.metadata.name, pod.metadata.uid);
  else store.put(pod);
  return true;
}

function versionOf(object: unknown): string | undefined {
  return (object as { metadata?: { resourceVersion?: string } } | null)?.metadata?.resourceVersion;
}

/** Grows with each failure, and differs between workers, so that they do not all come back at the same moment. */
async function pause(failures: number, signal: AbortSignal): Promise<void> {
  const longest = Math.min(longestPauseMs, shortestPauseMs * 2 ** Math.min(failures, 10));
  try {
    await sleep(longest * (0.5 + Math.random() / 2), undefined, { signal });
  } catch {
    // Closed.
    return;
  }
}
