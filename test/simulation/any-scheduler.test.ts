import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

// Another process, in which modules can be replaced as they are loaded.
it('a scheduler that decides at random, backwards or with malice never makes a branch red, nor lands what may not', async () => {
  const program = join(import.meta.dirname, 'any-scheduler.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program, '10']);
  expect(stdout.trim().split('\n')).toHaveLength(6);
}, 600_000);
