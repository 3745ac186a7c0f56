import type { WebServerOptions } from '../../src/http/web-server.ts';
import type { ForgeEvent } from '../../src/model/forge-event.ts';
import { parseLikeGithub } from './web-fixture.ts';

function never(): never {
  throw new Error('even to look at it throws');
}

/** Everything that JavaScript can throw: no errors at all, errors that lie, and things that throw when looked at. */
export const thrown: readonly (readonly [string, () => unknown])[] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['false', () => false],
  ['a number', () => 0],
  ['no words', () => ''],
  ['a symbol', () => Symbol('s')],
  ['an object', () => ({})],
  ['an object without prototype', () => Object.create(null)],
  ['a list', () => []],
  ['a function', () => () => 1],
  ['an error', () => new Error('x')],
  ['an error without message', () => Object.assign(new Error(), { message: undefined })],
  ['an error whose name is none', () => Object.assign(new Error('x'), { name: { not: 'text' } })],
  ['an error that is its own cause', () => ownCause()],
  ['an aggregate of nothing', () => new AggregateError([undefined])],
  ['an error with a status', () => Object.assign(new Error('x'), { statusCode: 200, status: 202 })],
  ['an error that throws when read', () => unreadable()],
  ['an object that throws when read', () => new Proxy({}, { get: never, getPrototypeOf: never, has: never })],
  ['a revoked proxy', () => revoked()],
];

function ownCause(): Error {
  const error = new Error('x');
  error.cause = error;
  return error;
}

function unreadable(): Error {
  const error = new Error('x');
  for (const name of ['name', 'message', 'stack']) Object.defineProperty(error, name, { get: never });
  return error;
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

export const places = ['parse', 'accept', 'accept later', 'woken', 'woken later', 'log'] as const;

/** Parts of a web server that throw number `payload.thrown` at the place that the payload names. */
export function throwingParts(): Partial<WebServerOptions> {
  let next: { readonly place: string; readonly what: () => unknown } = { place: '', what: () => undefined };
  const failAt = (place: string) => {
    if (next.place === place) throw next.what();
  };
  const rejectAt = async (place: string) => {
    if (next.place !== place) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
    throw next.what();
  };
  return {
    parse: (headers, payload, at): ForgeEvent => {
      const { place, thrown: index } = payload as { readonly place: string; readonly thrown: number };
      next = { place, what: thrown[index]?.[1] ?? never };
      failAt('parse');
      return parseLikeGithub(headers, payload, at);
    },
    intake: {
      accept: async () => {
        await rejectAt('accept later');
        failAt('accept');
        return 'stored';
      },
    },
    onStored: (() => {
      failAt('woken');
      return rejectAt('woken later');
    }) as () => void,
    log: { error: () => undefined, warn: () => undefined, info: () => failAt('log'), debug: () => undefined },
  };
}
