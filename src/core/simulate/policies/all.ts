import { settingsOf } from '../../gate/best-first/settings.ts';
import { boundedSettings, fastSettings } from '../../gate/schedule/schedule-view.ts';
import type { Policy } from '../field.ts';
import { bestFirst } from './best-first.ts';
import { bors } from './bors.ts';
import { gateTold } from './gate.ts';
import { mergeQueues } from './merge-queue.ts';
import { oracle } from './oracle.ts';
import { serial } from './serial.ts';
import { submitQueue } from './submit-queue.ts';
import { tide } from './tide.ts';
import { trunk } from './trunk.ts';
import { zuul } from './zuul.ts';

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
    { prior: () => 0.95, touches: () => 'everything' },
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
