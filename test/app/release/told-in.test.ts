import { expect, it } from 'vitest';
import { toldIn } from '../../../src/app/release/reconcile-tags.ts';
import type { ForgeEvent } from '../../../src/model/forge-event.ts';
import { people, sha } from '../../fakes/model-data.ts';

function told(tag: string, after: string, sender: ForgeEvent['sender']): ForgeEvent {
  const plain = { delivery: `${tag} ${after}`, name: 'push', installation: 1, receivedAt: 1 };
  const repository = { id: 1, owner: 'acme', name: 'api' };
  const detail = { kind: 'push', ref: `refs/tags/${tag}`, before: sha('0'), after: sha(after), forced: false } as const;
  return { ...plain, repository, sender, detail };
}

it('who set a tag is whoever set it where it is now: late word of an earlier place lends no right to who moved it since (V16)', () => {
  const tags = new Map([
    ['v1', sha('b')],
    ['v2', sha('c')],
  ]);
  expect(toldIn([told('v1', 'a', people.boss), told('v2', 'c', people.boss)], tags)).toEqual(
    new Map([['v2', people.boss]]),
  );
  expect(toldIn([told('v1', 'b', people.ada), told('v1', 'a', people.boss)], tags)).toEqual(
    new Map([['v1', people.ada]]),
  );
});
