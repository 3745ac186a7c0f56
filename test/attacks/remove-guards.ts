import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Outcome, playTests } from './play-tests.ts';
import type { Removal } from './removal.ts';
import { removals } from './removals.ts';

/**
 * `node test/attacks/remove-guards.ts [A7 …]`: takes each guard away, in a copy of the tree, and plays the test that is to
 * notice. Ends with 1 when one does not.
 */
const { positionals: asked } = parseArgs({ allowPositionals: true, options: {} });

/** Of the slowest test that is named, with room. */
const mostMs = 300_000;

const whatItMeans: Readonly<Record<Outcome, string>> = {
  failed: 'NOT CAUGHT: the test fails, and was to go on for ever',
  passed: 'NOT CAUGHT: the test passes without the guard',
  'no-such-test': 'NOT CAUGHT: no test of this title was played',
  broken: 'NOT CAUGHT: without the guard the test file does not even load',
  unended: 'NOT CAUGHT: the test never ended',
};

function copyTree(root: string, copy: string): void {
  for (const name of readdirSync(root)) {
    if (name === '.git' || name === 'node_modules') continue;
    cpSync(join(root, name), join(copy, name), { recursive: true, verbatimSymlinks: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
}

async function playWithout(copy: string, { file, from, to, fails, neverEnds }: Removal): Promise<Outcome> {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(from).length !== 2) throw new Error(`${file} has not exactly once: ${from}`);
  try {
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
    const [outcome = 'broken'] = await playTests(copy, [fails], neverEnds ? 60_000 : mostMs);
    return outcome;
  } finally {
    writeFileSync(path, text);
  }
}

async function judge(copy: string, removal: Removal, before: Outcome | undefined): Promise<string> {
  // A test that fails anyway notices nothing.
  if (before !== 'passed') return `NOT CAUGHT: with the guard its test is already ${before}`;
  const outcome = await playWithout(copy, removal);
  return outcome === (removal.neverEnds ? 'unended' : 'failed') ? 'caught' : whatItMeans[outcome];
}

async function judgeAll(copy: string, wanted: readonly Removal[]): Promise<boolean> {
  const before = await playTests(
    copy,
    wanted.map(({ fails }) => fails),
    4 * mostMs,
  );
  let areAllCaught = true;
  for (const [index, removal] of wanted.entries()) {
    const began = performance.now();
    const said = await judge(copy, removal, before[index]);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const guard = `${removal.file}: ${removal.from.trim().replace(/\s+/g, ' ').slice(0, 50)}`;
    console.log(`${removal.attack.padEnd(4)} ${guard.padEnd(96)} ${seconds.padStart(6)} s  ${said}`);
    areAllCaught &&= said === 'caught';
  }
  return areAllCaught;
}

const wanted = removals.filter(({ attack }) => asked.length === 0 || asked.includes(attack));
const unknown = asked.filter((id) => !removals.some(({ attack }) => attack === id));
if (unknown.length > 0) throw new Error(`there is no removal for ${unknown.join(', ')}`);
const copy = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-guards-')));
try {
  copyTree(join(import.meta.dirname, '../..'), copy);
  process.exitCode = (await judgeAll(copy, wanted)) ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}
