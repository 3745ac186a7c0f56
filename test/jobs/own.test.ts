import { chmodSync, chownSync, lchownSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeWorkFolder, runStep } from './run-step.ts';

const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('\n*** GIVING A CONTEXT TO ROOT IS NOT TESTED: it needs root ***\n\n');

let work: Awaited<ReturnType<typeof makeWorkFolder>>;

beforeEach(async () => {
  work = await makeWorkFolder();
});

afterEach(() => work.end());

it.skipIf(!isRoot)('all of a context becomes root’s, a link itself and not where it leads', async () => {
  const src = join(work.folder, 'src');
  const elsewhere = join(work.folder, 'elsewhere');
  for (const place of [elsewhere, src, join(src, 'deep'), join(src, 'deep/er')]) mkdirSync(place);
  const odd = Buffer.concat([Buffer.from(`${src}/deep/er/`), Buffer.from([0xff, 0x0a, 0x20])]);
  writeFileSync(odd, 'x', { mode: 0o755 });
  writeFileSync(join(elsewhere, 'theirs'), 'x');
  symlinkSync('../elsewhere', join(src, 'link'));
  lchownSync(join(src, 'link'), 65532, 65532);
  for (const place of [src, join(src, 'deep'), join(src, 'deep/er'), odd, join(elsewhere, 'theirs')])
    chownSync(place, 65532, 65532);
  // As a volume is with a group of its own.
  chmodSync(src, 0o2777);
  const end = await runStep('own', { folder: src, result: join(work.folder, 'result') });
  expect(end.code, end.log).toBe(0);
  for (const place of [src, join(src, 'deep'), join(src, 'deep/er'), odd, join(src, 'link')])
    expect(lstatSync(place), String(place)).toMatchObject({ uid: 0, gid: 0 });
  expect(lstatSync(join(elsewhere, 'theirs'))).toMatchObject({ uid: 65532, gid: 65532 });
  expect(lstatSync(src).mode & 0o7777).toBe(0o755);
  expect(lstatSync(odd).mode & 0o7777).toBe(0o755);
});

it('a folder that is not there ends it', async () => {
  const end = await runStep('own', { folder: join(work.folder, 'absent'), result: join(work.folder, 'result') });
  expect(end.code).not.toBe(0);
  expect(end.log).toContain('ENOENT');
});
