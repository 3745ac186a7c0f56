import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlanDecision } from '../../src/cli/deps.ts';
import { type Sha, toSha } from '../../src/model/sha.ts';
import { planLocally } from '../../src/plan-locally.ts';
import { type FileChange, makeRepository, type Repository } from '../adapters/git/repository.ts';
import { machineWith } from '../main/local-repository.ts';
import { sluice } from './cli-fixture.ts';

export type Files = Readonly<Record<string, FileChange>>;

/** A bare repository whose pushes are planned by the command itself. */
export interface PushStage {
  readonly repository: Repository;
  /** Commits on one another; the last is what is pushed. */
  commits(on: Sha | null, ...all: readonly Files[]): Sha[];
  /** A merge of the second into the first, with the tree of the second. */
  merge(first: Sha, second: Sha): Sha;
  run(...words: readonly string[]): Promise<{ code: number; out: string; err: string }>;
  push(ref: string, before: Sha | null, after: Sha | null, ...words: readonly string[]): Promise<Pushed>;
  remove(): void;
}

export interface Pushed {
  readonly decisions: readonly PlanDecision[];
  readonly notes: string;
}

export const zeros = '0'.repeat(40);

/** A project with versions and releases of its own, for most stories. */
export const versionsConfig = `images: [{ name: api, repository: registry.example.com/acme/api }]
version:
  file: VERSION
  main: main
  releaseBranches: "release-v*"
  release: { initiators: [robot, "team:acme/releasers"], moving: ["v{{major}}.{{minor}}", latest] }
`;

export const main = 'refs/heads/main';
export const release = 'refs/heads/release-v1.2';

/** Version 1.2.3-dev, which main is at. */
export function startVersions({ commits, repository }: PushStage): Sha {
  const [start] = commits(null, {
    '.sluice.yaml': versionsConfig,
    Dockerfile: 'FROM scratch\n',
    VERSION: '1.2.3-dev\n',
    'main.go': 'one\n',
  });
  if (start === undefined) throw new Error('nothing was committed');
  repository.setRef(main, start);
  return start;
}

/** Tags of a dev image, with its commit by a letter. */
export const dev = (version: string, commit = 'A'): string => `api=${version}-dev-${commit},${version}-dev`;

export const robot = ['--pushed-by', 'robot'];

export function makePushStage(): PushStage {
  const root = mkdtempSync(join(tmpdir(), 'sluice-test-push-'));
  const repository = makeRepository(root, 'shop.git');
  const machine = machineWith();
  const run: PushStage['run'] = (...words) =>
    sluice(['plan', '--repo', repository.folder, ...words], {
      plan: (folder, source) => planLocally(folder, source, machine),
    });
  return {
    repository,
    run,
    commits(on, ...all) {
      const made: Sha[] = [];
      for (const files of all) made.push(repository.commit({ on: made.at(-1) ?? on, files }));
      return made;
    },
    merge: (first, second) =>
      toSha(repository.git('commit-tree', '-p', first, '-p', second, '-m', 'merge', `${second}^{tree}`)),
    async push(ref, before, after, ...words) {
      const range = `${before ?? zeros}..${after ?? zeros}`;
      const { code, out, err } = await run('--push', range, '--ref', ref, '--json', ...words);
      if (code !== 0) throw new Error(err);
      return { ...JSON.parse(out), notes: err };
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** One line for each decision: `postsubmit run V7 api=1.2.3-dev-A,1.2.3-dev`, with the commits by their letters. */
export function told({ decisions }: Pushed, pushed: readonly Sha[] = []): readonly string[] {
  return decisions.map(({ pipeline, decision, reason, images = [], release }) => {
    const row = /^V\d+(?:, V\d+)?/.exec(reason)?.[0];
    const tags = images.map(({ name, tags: of }) => `${name}=${of.join(',')}`);
    const version = release === undefined ? [] : [`${release.version}${release.final ? '' : ' (pre)'}`];
    const line = [pipeline, decision, ...(row === undefined ? [] : [row]), ...version, ...tags].join(' ');
    return pushed.reduce((text, sha, index) => text.replaceAll(sha, 'ABCDE'.charAt(index)), line);
  });
}

export function reasons({ decisions }: Pushed): string {
  return decisions.map(({ reason }) => reason).join('\n');
}
