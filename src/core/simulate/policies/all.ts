import { settingsOf } from '../../gate/best-first/settings.ts';
import { boundedSettings, fastSettings } from '../../gate/schedule/schedule-view.ts';
import type { Policy } from '../field.ts';
import { asItIs, bestFirst, type Sight } from './best-first.ts';
import { bors } from './bors.ts';
import { gateTold } from './gate.ts';
import { mergeQueues } from './merge-queue.ts';
import { oracle } from './oracle.ts';
import { serial } from './serial.ts';
import { submitQueue } from './submit-queue.ts';
import { tide } from './tide.ts';
import { trunk } from './trunk.ts';
import { zuul } from './zuul.ts';

/** Every change as likely as the others, as a queue that knows nothing of them has it. */
const inLanes: Sight = { ...asItIs, prior: () => 0.95 };
const whole: Sight = { ...inLanes, touches: () => 'everything' };

/** In the order of the table: ours, what it is compared with, and what nobody can reach. */
export const policies: readonly Policy[] = [
  // A window grows by one within a pass.
  gateTold(2),
  bestFirst(
    'best-first',
    'ours beyond the window: the likeliest outcomes are built first, nothing is ended for another',
    boundedSettings,
  ),
  bestFirst('best-first-fast', 'the same with more speculation, and builds that end for better ones', fastSettings),
  bestFirst(
    'best-first-whole',
    'as a queue with `gate.scheduler: best-first` has it: whole trees',
    settingsOf({ prefixes: true }),
    whole,
  ),
  bestFirst(
    'best-first-batches',
    'the same with `batches: true`: several changes by one build where slots are scarce',
    settingsOf({ prefixes: true, batches: true }),
    whole,
    { lanes: false },
  ),
  bestFirst(
    'best-first-lanes',
    'the same with `lanes: closure`: changes of no common module apart, each module read by one job',
    settingsOf({ prefixes: true, lanes: true }),
    inLanes,
    { lanes: true },
  ),
  bestFirst(
    'best-first-lanes-batches',
    'the same with `batches: true`',
    settingsOf({ prefixes: true, lanes: true, batches: true }),
    inLanes,
    { lanes: true },
  ),
  serial,
  zuul,
  tide,
  bors,
  ...mergeQueues,
  trunk,
  submitQueue('submitqueue', 0.2),
  oracle,
];
