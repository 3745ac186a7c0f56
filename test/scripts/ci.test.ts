import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type Machine, makeMachine, runCommand } from './machine-fixture.ts';

let machine: Machine;
afterEach(() => machine.remove());

const quietNpm = `case "$1" in test) echo "      Tests  1 failed | 6 passed (7)" ;; esac`;

/** Runs .ci/run where every tool is a stub; those given end with 1. */
async function runCi({
  failing = [],
  npm = quietNpm,
  prepare = async () => undefined,
}: {
  failing?: readonly string[];
  npm?: string;
  prepare?: () => Promise<void>;
} = {}) {
  machine = await makeMachine();
  await machine.installNodePackages();
  await machine.keepKaniko();
  await symlink(process.execPath, join(machine.bin, 'node'));
  for (const tool of ['tsc', 'biome', 'knip']) await machine.addProgram(tool, failing.includes(tool) ? 'exit 1' : '');
  await machine.addProgram('npm', npm);
  // Too old to compile a cluster with, wherever else on this machine a newer one is.
  await machine.addProgram('go', 'echo go1.17.0');
  await prepare();
  const { code, out, err } = await runCommand([join(machine.clone, '.ci', 'run')], machine.env);
  return { code, err, lines: out.trimEnd().split('\n') };
}

it('runs every step and ends with the plain count of the tests', async () => {
  const { code, lines } = await runCi({ npm: `case "$1" in test) echo "      Tests  7 passed (7)" ;; esac` });
  expect(code).toBe(0);
  expect(lines.at(-1)).toBe('7 passed, 0 failed');
  expect((await machine.calls()).filter((call) => !call.startsWith('go '))).toEqual([
    'tsc --noEmit',
    'biome ci --error-on-warnings',
    'knip ',
    'npm test',
    'npm run demo -- --once',
  ]);
});

/** As root a cluster can be had where Go is: this one only notes how it was called. */
async function addCluster(up = ''): Promise<void> {
  const folder = join(machine.clone, 'test', 'cluster');
  await mkdir(folder, { recursive: true });
  await machine.addProgram('go', 'echo go1.26.0');
  await machine.addProgram('cluster', `case "$1" in up) ${up === '' ? ':' : up} ;; esac`);
  await symlink(join(machine.bin, 'cluster'), join(folder, 'cluster'));
}

const clustered = ['npm run test:cluster', 'npm run demo -- --once --executor kubernetes'];
const isRoot = process.getuid?.() === 0;

it('says in one loud line that there is no cluster where there can be none, and goes on', async () => {
  const { code, err } = await runCi({ npm: `case "$1" in test) echo "      Tests  7 passed (7)" ;; esac` });
  expect(code).toBe(0);
  expect(err.match(/^!! NO KUBERNETES \(.*\): what runs in a cluster is NOT TESTED here\.$/gm)).toHaveLength(1);
  expect(await machine.calls()).not.toContain(clustered[0]);
});

it('starts the cluster first, plays its suite and the demo in it beside the others, and stops it, as root', async () => {
  const npm = `case "$*" in test) echo "      Tests  7 passed (7)" ;; *cluster) echo "      Tests  2 passed (2)" ;; esac`;
  const { code, lines } = await runCi({ npm, prepare: () => addCluster() });
  expect([code, lines.includes(`${isRoot ? 9 : 7} passed, 0 failed`)]).toEqual([0, true]);
  const calls = (await machine.calls()).filter((call) => /^(npm|cluster)/.test(call));
  const around = isRoot ? ['cluster up --simulated 10', 'cluster base'] : [];
  const after = isRoot ? ['cluster down'] : [];
  const [suite = '', demo = ''] = isRoot ? clustered : [];
  // One plays beside the other, so which of two begins first is chance.
  expect(calls.slice(around.length, calls.length - after.length).toSorted()).toEqual(
    ['npm test', 'npm run demo -- --once', suite, demo].filter((call) => call !== '').toSorted(),
  );
  expect([calls.slice(0, around.length), calls.slice(calls.length - after.length)]).toEqual([around, after]);
});

it('fails when a cluster can be had and does not start', async () => {
  const npm = `case "$*" in test) echo "      Tests  7 passed (7)" ;; esac`;
  const { code, lines } = await runCi({ npm, prepare: () => addCluster('exit 1') });
  expect([code, lines.includes('failed: cluster')]).toEqual(isRoot ? [1, true] : [0, false]);
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
