import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { describeEnding } from './executor-ending.ts';
import { createExecutorRig, type ExecutorSubject } from './executor-rig.ts';
import { describeStarting } from './executor-starting.ts';
import { describeWatching } from './executor-watching.ts';

/** What every executor must do, as its port says (src/ports/executor.ts). */
export function executorContract(name: string, makeSubject: () => Promise<ExecutorSubject>): void {
  describe(`${name}, as an executor`, { timeout: 60_000 }, () => {
    let made: ExecutorSubject | null = null;
    const rig = createExecutorRig(() => {
      if (made === null) throw new Error('the executor under test could not be made');
      return made;
    });

    beforeAll(async () => {
      made = await makeSubject();
    }, 120_000);

    afterEach(() => rig.removeAll());

    afterAll(async () => {
      if (made === null) return;
      const leftovers = await made.leftovers();
      await made.end();
      expect(leftovers).toEqual([]);
    }, 60_000);

    describeStarting(rig);
    describeEnding(rig);
    describeWatching(rig);
  });
}
