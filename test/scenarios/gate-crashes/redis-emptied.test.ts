import type { CrashRow } from './crash-rows.ts';
import { crashRows } from './crash-rows.ts';
import { crashSuite } from './crash-suite.ts';

const nameOf = ({ step, moment }: CrashRow): string => `${step}, ${moment}`;

/** Its pod is removed with its result recorded, which is lost: it is built again, as the same. */
const rebuilt = [
  'verdict recorded, after it is, before the candidate is marked',
  'candidate marked, after it is, before we know',
  'conditions read again, before they are',
  'conditions read again, before that is known',
  'landing pushed, before it is',
];

crashSuite('everything killed in mid-landing, and Redis emptied', 'everything-and-redis', crashRows, (row) =>
  rebuilt.includes(nameOf(row)) ? { builds: 2 } : {},
);
