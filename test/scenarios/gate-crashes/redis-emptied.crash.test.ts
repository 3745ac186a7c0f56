import type { CrashRow } from './crash-rows.ts';
import { crashRows } from './crash-rows.ts';
import { crashSuite } from './crash-suite.ts';

const nameOf = ({ step, moment }: CrashRow): string => `${step}, ${moment}`;

// At these the forge holds just what it holds at the step before or after: there is nothing else to be found again.
const alike = ['event stored', 'build started', 'result observed', 'candidate marked', 'conditions read again'];

/** Its pod is removed with its result recorded, which is lost: it is built again, as the same. */
const rebuilt = ['verdict recorded, after it is, before the candidate is marked', 'landing pushed, before it is'];

crashSuite(
  'everything killed in mid-landing, and Redis emptied',
  'everything-and-redis',
  crashRows.filter(({ step }) => !alike.includes(step)),
  (row) => (rebuilt.includes(nameOf(row)) ? { builds: 2 } : {}),
);
