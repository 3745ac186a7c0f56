/**
 * Reads vitest's output from a file, of one run or several, and prints what failed, a line each with the first words of why and
 * where below it, and then their summaries' sum as one plain line; exits with 1 when there is none. An error that came outside
 * of any test is a failure too, of the file that ran then. A second file holds the output of a run in which the files that had
 * failed were tried again by themselves: what passed there is named as flaky, and counts as passed. With `--failed-files` it
 * prints the files that had a failure, and exits with 1 when there are none, or too many to be anything but a real fault.
 */
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const mostFlaky = 5;
const args = process.argv.slice(2);
const wantsFiles = args[0] === '--failed-files';
const [first = '/dev/stdin', second] = wantsFiles ? args.slice(1) : args;
const read = (file) => stripVTControlCharacters(readFileSync(file, 'utf8'));

function countsIn(text) {
  const summaries = text.split('\n').filter((line) => /^\s*Tests\s+(?:\d+ \w+|no tests)/.test(line));
  const countIn = (word, summary) => Number(new RegExp(`(\\d+) ${word}`).exec(summary)?.[1] ?? 0);
  const count = (word) => summaries.reduce((sum, summary) => sum + countIn(word, summary), 0);
  if (summaries.length === 0) return { passed: 0, failed: 1, skipped: 0 };
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') + count('todo') };
}

// Which group of tests it is of, a word or several, stands before the file.
const failureIn = (line) => /^\s*FAIL\s+(?:\S.*?\s)??(\S*\/\S*\.test\.ts(?: .*\S)?)/.exec(line)?.[1] ?? [];
const failedTestsIn = (text) => text.split('\n').flatMap(failureIn);
const failuresIn = (text) => new Set([...failedTestsIn(text), ...errorsIn(text).keys()]);
const headingOfError = /^⎯+ (?:Unhandled Rejection|Uncaught Exception|Unhandled Error) ⎯+$/;
/** What came outside of tests: the file that ran then, and the words of the first such error. */
function errorsIn(text) {
  const errors = new Map();
  for (const told of text.split(/^(?=⎯+ (?:Unhandled|Uncaught) \w+ ⎯+$)/m).slice(1)) {
    const [heading, ...lines] = told.split('\n');
    if (!headingOfError.test(heading.trim())) continue;
    const file = /^This error originated in "(.+?)" test file/m.exec(told)?.[1];
    const name = `${file ?? 'vitest itself'} > an error outside of its tests`;
    if (!errors.has(name)) errors.set(name, lines);
  }
  return errors;
}
// The first line of the error, and the first line of ours that it came from.
function whyOf(failure, text) {
  const outside = errorsIn(text).get(failure);
  if (outside !== undefined) return wordsOf(outside);
  const all = text.split('\n');
  const told = all.slice(all.findIndex((line) => failureIn(line) === failure) + 1);
  const end = told.findIndex((line) => line.startsWith('⎯⎯⎯'));
  return wordsOf(told.slice(0, end < 0 ? undefined : end));
}
function wordsOf(lines) {
  const found = [lines.find((line) => /^\S/.test(line)), lines.find((line) => /^ ❯ .*:\d+:\d+/.test(line))];
  const words = found.filter((line) => line !== undefined);
  return words.map((line) => `    ${line.trim().slice(0, 300)}\n`).join('');
}
const text = read(first);
const failures = failuresIn(text);

if (wantsFiles) {
  const files = new Set([...failures].map((failure) => failure.split(' ')[0]));
  process.stdout.write([...files].map((file) => `${file}\n`).join(''));
  process.exitCode = files.size === 0 || files.size > mostFlaky ? 1 : 0;
} else {
  const counts = countsIn(text);
  const later = second === undefined ? null : read(second);
  const again = later === null ? null : { counts: countsIn(later), failures: failuresIn(later) };
  const wasPlayed = (failure) => later?.includes(failure.split(' ')[0]) === true;
  for (const failure of failures) {
    const flaked = again !== null && again.counts.passed > 0 && wasPlayed(failure) && !again.failures.has(failure);
    const line = flaked ? `FLAKY, passed by itself: ${failure}\n` : `failed test: ${failure}\n`;
    process.stdout.write(line + whyOf(failure, again?.failures.has(failure) ? later : text));
  }
  const errors = [...errorsIn(text).keys()];
  // What failed and was not played again has failed, whether its line was understood or not.
  const left = Math.max(0, counts.failed - failedTestsIn(text).filter(wasPlayed).length);
  const failed = again === null ? counts.failed : Math.min(counts.failed, again.counts.failed + left);
  const passed = counts.passed + counts.failed - failed;
  const erred = again === null ? errors : [...errorsIn(later).keys(), ...errors.filter((error) => !wasPlayed(error))];
  const { skipped } = counts;
  process.stdout.write(
    `${passed} passed, ${failed + erred.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
  );
  process.exitCode = passed === 0 ? 1 : 0;
}
