import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createClones } from '../../src/adapters/git/clones.ts';
import { createLanding } from '../../src/adapters/git/landing.ts';
import { createLedgerKey } from '../../src/adapters/git/ledger-key.ts';
import type { Project } from '../../src/model/project.ts';
import { toSha } from '../../src/model/sha.ts';
import { openRepository } from '../adapters/git/repository.ts';
import { acme } from '../demo/github/setting.ts';
import { type LandingForge, landingContract } from './landing.ts';

const name = 'acme/app';
const pushPath = /\/git-receive-pack$/;

/** The stand-in GitHub, with the App's own tokens. */
landingContract('the stand-in GitHub', async (): Promise<LandingForge> => {
  const { github, installationId, repository } = await acme();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-landing-github-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const key = createLedgerKey(null);
  const project: Project = {
    id: repository.id,
    owner: 'acme',
    name: 'app',
    private: false,
    defaultBranch: 'main',
    installation: installationId,
    cloneUrl: repository.cloneUrl,
  };
  let workers = 0;
  let token = () => github.installationToken(installationId);
  return {
    project,
    start: toSha(repository.head),
    upstream: openRepository(await github.gitFolder(name)),
    worker() {
      workers += 1;
      const clones = createClones({ folder: join(folder, String(workers)), credentials: async () => null });
      onTestFinished(clones.close);
      return createLanding({ clones, pushCredentials: () => token(), signer: key });
    },
    forbidByRule: () => github.setRuleset(name, { name: 'main', rules: [{ type: 'update' }] }).then(() => undefined),
    async withdrawPermission() {
      const reader = await github.createUser('reader');
      token = async () => reader.token;
    },
    loseAnswer: () => void github.faults.add({ path: pushPath, does: { kind: 'reset', when: 'after' } }),
    hangUp: () => void github.faults.add({ path: pushPath, does: { kind: 'reset', when: 'before' } }),
  };
});
