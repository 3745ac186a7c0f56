import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Removal } from './removal.ts';

/** How the tests of one title ended; `broken`: the file could not be run at all, `unended`: it was stopped. */
export type Outcome = 'passed' | 'failed' | 'no-such-test' | 'broken' | 'unended';

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Plays only these tests in this copy of the tree; what each one's title stands for is judged as one. */
export async function playTests(
  root: string,
  tests: readonly Removal['fails'][],
  mostMs: number,
): Promise<readonly Outcome[]> {
  const report = join(root, 'played.json');
  rmSync(report, { force: true });
  const files = [...new Set(tests.map(([file]) => `test/${file}`))];
  const titles = tests.map(([, title]) => patternOf(title)).join('|');
  const ended = await run(root, [...files, '-t', titles, '--reporter=json', `--outputFile=${report}`], mostMs);
  if (!ended) return tests.map(() => 'unended');
  if (!existsSync(report)) return tests.map(() => 'broken');
  const said: Report = JSON.parse(readFileSync(report, 'utf8'));
  return tests.map((test) => outcomeOf(said, root, test));
}

function outcomeOf({ testResults }: Report, root: string, [file, title]: Removal['fails']): Outcome {
  const pattern = new RegExp(patternOf(title));
  const all = testResults.filter(({ name }) => name === join(root, 'test', file)).flatMap((of) => of.assertionResults);
  if (all.length === 0) return 'broken';
  const played = all.filter(({ fullName, status }) => pattern.test(fullName) && /^(?:passed|failed)$/.test(status));
  if (played.length === 0) return 'no-such-test';
  return played.some(({ status }) => status === 'failed') ? 'failed' : 'passed';
}

/** A title as it is written in the file, where `$name` and `%s` stand for what a row of its table holds. */
function patternOf(title: string): string {
  return title
    .split(/\$[A-Za-z.]+|%[a-z]/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
}

/** False when it had to be stopped. */
function run(root: string, args: readonly string[], mostMs: number): Promise<boolean> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  // A group of its own: what never ends is stopped with all its workers.
  const child = spawn(process.execPath, [vitest, 'run', ...args], { cwd: root, stdio: 'ignore', detached: true });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      resolve(false);
    }, mostMs);
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
