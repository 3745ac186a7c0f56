import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { scratchPrefix } from '../../src/adapters/git/prove-landing.ts';
import { documents } from '../../src/adapters/github/documents.ts';
import type { Verification } from '../../src/cli/verify-view.ts';
import { type StandInGitHub, startGitHub } from '../../src/demo/github/server.ts';
import { readMachine } from '../../src/machine.ts';
import { verifySetup } from '../../src/verify-setup.ts';
import { type AppPermissions, appPermissions } from '../adapters/github/stage.ts';
import { type Session, sluice, startSluice } from './cli-fixture.ts';

export const repo = 'acme/shop';

const config = [
  'apiVersion: sluice/v1',
  'jobs:',
  '  unit: { on: [gate], image: localhost/busybox:1, run: make test }',
  '',
].join('\n');

/** A GitHub with `acme/shop`, and a registered App that is installed on it unless `installed` is false. */
export interface VerifyStage {
  readonly github: StandInGitHub;
  readonly appId: number;
  readonly installation: number;
  readonly folder: string;
  /** Runs `sluice setup --verify acme/shop`, with more words. */
  run(words?: readonly string[]): Promise<{ code: number; out: string; err: string }>;
  /** Begins it; `during` is told each step and can press Ctrl-C. */
  start(during: (step: string, interrupt: () => void) => void): Session;
  /** The same as data. */
  look(words?: readonly string[]): Promise<{ code: number; found: Verification & { canLand: boolean } }>;
  /** Every ref of the repository. */
  refs(): string[];
  /** Puts a ref on `main`'s commit. */
  setRef(ref: string): void;
}

export async function verifyStage(
  permissions: AppPermissions = appPermissions,
  { installed = true, gate = '', isPrivate = false } = {},
): Promise<VerifyStage> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-verify-stage-'));
  const github = await startGitHub({ folder: join(folder, 'github'), documents });
  onTestFinished(async () => {
    await github.close();
    await rm(folder, { recursive: true, force: true });
  });
  await github.createOrganization('acme');
  await github.createUser('ada');
  await github.addMember('acme', 'ada');
  const files = { 'README.md': 'shop\n', '.sluice.yaml': `${config}${gate}` };
  await github.createRepository(repo, { files, private: isPrivate });
  const app = await github.createApp({ owner: 'acme', name: 'sluice', permissions, events: [] });
  const { installationId } = await github.installApp(app.appId, 'acme', installed ? 'all' : []);
  const machine = readMachine({
    PATH: process.env.PATH,
    SLUICE_APP_ID: String(app.appId),
    SLUICE_PRIVATE_KEY: app.privateKey,
    SLUICE_GITHUB_URL: github.url,
  });
  const bare = await github.gitFolder(repo);
  const git = (...args: string[]) => execFileSync('git', args, { cwd: bare, encoding: 'utf8' }).trim();
  const command = ['setup', '--verify', repo, '--out', join(folder, 'data')];
  const run: VerifyStage['run'] = (words = []) =>
    sluice([...command, ...words], { verify: (wish) => verifySetup(wish, machine) });
  return {
    github,
    appId: app.appId,
    installation: installationId,
    folder,
    run,
    async look(words = []) {
      const { code, out, err } = await run([...words, '--json']);
      if (out === '') throw new Error(err);
      return { code, found: JSON.parse(out) };
    },
    start(during) {
      const session: Session = startSluice(command, {
        verify: (wish) => verifySetup({ ...wish, onStep: (step) => during(step, () => session.interrupt()) }, machine),
      });
      return session;
    },
    refs: () => git('for-each-ref', '--format=%(refname)').split('\n'),
    setRef: (ref) => void git('update-ref', ref, 'refs/heads/main'),
  };
}

export const scratchRefs = [`refs/heads/${scratchPrefix}dead`, `refs/sluice/ledger/${scratchPrefix}dead`];
