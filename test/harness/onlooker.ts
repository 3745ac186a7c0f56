import { join } from 'node:path';
import { createClones } from '../../src/adapters/git/clones.ts';
import { createLanding } from '../../src/adapters/git/landing.ts';
import { keepLedgerKey } from '../../src/ledger-key-file.ts';
import type { BranchReading } from '../../src/model/landing.ts';
import type { ServedWorld } from './served-world.ts';

/** Reads what anybody may read, and ledgers as whoever has the key does. */
export interface Onlooker {
  repositoryId(repo: string): Promise<number>;
  /** `main` with its ledger. */
  readMain(repo: string): Promise<BranchReading>;
  /** Conclusions of all check runs of this name on a commit, not only of the newest. */
  conclusionsOn(repo: string, commit: string, name: string): Promise<readonly string[]>;
  close(): void;
}

export async function startOnlooker({ github, data }: Pick<ServedWorld, 'github' | 'data'>): Promise<Onlooker> {
  const clones = createClones({
    folder: join(data, 'clones-of-the-test'),
    environment: { PATH: process.env.PATH ?? '' },
    credentials: async () => null,
  });
  const signer = await keepLedgerKey(data, null);
  const pushCredentials = () => Promise.reject(new Error('nothing is pushed here'));
  const landing = createLanding({ clones, signer, pushCredentials });
  const { token } = await github.createUser('eve');

  async function ask<T>(path: string): Promise<T> {
    const answer = await fetch(`${github.apiUrl}/repos/${path}`, { headers: { Authorization: `Bearer ${token}` } });
    return (await answer.json()) as T;
  }

  const repositoryId = async (repo: string): Promise<number> => (await ask<{ id: number }>(repo)).id;
  return {
    repositoryId,
    async readMain(repo) {
      const [owner = '', name = ''] = repo.split('/');
      const id = await repositoryId(repo);
      const cloneUrl = `${github.url}/${repo}.git`;
      return landing.read(
        { id, owner, name, private: false, defaultBranch: 'main', installation: 0, cloneUrl },
        'main',
      );
    },
    async conclusionsOn(repo, commit, name) {
      type Runs = { check_runs: { name: string; conclusion: string | null }[] };
      const { check_runs } = await ask<Runs>(`${repo}/commits/${commit}/check-runs?filter=all&per_page=100`);
      return check_runs.filter((run) => run.name === name).map(({ conclusion }) => String(conclusion));
    },
    close: () => clones.close(),
  };
}
