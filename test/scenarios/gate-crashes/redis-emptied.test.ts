import { describe, it } from 'vitest';
import type { CrashRow } from './crash-rows.ts';
import { crashRows } from './crash-rows.ts';
import { crashSuite } from './crash-suite.ts';

const nameOf = ({ step, moment }: CrashRow): string => `${step}, ${moment}`;

/** A request that was answered stands nowhere but in Redis until its check run is there. */
const unmarked = [
  'check run created, before it is',
  'candidate made, before it is recorded',
  'candidate published, before it is',
  'candidate published, after it is, before we know',
];

/** What landed is merged at once, and nobody looks at a merged pull request again while its queue stands still. */
const merged = [
  'landing pushed, after it is, before we know',
  'landing pushed, after it is, and the answer was lost',
  'landed tree read back, before it is',
  'landed tree read back, before that is known',
  'check run concluded, before it is',
];

/** Its pod is removed with its result recorded, which is lost: it is built again, as the same. */
const rebuilt = [
  'verdict recorded, after it is, before the candidate is marked',
  'candidate marked, after it is, before we know',
  'conditions read again, before they are',
  'conditions read again, before that is known',
  'landing pushed, before it is',
];

const untold = new Set([...unmarked, ...merged]);

crashSuite(
  'everything killed in mid-landing, and Redis emptied',
  'everything-and-redis',
  crashRows.filter((row) => !untold.has(nameOf(row))),
  (row) => (rebuilt.includes(nameOf(row)) ? { builds: 2 } : {}),
);

describe('not found again by itself after Redis was emptied', () => {
  for (const name of unmarked) it.todo(`${name}: the request is taken up again`);
  for (const name of merged) it.todo(`${name}: its author is told that it landed`);
});
