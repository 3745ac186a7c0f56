import { type CopyState, copyKey } from '../../core/promote/facts.ts';
import { failingOf } from '../../core/promote/trouble.ts';
import { definitionDigest } from '../../model/build.ts';
import { type ImageRef, type RegistryCaller, RegistryTrouble } from '../../model/registry.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { AppSettings, Ports } from '../context.ts';

/** Copies images behind the back of passes, which only see how they stand. */
export interface Copier {
  /** Begins unless it is under way here or, as far as is known, with another worker; wakes the subject when it has ended. */
  start(from: ImageRef, to: string, caller: RegistryCaller, subject: SubjectId): void;
  /** By `copyKey`: what runs here, and what failed here. */
  states(): ReadonlyMap<string, CopyState>;
}

const atOnce = 3;
const leaseMs = 60_000;
const renewMs = 20_000;
/** What failed is remembered for as long as a pass may ask. */
const mostFailed = 1_000;

interface Wanted {
  readonly from: ImageRef;
  readonly to: string;
  readonly caller: RegistryCaller;
  readonly subject: SubjectId;
}

/** What of its process a copier needs. */
interface CopierContext {
  readonly ports: Pick<Ports, 'notes' | 'registry' | 'clock' | 'log' | 'metrics'> & {
    readonly signals: Pick<Ports['signals'], 'wake'>;
  };
  readonly settings: Pick<AppSettings, 'worker'>;
}

export function createCopier({ ports, settings }: CopierContext, signal: AbortSignal): Copier {
  const running = new Set<string>();
  const waiting: Wanted[] = [];
  const failed = new Map<string, CopyState>();
  let busy = 0;

  const leaseOf = (key: string): string => `copy-${definitionDigest(key)}`;

  /** Another worker that copies the same is left to it: false. */
  async function copy({ from, to, caller }: Wanted, key: string): Promise<boolean> {
    const { notes, registry, clock, log } = ports;
    if (!(await notes.lease(leaseOf(key), settings.worker, leaseMs))) return false;
    const ended = new AbortController();
    const keep = async (): Promise<void> => {
      for (;;) {
        await clock.sleep(renewMs, ended.signal);
        if (ended.signal.aborted) return;
        await notes.lease(leaseOf(key), settings.worker, leaseMs);
      }
    };
    keep().catch((err: unknown) => log.debug({ copy: key, err }, 'the lease of a copy was not renewed'));
    try {
      const since = clock.now();
      const copied = await registry.copy(from, to, { from: caller, to: caller }, signal);
      ports.metrics.imageCopied('copied', (clock.now() - since) / 1000, copied.bytes);
      log.info({ copy: key, ...copied, ms: clock.now() - since }, 'image copied');
      return true;
    } finally {
      ended.abort();
      // Whoever comes next need not wait for it to run out.
      await notes.lease(leaseOf(key), settings.worker, 1).catch((err: unknown) => {
        log.debug({ copy: key, err }, 'the lease of a copy runs out by itself');
      });
    }
  }

  async function one(wanted: Wanted, key: string): Promise<void> {
    const { log, clock, signals } = ports;
    const since = clock.now();
    let isNews = true;
    try {
      isNews = await copy(wanted, key);
      failed.delete(key);
    } catch (cause) {
      ports.metrics.imageCopied('failed', (clock.now() - since) / 1000, 0);
      const because = cause instanceof Error ? cause.message : 'unknown error';
      failed.delete(key);
      const failing = failingOf(because, cause instanceof RegistryTrouble ? cause.kind : 'away');
      failed.set(key, { kind: 'failed', ...failing, at: clock.now() });
      for (const oldest of failed.keys()) if (failed.size > mostFailed) failed.delete(oldest);
      log.warn({ copy: key, err: cause }, 'image not copied');
    }
    running.delete(key);
    // What another worker does is looked at in its time.
    if (!isNews) return;
    await signals.wake(wanted.subject).catch((err: unknown) => log.debug({ copy: key, err }, 'nobody woken'));
  }

  function next(): void {
    while (busy < atOnce && !signal.aborted) {
      const wanted = waiting.shift();
      if (wanted === undefined) return;
      busy += 1;
      one(wanted, copyKey(wanted.from, wanted.to)).then(
        () => {
          busy -= 1;
          next();
        },
        () => undefined,
      );
    }
  }

  return {
    start(from, to, caller, subject) {
      const key = copyKey(from, to);
      if (running.has(key) || signal.aborted) return;
      running.add(key);
      waiting.push({ from, to, caller, subject });
      next();
    },
    states: () => new Map([...failed, ...[...running].map((key) => [key, { kind: 'running' } as const] as const)]),
  };
}
