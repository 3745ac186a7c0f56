/** Reads vitest's output from a file, of one run or several, and prints what failed, a line each, and then their summaries' sum as one plain line; exits with 1 when there is none. */
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const text = stripVTControlCharacters(readFileSync(process.argv[2] ?? '/dev/stdin', 'utf8'));
const summaries = text.split('\n').filter((line) => /^\s*Tests\s+(?:\d+ \w+|no tests)/.test(line));
const countIn = (word, summary) => Number(new RegExp(`(\\d+) ${word}`).exec(summary)?.[1] ?? 0);
const count = (word) => summaries.reduce((sum, summary) => sum + countIn(word, summary), 0);
const counted =
  summaries.length === 0 ? { passed: 0, failed: 1 } : { passed: count('passed'), failed: count('failed') };
const skipped = count('skipped') + count('todo');

const failures = new Set(text.split('\n').flatMap((line) => /^\s*FAIL\s+(.*\S)/.exec(line)?.[1] ?? []));
for (const failure of failures) process.stdout.write(`failed test: ${failure}\n`);
process.stdout.write(
  `${counted.passed} passed, ${counted.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
);
process.exitCode = counted.passed === 0 ? 1 : 0;
