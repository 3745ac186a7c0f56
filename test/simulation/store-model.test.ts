import { describe } from 'vitest';
import { describeDocuments } from '../contract/store-documents.ts';
import type { StorePorts } from '../contract/store-examples.ts';
import { describeIntake, describeNotes } from '../contract/store-intake.ts';
import { describeLine } from '../contract/store-line.ts';
import { createIntakeScripts } from './intake-model.ts';
import { createKeyspace } from './keyspace.ts';
import { createStoreScripts, storePorts } from './store-model.ts';

/** The scripts of the model as ports that answer at once, by the time of day. */
function open(): StorePorts {
  const data = createKeyspace(Date.now);
  const scripts = createStoreScripts(data, Date.now);
  const intake = createIntakeScripts(data, Date.now, () => true);
  const { documents, line, notes } = storePorts(scripts, async (_where, _kind, script) => script());
  return {
    store: documents,
    line,
    notes,
    intake: {
      accept: async (event) => intake.accept(event),
      seen: async (guids) => intake.seen(guids),
      take: (count, waitMs) =>
        new Promise((resolve) => {
          const there = intake.take(count, 'a');
          const settle = (): void => {
            clearTimeout(timer);
            stop();
            resolve(there.length > 0 ? there : intake.take(count, 'a'));
          };
          const timer = setTimeout(settle, there.length > 0 ? 0 : waitMs);
          const stop = intake.onAccepted(settle);
        }),
      finish: async (entry, event, subjects) => intake.finish(entry, event, subjects),
      quarantine: async (entry, event, because) => intake.quarantine(entry, event, because),
    },
  };
}

describe("the simulation's store keeps the same promises as Redis", () => {
  describeDocuments(open);
  describeLine(open, 50);
  describeIntake(open);
  describeNotes(open);
});
