import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sha } from '../../src/model/sha.ts';
import { makeRepository, type Repository } from '../adapters/git/repository.ts';
import { type GitServer, serveGit } from '../adapters/git/serve-git.ts';
import { makeWorkFolder, runStep, type StepEnd } from './run-step.ts';

export interface Wish {
  readonly base: string;
  readonly heads?: readonly string[];
  readonly tree: string | null;
  /** Other fields of the step's input, right or wrong. */
  readonly [more: string]: unknown;
}

/** A repository served over HTTP on loopback, and the step that checks it out. */
export interface CheckoutStage {
  readonly folder: string;
  readonly server: GitServer;
  readonly origin: Repository;
  readonly checkout: (wish: Wish) => Promise<StepEnd & { readonly folder: string }>;
  readonly treeOf: (commit: Sha) => string;
  /** What the worker plans: `git merge-tree --write-tree` in a bare clone. */
  readonly plan: (base: Sha, head: Sha) => string;
  /** One commit on main. */
  readonly onMain: (files: Parameters<Repository['commit']>[0]['files']) => Sha;
  /** main and a branch, each with a commit of its own after a common one. */
  readonly branched: (onMain: Record<string, string>, onBranch: Record<string, string>) => { base: Sha; head: Sha };
  readonly end: () => Promise<void>;
}

export async function openCheckoutStage(): Promise<CheckoutStage> {
  const work = await makeWorkFolder();
  const server = await serveGit(work.folder);
  const origin = makeRepository(work.folder, 'acme/api.git');
  let count = 0;

  async function checkout(wish: Wish) {
    count += 1;
    const folder = join(work.folder, `src-${count}`);
    await mkdir(folder);
    const input = {
      cloneUrl: `${server.url}/acme/api.git`,
      heads: [],
      folder,
      tokenFile: null,
      context: '.',
      keepGit: false,
      siblings: [],
      result: join(work.folder, `result-${count}`),
      limits: { packBytes: 1e9, files: 10_000, bytes: 1e8, fetchSeconds: 30 },
      ...wish,
    };
    return { folder, ...(await runStep('checkout', input)) };
  }

  function onMain(files: Parameters<Repository['commit']>[0]['files']): Sha {
    const base = origin.commit({ files });
    origin.setRef('refs/heads/main', base);
    return base;
  }

  function branched(first: Record<string, string>, second: Record<string, string>) {
    const root = origin.commit({ files: { 'a.txt': 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n', 'b.txt': 'b\n' } });
    const base = origin.commit({ on: root, files: first });
    const head = origin.commit({ on: root, files: second });
    origin.setRef('refs/heads/main', base);
    origin.setRef('refs/pull/1/head', head);
    return { base, head };
  }

  return {
    folder: work.folder,
    server,
    origin,
    checkout,
    treeOf: (commit) => origin.git('rev-parse', `${commit}^{tree}`),
    plan: (base, head) => origin.git('merge-tree', '--write-tree', base, head).split('\n')[0] ?? '',
    onMain,
    branched,
    end: async () => {
      await server.close();
      await work.end();
    },
  };
}
