import { crashRows } from './crash-rows.ts';
import { crashSuite } from './crash-suite.ts';

// Who listens takes part in nothing after the first step: of the others, one before the landing, the landing, one after.
const steps = ['event stored', 'candidate published', 'landing pushed', 'check run concluded'];

crashSuite(
  'everything killed in mid-landing',
  'everything',
  crashRows.filter(({ step }) => steps.includes(step)),
);
