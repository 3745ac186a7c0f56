import { crashRows } from './crash-rows.ts';
import { crashSuite } from './crash-suite.ts';

crashSuite('a worker that is killed in mid-landing', 'worker', crashRows);
