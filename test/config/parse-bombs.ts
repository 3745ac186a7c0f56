import { parentPort } from 'node:worker_threads';
import { bombs } from './bombs.ts';
import { parse } from './read-fixtures.ts';

for (const { text } of bombs) parse(text);
parentPort?.postMessage(bombs.length);
