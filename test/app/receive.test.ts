import { expect, it } from 'vitest';
import type { AppContext } from '../../src/app/context.ts';
import type { ForgeMemory } from '../../src/app/forge-memory.ts';
import { receiveEvents } from '../../src/app/receive.ts';
import type { ForgeEvent } from '../../src/model/forge-event.ts';

const plain = { name: 'installation', installation: 7, repository: null, sender: null, receivedAt: 1 } as const;
const event: ForgeEvent = { ...plain, delivery: 'guid-1', detail: { kind: 'repositories' } };

it('that an installation changed is forgotten and noted for every worker before anything is read anew', async () => {
  const done: string[] = [];
  const ending = new AbortController();
  const nothing = (): void => undefined;
  const ports = {
    intake: {
      take: async () => [{ entry: '1-0', event, attempts: 0 }],
      finish: async () => {
        done.push('finish');
        ending.abort();
      },
    },
    notes: { write: async (name: string, value: string) => void done.push(`${name}: ${value}`) },
    log: { info: nothing, debug: nothing, warn: nothing, error: nothing },
  };
  const memory = { forget: () => void done.push('forget') } as unknown as ForgeMemory;
  const context = { ports } as unknown as AppContext;
  await receiveEvents(context, memory, () => void done.push('resync'), ending.signal);
  expect(done).toEqual(['forget', 'installations-changed: guid-1', 'resync', 'finish']);
});
