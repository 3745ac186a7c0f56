import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from './machine-fixture.ts';

const script = fileURLToPath(new URL('../../scripts/count-tests.mjs', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-count-'));
});
afterAll(() => rm(folder, { recursive: true }));

it.each`
  summary                                                          | line                               | code
  ${'      Tests  59 passed (59)'}                                 | ${'59 passed, 0 failed'}           | ${0}
  ${'      Tests  2 failed | 13 passed (15)'}                      | ${'13 passed, 2 failed'}           | ${0}
  ${'      Tests  1 failed | 4 passed | 2 skipped | 1 todo (8)'}   | ${'4 passed, 1 failed, 3 skipped'} | ${0}
  ${'\x1b[2m      Tests \x1b[22m \x1b[1m\x1b[32m7 passed\x1b[39m'} | ${'7 passed, 0 failed'}            | ${0}
  ${'a test said: Tests  1 passed\n  Tests  3 passed (3)'}         | ${'3 passed, 0 failed'}            | ${0}
  ${'      Tests  no tests'}                                       | ${'0 passed, 0 failed'}            | ${1}
  ${'vitest did not come that far'}                                | ${'0 passed, 1 failed'}            | ${1}
`('$line', async ({ summary, line, code }) => {
  const file = join(folder, 'output');
  await writeFile(file, ` Test Files  3 passed (3)\n${summary}\n   Duration  5.26s\n`);
  expect(await runCommand([process.execPath, script, file], {})).toEqual({ code, out: `${line}\n`, err: '' });
});

const failedTwice = ' FAIL  test/a.test.ts > one\n FAIL  test/b.test.ts > two\n      Tests  2 failed | 5 passed (7)\n';

async function twoFiles(first: string, second: string) {
  const files = [join(folder, 'first'), join(folder, 'second')] as const;
  await writeFile(files[0], first);
  await writeFile(files[1], second);
  return files;
}

it('names what failed, and what of it passed when it was tried again by itself', async () => {
  const files = await twoFiles(
    failedTwice,
    ' ✓ test/a.test.ts (3 tests)\n FAIL  test/b.test.ts > two\n      Tests  1 failed | 3 passed (4)\n',
  );
  expect(await runCommand([process.execPath, script, ...files], {})).toEqual({
    code: 0,
    out: 'FLAKY, passed by itself: test/a.test.ts > one\nfailed test: test/b.test.ts > two\n6 passed, 1 failed\n',
    err: '',
  });
});

it('says of each the first words of why it failed and where, of the second run where it failed there too', async () => {
  const told = (error: string) =>
    [' FAIL   alone  test/a.test.ts > one', error, '', ' ❯ test/a.test.ts:12:3', '     11| x', '⎯⎯⎯⎯[1/1]⎯', ''].join(
      '\n',
    );
  const files = await twoFiles(
    `${told('Error: first')}\n      Tests  1 failed | 5 passed (6)\n`,
    `${told(`\x1b[31mAssertionError: ${'second '.repeat(60)}`)}\n      Tests  1 failed | 3 passed (4)\n`,
  );
  const { out } = await runCommand([process.execPath, script, ...files], {});
  const [name, why, where, sum] = out.split('\n');
  expect(name).toBe('failed test: test/a.test.ts > one');
  expect(why).toMatch(/^ {4}AssertionError: second second [a-z ]{200,300}$/);
  expect(where).toBe('    ❯ test/a.test.ts:12:3');
  expect(sum).toBe('5 passed, 1 failed');
});

it.each(['', '|alone| ', ' alone  ', ' beside each other  '])(
  'finds a failure behind the name of its group: "%s"',
  async (group) => {
    const [file] = await twoFiles(` FAIL  ${group}test/a/b.cluster.test.ts > one > of / two\n`, '');
    const files = await runCommand([process.execPath, script, '--failed-files', file], {});
    expect(files).toEqual({ code: 0, out: 'test/a/b.cluster.test.ts\n', err: '' });
  },
);

it('counts what failed as failed where nothing says what it was, whatever else was tried again', async () => {
  const files = await twoFiles(
    `${failedTwice}      Tests  1 failed | 3 passed (4)\n`,
    ' ✓ test/a.test.ts\n ✓ test/b.test.ts\n      Tests  7 passed (7)\n',
  );
  expect((await runCommand([process.execPath, script, ...files], {})).out).toMatch(/^10 passed, 1 failed$/m);
});

const errorOutside = [
  '⎯⎯⎯⎯⎯⎯ Unhandled Errors ⎯⎯⎯⎯⎯⎯',
  '',
  'Vitest caught 1 unhandled error during the test run.',
  '',
  '\x1b[31m⎯⎯⎯⎯\x1b[39m Unhandled Rejection ⎯⎯⎯⎯⎯',
  'Error: write EPIPE',
  ' ❯ test/c.test.ts:2:94',
  '',
  '\x1b[31mThis error originated in "\x1b[1mtest/c.test.ts\x1b[22m" test file. It is not …',
  '⎯⎯⎯⎯⎯⎯⎯⎯',
  '      Tests  5 passed (5)',
  '     Errors  1 error',
  '',
].join('\n');
const outside = 'test/c.test.ts > an error outside of its tests\n    Error: write EPIPE\n    ❯ test/c.test.ts:2:94\n';

it('counts an error that came outside of any test, and names the file that ran then', async () => {
  const [file] = await twoFiles(errorOutside, '');
  const { out } = await runCommand([process.execPath, script, file], {});
  expect(out).toBe(`failed test: ${outside}5 passed, 1 failed\n`);
  const files = await runCommand([process.execPath, script, '--failed-files', file], {});
  expect(files).toEqual({ code: 0, out: 'test/c.test.ts\n', err: '' });
});

it.each`
  then               | second                                                        | out
  ${'it came again'} | ${` ✓ test/c.test.ts (5 tests)\n${errorOutside}`}             | ${`failed test: ${outside}5 passed, 1 failed\n`}
  ${'it did not'}    | ${' ✓ test/c.test.ts (5 tests)\n      Tests  5 passed (5)\n'} | ${`FLAKY, passed by itself: ${outside}5 passed, 0 failed\n`}
`('such a file is tried again too, and $then', async ({ second, out }) => {
  const files = await twoFiles(errorOutside, second);
  expect((await runCommand([process.execPath, script, ...files], {})).out).toBe(out);
});

it('takes nothing for flaky when the second run did not come that far', async () => {
  const files = await twoFiles(failedTwice, 'npm broke\n');
  const { out } = await runCommand([process.execPath, script, ...files], {});
  expect(out).toContain('failed test: test/a.test.ts > one\nfailed test: test/b.test.ts > two\n');
  expect(out).toMatch(/^5 passed, 2 failed$/m);
});

it('takes nothing for flaky that was not tried again', async () => {
  const files = await twoFiles(failedTwice, ' ✓ test/a.test.ts (3 tests)\n      Tests  3 passed (3)\n');
  const { out } = await runCommand([process.execPath, script, ...files], {});
  expect(out).toBe(
    'FLAKY, passed by itself: test/a.test.ts > one\nfailed test: test/b.test.ts > two\n6 passed, 1 failed\n',
  );
});

it.each`
  what              | text                                                                                      | out                                          | code
  ${'two'}          | ${failedTwice}                                                                            | ${'test/a.test.ts\ntest/b.test.ts\n'}        | ${0}
  ${'none'}         | ${'      Tests  7 passed (7)\n'}                                                          | ${''}                                        | ${1}
  ${'far too many'} | ${Array.from({ length: 6 }, (_, index) => ` FAIL  test/${index}.test.ts > x\n`).join('')} | ${expect.stringContaining('test/5.test.ts')} | ${1}
`('gives the files that had a failure: $what', async ({ text, out, code }) => {
  const [file] = await twoFiles(text, '');
  expect(await runCommand([process.execPath, script, '--failed-files', file], {})).toEqual({ code, out, err: '' });
});
