import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { planLocally } from '../../src/plan-locally.ts';
import { environment, machineWith } from '../main/local-repository.ts';
import { sluice } from './cli-fixture.ts';
import { makePushStage, type PushStage, zeros } from './push-stage.ts';

let stage: PushStage;
let elsewhere: string;

beforeAll(() => {
  stage = makePushStage();
  const commits = stage.commits(null, { VERSION: '1.2.3-dev\n' }, { 'a.go': '1\n' });
  stage.repository.setRef('refs/heads/main', commits[1] ?? null);
  elsewhere = mkdtempSync(join(tmpdir(), 'sluice-test-push-'));
});
afterAll(() => {
  stage.remove();
  rmSync(elsewhere, { recursive: true, force: true });
});

const unknown = 'd'.repeat(40);

it.each`
  range                   | ref                   | says
  ${'main~1..main'}       | ${'main'}             | ${'write refs/heads/main or refs/tags/main instead of "main"'}
  ${'main~1..main'}       | ${'heads/main'}       | ${'write refs/heads/main or refs/tags/main instead of "heads/main"'}
  ${'main~1..main'}       | ${'refs/pull/1/head'} | ${'--ref is the full name of what was pushed'}
  ${'main~1..main'}       | ${'refs/heads/a b'}   | ${'--ref is the full name of what was pushed'}
  ${'main~1...main'}      | ${'refs/heads/main'}  | ${'write two dots, as main~1..main'}
  ${'main'}               | ${'refs/heads/main'}  | ${'--push is OLD..NEW, as HEAD~1..HEAD'}
  ${'..main'}             | ${'refs/heads/main'}  | ${'--push is OLD..NEW, as HEAD~1..HEAD'}
  ${`${zeros}..${zeros}`} | ${'refs/heads/main'}  | ${'OLD and NEW are both zeros'}
  ${`${unknown}..main`}   | ${'refs/heads/main'}  | ${`OLD of --push, "${unknown}", is no commit of this clone: "git fetch origin ${unknown}" may bring it`}
  ${`main..${unknown}`}   | ${'refs/heads/main'}  | ${`NEW of --push, "${unknown}", is no commit of this clone`}
  ${'main..nothing'}      | ${'refs/heads/main'}  | ${'name a commit, a branch or a tag'}
  ${'main..--all'}        | ${'refs/heads/main'}  | ${'NEW of --push, "--all", is no commit of this clone'}
`('--push $range --ref $ref is answered: $says', async ({ range, ref, says }) => {
  const { code, out, err } = await stage.run('--push', range, '--ref', ref, '--json');
  expect([code, out, err]).toEqual([2, '', expect.stringContaining(says)]);
});

it.each`
  words                                                          | says
  ${['--push', 'a..b']}                                          | ${'say what was pushed to: --ref refs/heads/main'}
  ${['--ref', 'refs/heads/main']}                                | ${'write --push OLD..NEW --ref REF'}
  ${['--push', 'a..b', '--ref', 'refs/heads/main', '--pr', '1']} | ${'either --pr NUMBER, or --event NAME and --payload FILE, or --push'}
`('$words is answered: $says', async ({ words, says }) => {
  const { code, err } = await stage.run(...words);
  expect([code, err]).toEqual([2, expect.stringContaining(says)]);
});

it('a release that is named wrong is told so', async () => {
  const words = ['--push', 'main~1..main', '--ref', 'refs/heads/main', '--released'];
  expect((await stage.run(...words, 'one=main')).err).toContain(
    '--released is VERSION=COMMIT or none: `one` is no version',
  );
  expect((await stage.run(...words, '1.2.3')).err).toContain('write 1.2.3=COMMIT');
  const published = ['--push', 'main~1..main', '--ref', 'refs/heads/main', '--published', 'api'];
  expect((await stage.run(...published)).err).toContain('write api=COMMIT');
});

it('neither a folder that is no clone nor a clone without all of its history and files will do', async () => {
  const machine = machineWith();
  const plan = (folder: string) =>
    sluice(['plan', '--repo', folder, '--push', 'HEAD..HEAD', '--ref', 'refs/heads/main'], {
      plan: (place, source) => planLocally(place, source, machine),
    });
  const none = await plan(elsewhere);
  expect([none.code, none.err]).toEqual([2, expect.stringContaining('is no git clone')]);
  const shallow = join(elsewhere, 'shallow');
  const url = `file://${stage.repository.folder}`;
  execFileSync('git', ['clone', '--quiet', '--depth=1', url, shallow], { env: environment() });
  const cut = await plan(shallow);
  expect([cut.code, cut.err]).toEqual([2, expect.stringContaining('run "git fetch --unshallow"')]);
  const partial = join(elsewhere, 'partial');
  const filtered = ['clone', '--quiet', '--bare', '--filter=blob:none', url, partial];
  execFileSync('git', filtered, { env: environment(), stdio: 'ignore' });
  const lacking = await plan(partial);
  expect([lacking.code, lacking.err]).toEqual([2, expect.stringContaining('clone it again without --filter')]);
});
