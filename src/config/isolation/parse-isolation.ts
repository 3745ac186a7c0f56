import { z } from 'zod';
import type { IsolationTarget, ProvedIsolation } from '../../model/isolation.ts';
import { repositoryFault } from '../schema/references.ts';

/** What the operator says of isolation: each a list of words, as the environment has it. */
export interface WrittenIsolation {
  /** SLUICE_ISOLATION; null: nothing is said. */
  readonly mode: string | null;
  /** SLUICE_ISOLATION_TARGETS */
  readonly targets: readonly string[];
  /** SLUICE_ISOLATION_ACCEPTED */
  readonly accepted: readonly string[];
  /** SLUICE_ISOLATION_CONTROL; null: the forge, from which every build clones. */
  readonly control: string | null;
}

/** What is known without being said. */
export interface IsolationPlace {
  readonly place: string;
  /** Address of the forge. */
  readonly forge: string;
}

export type IsolationReading =
  | { readonly kind: 'off' }
  | { readonly kind: 'proved'; readonly settings: ProvedIsolation }
  /** Each with where, what, and what to write instead. */
  | { readonly kind: 'wrong'; readonly mistakes: readonly string[] };

/** Everything that is wrong with one value, as `what; what to write instead`. */
type Written<T> = z.ZodType<T, string>;

const nameShape = /^[a-z][a-z0-9-]{0,39}$/;
const hostShape = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9a-fA-F:]+)$/;
const example = 'write it as api-server=10.96.0.1:443, as registry=https://registry.acme.io/library/busybox, or as pod';

/** More would not fit into what one pod can say. */
const mostTargets = 20;

function addressOf(text: string): { readonly host: string; readonly port: number } | string {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, Math.max(0, colon)).replace(/^\[|\]$/g, '');
  const port = Number(text.slice(colon + 1));
  if (colon < 0 || text.endsWith(':')) return `names no port; write ${text.replace(/:$/, '') || 'HOST'}:PORT`;
  if (!hostShape.test(host)) return `names ${JSON.stringify(host)}, which is no host; write HOST:PORT`;
  if (/^\d+$/.test(text.slice(colon + 1)) && port >= 1 && port <= 65_535) return { host, port };
  return `names the port ${JSON.stringify(text.slice(colon + 1))}; write a number from 1 to 65535`;
}

function urlOf(text: string): string | null {
  const [, host = '', path = ''] = /^https?:\/\/([^/]+)\/(.+)$/.exec(text) ?? [];
  return repositoryFault(`${host}/${path}`) === null ? text : null;
}

function targetOf(text: string): IsolationTarget | string {
  if (text === 'pod') return { name: 'pod', kind: 'pod' };
  const [, name = '', rest = ''] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  if (name === '' || rest === '') return `is no target; ${example}`;
  if (name === 'pod') return 'names an address for pod, which is a pod that we start; write pod';
  if (!nameShape.test(name))
    return `is called ${JSON.stringify(name)}; write a name of lower-case letters, digits and -`;
  if (/^[a-z]+:\/\//.test(rest)) {
    const url = urlOf(rest);
    return url === null
      ? 'names no repository of a registry; write https://HOST/REPOSITORY'
      : { name, kind: 'write', url };
  }
  const address = addressOf(rest);
  return typeof address === 'string' ? address : { name, kind: 'connect', ...address };
}

/** A text that is read to a value, or to what is wrong with it. */
function readBy<T>(read: (text: string) => T | string): Written<Exclude<T, string>> {
  return z.string().transform((text, context) => {
    const value = read(text);
    if (typeof value !== 'string') return value as Exclude<T, string>;
    context.addIssue({ code: 'custom', message: value });
    return z.NEVER;
  });
}

const target = readBy(targetOf);
const address = readBy(addressOf);
const mode = z.enum(['prove', 'off'], { error: 'is neither prove nor off; write one of them' });

function faultIn(where: string, text: string, parsed: z.ZodSafeParseResult<unknown>): readonly string[] {
  return parsed.success ? [] : parsed.error.issues.map(({ message }) => `${where}: ${JSON.stringify(text)} ${message}`);
}

function listFaults(targets: readonly IsolationTarget[], accepted: readonly string[]): readonly string[] {
  const names = targets.map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  const unknown = accepted.filter((name) => !names.includes(name));
  const where = 'SLUICE_ISOLATION_TARGETS';
  return [
    ...(targets.length === 0 ? [`${where} names nothing, so nothing would be proved; ${example}`] : []),
    ...(targets.length > mostTargets
      ? [`${where} names ${targets.length} targets; write ${mostTargets} at the most`]
      : []),
    ...twice.map((name) => `${where}: two targets are called ${name}; give one another name`),
    ...unknown.map(
      (name) =>
        `SLUICE_ISOLATION_ACCEPTED: ${JSON.stringify(name)} is no target; write one of ${names.join(', ') || 'those that SLUICE_ISOLATION_TARGETS names'}`,
    ),
  ];
}

/** The forge's own address where no other is written. */
function controlOf(written: string | null, forge: string): string {
  if (written !== null) return written;
  const { hostname, port, protocol } = new URL(forge);
  return `${hostname}:${port || (protocol === 'http:' ? '80' : '443')}`;
}

/** Reads what the operator wrote; all mistakes at once. */
export function parseIsolation(written: WrittenIsolation, { place, forge }: IsolationPlace): IsolationReading {
  const said = mode.safeParse(written.mode ?? 'off');
  if (!said.success) return { kind: 'wrong', mistakes: faultIn('SLUICE_ISOLATION', written.mode ?? '', said) };
  if (said.data === 'off') return { kind: 'off' };
  const parsed = written.targets.map((text) => ({ text, result: target.safeParse(text) }));
  const targets = parsed.flatMap(({ result }) => (result.success ? [result.data] : []));
  const control = controlOf(written.control, forge);
  const reached = address.safeParse(control);
  const mistakes = [
    ...parsed.flatMap(({ text, result }, index) =>
      faultIn(`SLUICE_ISOLATION_TARGETS, entry ${index + 1}`, text, result),
    ),
    ...faultIn('SLUICE_ISOLATION_CONTROL', control, reached),
  ];
  const faults = mistakes.length > 0 ? mistakes : listFaults(targets, written.accepted);
  if (faults.length > 0 || !reached.success) return { kind: 'wrong', mistakes: faults };
  const settings: ProvedIsolation = {
    kind: 'proved',
    place,
    targets,
    accepted: [...new Set(written.accepted)],
    control: { name: 'control', kind: 'connect', ...reached.data },
  };
  return { kind: 'proved', settings };
}
