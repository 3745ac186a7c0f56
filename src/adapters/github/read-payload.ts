import type { EventRepository } from '../../model/forge-event.ts';
import type { Person } from '../../model/person.ts';
import { isSha, type Sha } from '../../model/sha.ts';

/** What stands at a path of an unknown value; undefined when any step of it is not there. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, key)) return undefined;
    return (inner as Readonly<Record<string, unknown>>)[key];
  }, value);
}

/** A numeric id of the forge; null for anything else. */
export function idAt(value: unknown, ...path: readonly string[]): number | null {
  const found = valueAt(value, ...path);
  return typeof found === 'number' && Number.isSafeInteger(found) && found > 0 ? found : null;
}

/** Text of at most so many bytes as JSON; null for anything else, longer text included. */
export function textAt(value: unknown, maxBytes: number, ...path: readonly string[]): string | null {
  const found = valueAt(value, ...path);
  return typeof found === 'string' && jsonBytes(found) <= maxBytes ? found : null;
}

export function shaAt(value: unknown, ...path: readonly string[]): Sha | null {
  const found = valueAt(value, ...path);
  return typeof found === 'string' && isSha(found) ? found : null;
}

export function personAt(value: unknown, ...path: readonly string[]): Person | null {
  const id = idAt(value, ...path, 'id');
  const login = textAt(value, 200, ...path, 'login');
  if (id === null || login === null) return null;
  return { id, login, kind: valueAt(value, ...path, 'type') === 'Bot' ? 'bot' : 'user' };
}

export function repositoryAt(value: unknown, ...path: readonly string[]): EventRepository | null {
  const id = idAt(value, ...path, 'id');
  const owner = textAt(value, 200, ...path, 'owner', 'login');
  const name = textAt(value, 200, ...path, 'name');
  return id === null || owner === null || name === null ? null : { id, owner, name };
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
