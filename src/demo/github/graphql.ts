import type { Actor } from './call.ts';
import { graphFor } from './graph.ts';
import { mutationsFor } from './graph-mutations.ts';
import { executeDocument } from './graphql-execute.ts';
import { parseDocument } from './graphql-parse.ts';
import { budgetHeaders } from './rate-limit.ts';
import type { Incoming, Outgoing } from './request.ts';
import type { Rest } from './rest.ts';
import { identify } from './tokens.ts';

/** Operation name → the one text that is answered under it. Any other document is refused. */
export type Documents = Readonly<Record<string, string>>;

/** Answers one request of `/api/graphql`. */
export async function answerGraphql(rest: Rest, documents: Documents, incoming: Incoming): Promise<Outgoing> {
  const identified = identify(rest.world, incoming.headers.authorization);
  if (identified.kind === 'refused') {
    return reply(rest, { kind: 'anonymous' }, null, { message: identified.message }, identified.status);
  }
  const { actor } = identified;
  if (actor.kind === 'anonymous' || actor.kind === 'app') {
    return reply(rest, actor, null, { message: 'This endpoint requires you to be authenticated.' }, 401);
  }
  const wish = readWish(incoming.body);
  const name = wish && nameOf(documents, wish.query);
  if (!wish || name === null) {
    const because = 'not one of the documents that this GitHub was started with';
    rest.violated({ kind: 'graphql', operation: 'unlisted', method: 'POST', path: incoming.path, errors: [because] });
    return reply(rest, actor, null, { errors: [{ type: 'unlisted', message: because }] });
  }
  const document = parseDocument(wish.query);
  const graph = document.operation === 'mutation' ? mutationsFor : graphFor;
  const { data, errors } = await executeDocument(document, graph(rest.world, actor), wish.variables);
  const missing = errors.filter(({ type }) => type === 'undefinedField').map(({ message }) => message);
  if (missing.length > 0) {
    rest.violated({ kind: 'graphql', operation: name, method: 'POST', path: incoming.path, errors: missing });
  }
  return reply(rest, actor, name, errors.length > 0 ? { data, errors } : { data });
}

interface Wish {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

function readWish(body: Buffer): Wish | null {
  try {
    const { query, variables } = JSON.parse(body.toString()) as Partial<Wish>;
    return typeof query === 'string' ? { query, variables: variables ?? {} } : null;
  } catch {
    // Not JSON: no document, and refused for that.
    return null;
  }
}

function nameOf(documents: Documents, query: string): string | null {
  const flat = (text: string): string => text.replace(/\s+/g, ' ').trim();
  return Object.entries(documents).find(([, text]) => flat(text) === flat(query))?.[0] ?? null;
}

function reply(rest: Rest, actor: Actor, operation: string | null, body: unknown, status = 200): Outgoing {
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    ...budgetHeaders(rest.limits.spend(actor, 'graphql')),
  };
  return { status, headers, body: JSON.stringify(body), operation, actor, counted: true };
}
