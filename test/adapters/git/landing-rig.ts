import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createClones, type GitLimits } from '../../../src/adapters/git/clones.ts';
import { createLanding, type LandingOptions } from '../../../src/adapters/git/landing.ts';
import { createLedgerKey, type LedgerSigner } from '../../../src/adapters/git/ledger-key.ts';
import type { LedgerDetail, LedgerEntry } from '../../../src/model/ledger.ts';
import type { Project } from '../../../src/model/project.ts';
import type { LandingMethod } from '../../../src/model/queue.ts';
import { type Sha, toSha } from '../../../src/model/sha.ts';
import type { CandidateRequest, Landing } from '../../../src/ports/landing.ts';
import { makeRepository, type Repository } from './repository.ts';
import { type GitServer, serveGit } from './serve-git.ts';

export const nowhere = toSha('f'.repeat(40));

/** One upstream with `main` at its first commit, and whoever works on it. */
export interface LandingRig {
  readonly upstream: Repository;
  readonly server: GitServer;
  readonly project: Project;
  readonly key: ReturnType<typeof createLedgerKey>;
  readonly start: Sha;
  /** A worker with a clone of its own. */
  worker(options?: {
    readonly signer?: LedgerSigner;
    readonly limits?: Partial<GitLimits>;
    readonly pushCredentials?: LandingOptions['pushCredentials'];
  }): Worker;
  /** Puts a head on `refs/pull/N/head`. */
  open(number: number, head: Sha): Sha;
  hook(name: 'pre-receive' | 'update', script: string): void;
}

export interface Worker {
  readonly landing: Landing;
  /** Its bare clone, once it was used. */
  readonly clone: string;
}

export async function landingRig(): Promise<LandingRig> {
  const root = mkdtempSync(join(tmpdir(), 'sluice-landing-'));
  const server = await serveGit(join(root, 'served'));
  onTestFinished(async () => {
    await server.close();
    rmSync(root, { recursive: true, force: true });
  });
  const upstream = makeRepository(join(root, 'served'), 'acme/shop.git');
  upstream.git('config', 'http.receivepack', 'true');
  const start = upstream.commit({ files: { 'a.txt': 'one\n', 'b.txt': 'b\n', 'dir/deep/c.txt': 'c\n' } });
  upstream.setRef('refs/heads/main', start);
  const names = { id: 7, owner: 'acme', name: 'shop', defaultBranch: 'main' };
  const project = { ...names, private: false, installation: 1, cloneUrl: `${server.url}/acme/shop.git` };
  const key = createLedgerKey(null);
  let count = 0;
  return {
    upstream,
    server,
    project,
    key,
    start,
    worker({ signer = key, limits = {}, pushCredentials = async () => 'push-token' } = {}) {
      count += 1;
      const folder = join(root, `clones-${count}`);
      const clones = createClones({ folder, limits, credentials: async () => null });
      onTestFinished(clones.close);
      return { landing: createLanding({ clones, pushCredentials, signer }), clone: join(folder, '7.git') };
    },
    open(number, head) {
      upstream.setRef(`refs/pull/${number}/head`, head);
      return head;
    },
    hook(name, script) {
      const file = join(upstream.folder, 'hooks', name);
      mkdirSync(join(upstream.folder, 'hooks'), { recursive: true });
      writeFileSync(file, `#!/bin/sh\n${script}\n`);
      chmodSync(file, 0o755);
    },
  };
}

export function request(
  method: LandingMethod,
  parent: Sha,
  head: Sha,
  overrides: Partial<CandidateRequest> = {},
): CandidateRequest {
  return { number: 1, parent, head, method, message: 'Merge #1\n\nChange: #1', trailers: ['Change: #1'], ...overrides };
}

export const owner: LedgerDetail = { kind: 'owner', app: 12 };

export function entryOf(sequence: number, detail: LedgerDetail, overrides: Partial<LedgerEntry> = {}): LedgerEntry {
  const at = 1_700_000_000_000 + sequence;
  return { schema: 1, sequence, repository: 7, branch: 'main', at, detail, ...overrides };
}

export function landedDetail(from: Sha, commit: Sha): LedgerDetail {
  const checks = [{ name: 'unit', conclusion: 'success' as const }];
  const verdict = { commit, tree: nowhere, checks, configuration: 'c'.repeat(64), git: '2.39.5', at: 1 };
  const by = { id: 5, login: 'ash', kind: 'user' as const };
  return { kind: 'landed', number: 1, head: nowhere, from, commit, method: 'merge', by, verdict };
}

/** The commit of a candidate that is known to be made. */
export async function made(landing: Landing, project: Project, wish: CandidateRequest): Promise<Sha> {
  const outcome = await landing.make(project, wish);
  if (outcome.kind !== 'made') throw new Error(`not made: ${JSON.stringify(outcome)}`);
  return outcome.commit;
}

/** Begins the ledger of `main` and gives its head. */
export async function begun(landing: Landing, project: Project): Promise<Sha> {
  const outcome = await landing.append(project, null, entryOf(1, owner, { repository: project.id }));
  if (outcome.kind !== 'landed') throw new Error(`not begun: ${JSON.stringify(outcome)}`);
  return outcome.ledger;
}
