import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type Machine, makeMachine, runCommand } from './machine-fixture.ts';

let machine: Machine;
afterEach(() => machine.remove());

const quietNpm = `case "$1" in test) echo "      Tests  1 failed | 6 passed (7)" ;; esac`;

/** Runs .ci/run where every tool is a stub; those given end with 1. */
async function runCi({ failing = [], npm = quietNpm }: { failing?: readonly string[]; npm?: string } = {}) {
  machine = await makeMachine();
  await machine.installNodePackages();
  await machine.keepKaniko();
  await symlink(process.execPath, join(machine.bin, 'node'));
  for (const tool of ['tsc', 'biome', 'knip']) await machine.addProgram(tool, failing.includes(tool) ? 'exit 1' : '');
  await machine.addProgram('npm', npm);
  const { code, out } = await runCommand([join(machine.clone, '.ci', 'run')], machine.env);
  return { code, lines: out.trimEnd().split('\n') };
}

it('runs every step and ends with the plain count of the tests', async () => {
  const { code, lines } = await runCi({ npm: `case "$1" in test) echo "      Tests  7 passed (7)" ;; esac` });
  expect(code).toBe(0);
  expect(lines.at(-1)).toBe('7 passed, 0 failed');
  expect(await machine.calls()).toEqual([
    'tsc --noEmit',
    'biome ci --error-on-warnings',
    'knip ',
    'npm test',
    'npm run demo -- --once',
  ]);
});

it('goes on after a step that failed, names it at the end and fails', async () => {
  const { code, lines } = await runCi({ failing: ['tsc', 'knip'] });
  expect(code).toBe(1);
  expect(lines.slice(-3)).toEqual(['failed: types', 'failed: dead code', '6 passed, 1 failed']);
  expect(await machine.calls()).toContain('npm run demo -- --once');
});

it.each`
  what        | npm                                          | last
  ${'tests'}  | ${`${quietNpm}; [ "$1" = run ]`}             | ${['failed: tests', '6 passed, 1 failed']}
  ${'demo'}   | ${`${quietNpm}; [ "$1" = test ]`}            | ${['failed: demo', '6 passed, 1 failed']}
  ${'vitest'} | ${'[ "$1" = run ] || echo "it never began"'} | ${['', '0 passed, 1 failed']}
`('fails when only $what failed', async ({ npm, last }) => {
  const { code, lines } = await runCi({ npm });
  expect(code).toBe(1);
  expect(lines.slice(-2)).toEqual(last);
});
