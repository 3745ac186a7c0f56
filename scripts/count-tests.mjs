/** Reads vitest's output from a file and prints its summary as one plain line; exits with 1 when there is none. */
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const text = stripVTControlCharacters(readFileSync(process.argv[2] ?? '/dev/stdin', 'utf8'));
const summary = text.split('\n').findLast((line) => /^\s*Tests\s+(?:\d+ \w+|no tests)/.test(line)) ?? '';
const count = (word) => Number(new RegExp(`(\\d+) ${word}`).exec(summary)?.[1] ?? 0);
const counted = summary === '' ? { passed: 0, failed: 1 } : { passed: count('passed'), failed: count('failed') };
const skipped = count('skipped') + count('todo');

process.stdout.write(
  `${counted.passed} passed, ${counted.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
);
process.exitCode = counted.passed === 0 ? 1 : 0;
