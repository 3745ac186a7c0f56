import { describe, expect, it } from 'vitest';
import { beginPass, readRecord } from '../../src/app/begin-pass.ts';
import type { AppContext } from '../../src/app/context.ts';
import type { Unseen } from '../../src/app/unseen.ts';
import type { ForgeEvent } from '../../src/model/forge-event.ts';
import { subjectIdOf } from '../../src/model/subject.ts';
import type { SaveRequest } from '../../src/ports/store.ts';

interface Note {
  readonly schema: 1;
  readonly text: string;
}

const id = subjectIdOf({ kind: 'push', repository: 5, branch: 'main' });

function event(delivery: string): ForgeEvent {
  const detail = { kind: 'promote', by: null } as const;
  return { delivery, name: 'push', installation: 7, repository: null, sender: null, receivedAt: 1, detail };
}

/** What is stored of one subject, with its inbox. */
function store(document: unknown, ...deliveries: readonly string[]) {
  const saved: SaveRequest[] = [];
  const documents = {
    load: async () => ({ version: document === null ? 0 : 3, document }),
    inbox: async () => deliveries.map(event),
    save: async (request: SaveRequest) => {
      saved.push(request);
      return 'saved' as const;
    },
  };
  const ports = { documents, clock: { now: () => 2 } };
  return { saved, context: { ports } as unknown as Pick<AppContext, 'ports'> };
}

const dropped = { subject: id, document: null, index: { line: [], wakeAt: null, settled: true }, decision: null };

const seen: { readonly unseen: Unseen } = { unseen: { is: async () => false, wakeChanged: async () => undefined } };
const away: { readonly unseen: Unseen } = {
  unseen: { ...seen.unseen, is: async (repository) => repository === 5 },
};

describe('a pass begins', () => {
  it('with what is known, the version that was loaded and all of the inbox', async () => {
    const { context, saved } = store({ schema: 1, text: 'kept' }, 'one', 'two');
    const pass = await beginPass(
      context,
      seen,
      id,
      async (known: Note | null, inbox) => `${known?.text} ${inbox.length}`,
    );
    expect(pass).toMatchObject({ begun: 'kept 2', expected: 3, taken: ['one', 'two'] });
    expect(saved).toEqual([]);
  });

  it.each`
    what                        | document                       | deliveries | expected
    ${'events of what is over'} | ${null}                        | ${['one']} | ${[{ ...dropped, expected: 0, taken: ['one'] }]}
    ${'a record that is over'}  | ${{ schema: 1, text: 'over' }} | ${[]}      | ${[{ ...dropped, expected: 3, taken: [] }]}
    ${'nothing at all'}         | ${null}                        | ${[]}      | ${[]}
  `('or not at all, and leaves nothing behind: $what', async ({ document, deliveries, expected }) => {
    const { context, saved } = store(document, ...deliveries);
    expect(await beginPass(context, seen, id, async () => null)).toBeNull();
    expect(saved).toEqual(expected);
  });

  // What came after it was asked whether words are kept is found here alone.
  it.each`
    what        | document                       | deliveries
    ${'words'}  | ${null}                        | ${['one']}
    ${'record'} | ${{ schema: 1, text: 'over' }} | ${[]}
    ${'both'}   | ${{ schema: 1, text: 'over' }} | ${['one']}
  `('or not at all, and leaves all there is, where the App may not see the repository: $what', async (given) => {
    const { context, saved } = store(given.document, ...given.deliveries);
    expect(await beginPass(context, away, id, async () => null)).toBeNull();
    expect(saved).toEqual([]);
  });

  it('with no record of a schema that it cannot read, which stays for the version that can', async () => {
    const { context, saved } = store({ schema: 2 }, 'one');
    await expect(beginPass(context, seen, id, async () => null)).rejects.toThrow(
      'a document of another version is stored',
    );
    expect(saved).toEqual([]);
    expect(readRecord(null)).toBeNull();
  });
});
