import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Machine, readMachine } from '../../src/machine.ts';
import { type Sha, toSha } from '../../src/model/sha.ts';

const run = promisify(execFile);

export type Files = Readonly<Record<string, string>>;

/** A person's own clone in a temporary folder. */
export interface LocalRepository {
  readonly folder: string;
  git(...args: readonly string[]): Promise<string>;
  write(files: Files): Promise<void>;
  /** Writes and commits on the checked-out branch. */
  commit(files: Files, message?: string): Promise<Sha>;
  /** Every file below `.git` with its content's hash, for seeing that nothing was changed. */
  inside(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

const person = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};

export function environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/root', ...person, ...more };
}

export function machineWith(more: Readonly<Record<string, string>> = {}): Machine {
  return readMachine(environment(more));
}

async function listed(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const files = names.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Promise.all(
    files.map(
      async (file) =>
        `${file} ${createHash('sha256')
          .update(await readFile(file))
          .digest('hex')}`,
    ),
  );
}

export function repositoryAt(folder: string): LocalRepository {
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run('git', ['-C', folder, ...args], { env: environment() })).stdout.trim();
  const write = async (files: Files): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
      if (path.endsWith('.sh')) await chmod(join(folder, path), 0o755);
    }
  };
  return {
    folder,
    git,
    write,
    async commit(files, message = 'a change') {
      await write(files);
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', '-m', message);
      return toSha(await git('rev-parse', 'HEAD'));
    },
    inside: () => listed(join(folder, '.git')),
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

export async function makeRepository(files: Files): Promise<LocalRepository> {
  const repository = repositoryAt(await mkdtemp(join(tmpdir(), 'sluice-test-main-')));
  await repository.git('init', '--quiet', '--initial-branch=main');
  await repository.commit(files, 'first');
  return repository;
}

/** A temporary folder of this test file's own, so that what is left in it was left by it. */
export interface OwnTemporary {
  /** Our folders that are still there. */
  leftBehind(): Promise<readonly string[]>;
  remove(): Promise<void>;
}

/** From now on `os.tmpdir()` is that folder, until it is removed. */
export async function ownTemporary(): Promise<OwnTemporary> {
  const before = process.env.TMPDIR;
  const folder = await mkdtemp(join(tmpdir(), 'slt-'));
  process.env.TMPDIR = folder;
  return {
    leftBehind: async () => (await readdir(folder)).filter((name) => !name.startsWith('sluice-test-main-')),
    async remove() {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

export const config = `apiVersion: sluice/v1
images:
  - { name: api, repository: registry.example.com/acme/api }
jobs:
  build-image: { template: build-image, on: presubmit, skipIf: { only: ["docs/**"] } }
  unit: { on: presubmit, image: "localhost/busybox:1", run: "sh ./test.sh" }
  lint: { on: presubmit, image: "localhost/busybox:1", run: "true", optional: true, onlyIf: { paths: ["src/**"] } }
  slow: { on: presubmit, image: "localhost/busybox:1", run: "sleep 60", trigger: manual }
  staged: { on: gate, image: "localhost/busybox:1", run: "true" }
`;

export const files: Files = {
  '.sluice.yaml': config,
  Dockerfile: 'FROM scratch\nCOPY hello.txt /\n',
  'hello.txt': 'hello\n',
  'test.sh': '#!/bin/sh\ncat hello.txt\n',
};
