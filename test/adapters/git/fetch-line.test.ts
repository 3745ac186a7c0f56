import { describe, expect, it } from 'vitest';
import { createFetchLine, type FetchOutcome } from '../../../src/adapters/git/fetch-line.ts';

function rig(answer: (specs: readonly string[]) => FetchOutcome | Error) {
  const fetches: (readonly string[])[] = [];
  const usings: string[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const fetch = createFetchLine<string>(async (specs, using) => {
    fetches.push(specs);
    usings.push(using);
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    await gate.promise;
    const found = answer(specs);
    if (found instanceof Error) throw found;
    return found;
  });
  const open = async (): Promise<void> => {
    gates.shift()?.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { fetch, fetches, usings, open };
}

const want = (id: string, keptAs: string | null = `refs/${id}`) => [{ from: id, keptAs }];

describe('fetching into one clone', () => {
  it('brings what was asked for meanwhile together, in one fetch after the one that runs', async () => {
    const { fetch, fetches, usings, open } = rig(() => 'fetched');
    const first = fetch(want('a'), 'one');
    const others = [fetch(want('b'), 'two'), fetch(want('c', null), 'three'), fetch(want('b'), 'four')];
    expect(fetches).toEqual([['+a:refs/a']]);
    await open();
    await first;
    expect(fetches[1]).toEqual(['+b:refs/b', 'c']);
    await open();
    expect(await Promise.all(others)).toEqual(['fetched', 'fetched', 'fetched']);
    expect(usings).toEqual(['one', 'two']);
  });

  it('asks for each by itself when one of them is refused or fails', async () => {
    const { fetch, fetches, open } = rig((specs) => {
      if (specs.some((spec) => spec.includes('bad'))) return 'refused';
      return specs.some((spec) => spec.includes('ill')) ? new Error('broken') : 'fetched';
    });
    const first = fetch(want('a'), '');
    const [good, bad, ill] = [fetch(want('good'), ''), fetch(want('bad'), ''), fetch(want('ill'), '')];
    const illEnd = ill?.catch((error: Error) => error.message);
    for (let i = 0; i < 5; i++) await open();
    expect([await first, await good, await bad, await illEnd]).toEqual(['fetched', 'fetched', 'refused', 'broken']);
    expect(fetches.slice(2)).toEqual([['+good:refs/good'], ['+bad:refs/bad'], ['+ill:refs/ill']]);
  });

  it('never stores two commits under one ref', async () => {
    const { fetch, fetches, open } = rig(() => 'fetched');
    const all = [fetch(want('a'), ''), fetch(want('b', 'refs/base'), ''), fetch(want('c', 'refs/base'), '')];
    await open();
    await open();
    await Promise.all(all);
    expect(fetches[1]).toEqual(['+b:refs/base', 'c']);
  });
});
