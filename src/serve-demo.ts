import { createWriteStream } from 'node:fs';
import pino from 'pino';
import { openExecutor } from './demo/scenario/executor-recipe.ts';
import type { ServedWishes } from './demo/scenario/sluice-port.ts';
import { readMachine } from './machine.ts';
import { showSluice } from './show-sluice.ts';

// The demo's Sluice as a process of its own: told by its parent what to start with, it answers where it listens. It is there
// to be killed, so it closes nothing.
process.once('disconnect', () => process.exit());
process.once('message', async (wishes: ServedWishes) => {
  const log = pino({ level: 'debug' }, createWriteStream(wishes.logFile, { flags: 'a' }));
  const executor = await openExecutor(wishes.executor);
  const { url } = await showSluice(readMachine(process.env), wishes, { executor, log });
  process.send?.({ url });
});
