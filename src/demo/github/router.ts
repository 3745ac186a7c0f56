import { type Operation, operations } from './openapi.ts';

/** An operation that a request means, with the variables of its path decoded. */
export interface Match {
  readonly operation: Operation;
  readonly params: Readonly<Record<string, string>>;
}

interface Compiled {
  readonly operation: Operation;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly literals: number;
}

// Where the value may contain slashes: the description marks some of them only (x-multi-segment).
const manySegments = new Set(['ref', 'path', 'branch', 'basehead', 'commit_sha', 'name', 'tag', 'sha', 'tree_sha']);
const whole = /^(\w+_id|\w+_number)$/;

const compiled: readonly Compiled[] = operations.map(compile).toSorted((a, b) => b.literals - a.literals);

function compile(operation: Operation): Compiled {
  const names: string[] = [];
  const segments = operation.path.split('/').map((segment) => {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (name === undefined) return segment.replace(/[.+?]/g, '\\$&');
    names.push(name);
    if (whole.test(name)) return '(\\d+)';
    return manySegments.has(name) ? '(.+)' : '([^/]+)';
  });
  return {
    operation,
    pattern: new RegExp(`^${segments.join('/')}$`),
    names,
    literals: segments.filter((segment) => !segment.startsWith('(')).length,
  };
}

/** The operation of the description for a path below `/api/v3`; the more literal one wins. */
export function route(method: string, path: string): Match | null {
  for (const { operation, pattern, names } of compiled) {
    const found = operation.method === method ? pattern.exec(path) : null;
    if (!found) continue;
    const params = names.map((name, index) => [name, decodeSegment(found[index + 1] ?? '')]);
    return { operation, params: Object.fromEntries(params) };
  }
  return null;
}

function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not encoded properly: taken as it is, and then not found.
    return text;
  }
}
