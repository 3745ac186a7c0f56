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
