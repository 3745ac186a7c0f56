import { pickStarts } from '../core/line/order-line.ts';
import type { SubjectId } from '../model/subject.ts';
import type { AppContext } from './context.ts';

const tries = 10;

async function dispatchPool(context: AppContext, pool: string): Promise<Set<SubjectId>> {
  const { line } = context.ports;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    const { version, entries } = await line.read(pool);
    const picked = pickStarts(entries, context.settings.limits);
    const concerned = new Set(
      entries
        .filter((entry) => entry.state === 'granted' || picked.includes(entry.build))
        .map((entry) => entry.subject),
    );
    if (picked.length === 0) return concerned;
    if ((await line.grant(pool, version, picked)) === 'changed') continue;
    for (const { build, subject } of entries)
      if (picked.includes(build)) context.ports.log.info({ build, subject, pool }, 'build granted a slot');
    return concerned;
  }
  context.ports.log.warn({ pool }, 'the line changed too often to be served; it is tried again');
  return new Set();
}

/** Gives free slots to the builds whose turn it is and wakes whose they are; those granted before and not started too. */
export async function dispatch(context: AppContext): Promise<void> {
  for (const pool of await context.ports.line.pools()) {
    for (const subject of await dispatchPool(context, pool)) await context.ports.signals.wake(subject);
  }
}
