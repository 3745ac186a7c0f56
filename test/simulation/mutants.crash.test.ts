import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import caught from './caught.json' with { type: 'json' };
import { mutants } from './planted.ts';

const program = join(import.meta.dirname, 'mutants.ts');

async function replayed(): Promise<{ readonly text: string; readonly failed: boolean }> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [program, '--replay']);
    return { text: stdout, failed: false };
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
    return { text: `${stdout}\n${stderr}`, failed: true };
  }
}

it('has a seed that catches every planted fault', () => {
  expect(mutants.length).toBeGreaterThanOrEqual(10);
  expect(Object.keys(caught).sort()).toEqual(mutants.map(({ name }) => name).sort());
});

// Another process, in which modules can be patched as they are loaded.
it('catches every planted fault with its seed, and finds nothing wrong with the product there', async () => {
  const { text, failed } = await replayed();
  expect(failed, text).toBe(false);
  expect(text.trim().split('\n')).toHaveLength(mutants.length);
}, 300_000);
