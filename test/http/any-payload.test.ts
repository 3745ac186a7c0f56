import { createRequire } from 'node:module';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { SubjectId } from '../../src/model/subject.ts';
import { isStill } from '../harness/accepted.ts';
import { startWorld, type World } from '../harness/world.ts';
import { postDelivery } from './post-delivery.ts';

// Whole worlds take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

type Payload = Readonly<Record<string, unknown>>;

const examples: readonly { readonly name: string; readonly examples: readonly Payload[] }[] = createRequire(
  import.meta.url,
)('@octokit/webhooks-examples');
const payloads = examples.flatMap(({ name, examples: list }) => list.map((payload) => ({ name, payload })));
let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

function post(event: string, payload: unknown) {
  const { appId, webhookSecret: secret } = world.app;
  return postDelivery(world.sluice.url ?? '', JSON.stringify(payload), { event, appId, secret });
}

/** What is heard of a branch of a repository that the App may not see waits until it may: none here is seen (commands.md §2). */
const isOfTheUnseen = (subject: string): boolean => /^(?:push|tags|periodic|release|promote)\//.test(subject);

/** All that was stored was acted upon, nothing was put aside, and nobody wrote of an error. */
async function expectPeace(): Promise<void> {
  const redis = world.redis.open();
  await world.until('every event is acted upon', () => isStill(redis, undefined, isOfTheUnseen));
  expect(await redis.xlen('sluice:quarantine')).toBe(0);
  expect(world.lines.filter(({ level }) => level === 'error')).toEqual([]);
  expect(world.lines.filter(({ message }) => message === 'event could not be routed')).toEqual([]);
  expect(world.executor.manifests).toEqual([]);
  expect((await fetch(`${world.sluice.url}/healthz`)).status).toBe(200);
}

describe('W13: whatever GitHub may send', () => {
  it('is answered with 202, all 329 examples, and does no harm', async () => {
    expect(payloads).toHaveLength(329);
    const results = new Map<unknown, number>();
    const waiting = [...payloads];
    const sender = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const { status, result } = await post(next.name, next.payload);
        expect(status, next.name).toBe(202);
        results.set(result, (results.get(result) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 8 }, sender));
    expect([...results.keys()].sort()).toEqual(['ignored', 'stored']);
    expect(results.get('ignored')).toBeGreaterThan(150);
    await expectPeace();
  });

  const base = {
    action: 'opened',
    number: 3,
    pull_request: { number: 3, head: { sha: 'a'.repeat(40) } },
    repository: { id: 5, name: 'shop', owner: { login: 'acme', id: 1 } },
    installation: { id: 77 },
    sender: { id: 9, login: 'renovate[bot]', type: 'Bot' },
  };

  it.each([
    ['an unknown event', 'never_heard_of', base, 'ignored'],
    ['an unknown action', 'issue_comment', { ...base, action: 'swallowed', issue: { number: 3 } }, 'ignored'],
    ['an action that is none', 'check_run', { ...base, action: { a: 1 } }, 'ignored'],
    ['a missing installation', 'pull_request', { ...base, installation: undefined }, 'stored'],
    ['a null repository', 'pull_request', { ...base, repository: null }, 'ignored'],
    ['a repository of the prototype', 'pull_request', { ...base, repository: { __proto__: { id: 1 } } }, 'ignored'],
    ['a bot as sender', 'pull_request', base, 'stored'],
    ['no sender', 'pull_request', { ...base, sender: null }, 'stored'],
    ['an empty payload', 'pull_request', {}, 'ignored'],
    ['a check run of nobody', 'check_run', { ...base, action: 'rerequested', check_run: null }, 'ignored'],
    ['a name of the prototype as event', 'constructor', base, 'ignored'],
    ['a ping', 'ping', { zen: 'x', hook_id: 1 }, 'ignored'],
  ])('with %s is answered with 202', async (_what, event, payload, result) => {
    expect(await post(event, payload)).toMatchObject({ status: 202, result });
    await expectPeace();
  });

  const unseen = { id: 6, name: 'gone', owner: { login: 'acme', id: 1 } };
  const pushed = { repository: unseen, installation: { id: 77 }, sender: base.sender, before: 'a'.repeat(40) };

  it.each([
    [
      'a push',
      'push',
      { ...pushed, ref: 'refs/heads/main', after: 'b'.repeat(40) },
      ['push/6/main', 'periodic/6/main'],
    ],
    ['a tag', 'push', { ...pushed, ref: 'refs/tags/v1', after: 'b'.repeat(40) }, ['tags/6']],
  ])(
    '%s of a repository that is not seen leaves nothing behind but the word itself',
    async (_what, event, payload, subjects) => {
      expect(await post(event, payload)).toMatchObject({ status: 202, result: 'stored' });
      await expectPeace();
      for (const subject of subjects)
        expect(await world.sluice.ports.documents.load(subject as SubjectId)).toMatchObject({ document: null });
      const { documents } = world.sluice.ports;
      const due = (await documents.due(Number.MAX_SAFE_INTEGER)).filter((id) => subjects.includes(id));
      // Looked at again for the word alone.
      for (const id of due) expect(await documents.inbox(id)).toHaveLength(1);
    },
  );

  it('is answered with 202 with any part of it replaced by anything', async () => {
    const names = fc.oneof(
      fc.constantFrom(...examples.map(({ name }) => name)),
      fc.stringMatching(/^[a-z0-9_]{1,64}$/),
    );
    const junk = fc.oneof(fc.string({ unit: 'binary' }), fc.constant(null), fc.integer(), fc.constant([]), fc.object());
    const mutated = fc.tuple(fc.constantFrom(...payloads), fc.nat(), junk, fc.option(names));
    await fc.assert(
      fc.asyncProperty(mutated, async ([{ name, payload }, place, value, other]) => {
        const { status } = await post(other ?? name, replaceAt(payload, place, value));
        expect(status).toBe(202);
      }),
      { numRuns: 60 },
    );
    await expectPeace();
  });
});

/** A copy in which the leaf or branch number `place` (counted around) is another value. */
function replaceAt(payload: Payload, place: number, value: unknown): unknown {
  const copy: unknown = structuredClone(payload);
  const places: [Record<string, unknown>, string][] = [];
  const visit = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key]);
      visit((node as Record<string, unknown>)[key]);
    }
  };
  visit(copy);
  const [parent, key] = places[place % places.length] ?? [];
  if (parent !== undefined && key !== undefined) parent[key] = value;
  return copy;
}
