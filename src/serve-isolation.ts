import type { LocalEngine } from './choose-executor.ts';
import { cliError } from './cli/exit-codes.ts';
import { parseIsolation } from './config/isolation/parse-isolation.ts';
import type { Machine } from './machine.ts';
import type { IsolationSettings } from './model/isolation.ts';

const notTried =
  '**Not proved to be shut in:** no canary tries what code that nobody approved reaches here; the operator can have it tried by `SLUICE_ISOLATION=prove`.';
const plainProcess =
  '**Not shut in:** the operator accepts (`SLUICE_ACCEPT_UNTRUSTED=1`) that code which nobody approved is built by plain processes, which reach whatever the server itself reaches.';

/**
 * How this server knows that code which nobody approved is shut in. In a cluster a canary tries it, where the operator says so.
 * Without one nothing here could be tried from a pod like a build's: what is accepted instead is said on the check runs, and what
 * is refused by the executor itself needs no word. Throws `usage` with every mistake in the settings.
 */
export function isolationOf(machine: Machine, engine: LocalEngine, forge: string): IsolationSettings | null {
  const { isolation } = machine.server;
  const { kind } = engine.executor;
  const place = engine.namespace === undefined ? kind : `namespace ${engine.namespace}`;
  const reading = parseIsolation(isolation, { place, forge });
  if (reading.kind === 'wrong') throw cliError('usage', reading.mistakes.join('\n'));
  if (reading.kind === 'proved') {
    if (kind === 'kubernetes') return reading.settings;
    throw cliError(
      'usage',
      `SLUICE_ISOLATION is "prove", and builds with ${kind} are no pods of a cluster: leave it out`,
    );
  }
  if (kind === 'kubernetes') return { kind: 'unproved', said: notTried };
  return kind === 'process' && machine.server.acceptUntrusted ? { kind: 'unproved', said: plainProcess } : null;
}

/** The same for whoever starts the server. */
export function isolationWords(isolation: IsolationSettings | null, kind: string): readonly string[] {
  if (isolation?.kind === 'proved') {
    const accepted = isolation.accepted.length === 0 ? '' : `; accepted all the same: ${isolation.accepted.join(', ')}`;
    const names = isolation.targets.map(({ name }) => name).join(', ');
    return [
      `Code that nobody approved is built once a canary of the ${isolation.place} has proved that it does not reach ${names}${accepted}.`,
    ];
  }
  if (kind === 'kubernetes')
    return [
      'No canary tries what pods of code that nobody approved reach; each of their check runs says so. SLUICE_ISOLATION=prove with SLUICE_ISOLATION_TARGETS has it tried.',
    ];
  if (kind === 'podman')
    return [
      'No canary tries the network of pods here: what keeps code that nobody approved in is how podman makes it.',
    ];
  return [];
}
