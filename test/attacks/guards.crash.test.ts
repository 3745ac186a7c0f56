import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { removals } from './removals.ts';

// In a copy of the tree, from which a guard is missing at a time.
it('each attack gets through once its guard is taken away, and a test notices', async () => {
  const program = join(import.meta.dirname, 'remove-guards.ts');
  const { failed, text } = await promisify(execFile)(process.execPath, [program], { maxBuffer: 64 * 1024 * 1024 }).then(
    ({ stdout }) => ({ failed: false, text: stdout }),
    (cause: { stdout?: string; stderr?: string }) => ({ failed: true, text: `${cause.stdout}\n${cause.stderr}` }),
  );
  expect(failed, text).toBe(false);
  expect(
    text
      .trim()
      .split('\n')
      .filter((line) => line.endsWith('  caught')),
  ).toHaveLength(removals.length);
}, 900_000);
