import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Sha, toSha } from '../../../src/model/sha.ts';

/** What stands at a path: text, or a mode and bytes; null takes it away. */
export type FileChange =
  | string
  | null
  | { readonly mode: '100644' | '100755' | '120000' | '160000'; readonly content: string };

export interface CommitRequest {
  readonly on?: Sha | null;
  /** Name (bytes, where it is no UTF-8) → content. */
  readonly files: ReadonlyMap<string | Buffer, FileChange> | Readonly<Record<string, FileChange>>;
}

/** A bare repository that tests write commits into without a working tree. */
export interface Repository {
  readonly folder: string;
  commit(request: CommitRequest): Sha;
  setRef(ref: string, to: Sha | null): void;
  git(...args: string[]): string;
  /** Stores one object as it is and gives its id. */
  write(type: 'commit' | 'blob', content: Buffer): string;
}

const environment = {
  PATH: process.env.PATH ?? '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
};

export function makeRepository(root: string, name: string): Repository {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  const repository = openRepository(folder);
  repository.git('init', '--bare', '--quiet', '--initial-branch=main', '.');
  return repository;
}

/** A bare repository that is there already. */
export function openRepository(folder: string): Repository {
  const run = (args: readonly string[], input?: Buffer) => {
    const options = { cwd: folder, env: environment, maxBuffer: 2 ** 26, ...(input === undefined ? {} : { input }) };
    const result = spawnSync('git', args, options);
    if (result.status !== 0) throw new Error(`git ${args.join(' ')}: ${result.stderr}`);
    return result.stdout.toString().trimEnd();
  };
  let count = 0;
  return {
    folder,
    git: (...args) => run(args),
    write: (type, content) => run(['hash-object', '-w', '--literally', '-t', type, '--stdin'], content),
    setRef: (ref, to) => void run(to === null ? ['update-ref', '-d', ref] : ['update-ref', ref, to]),
    commit: ({ on = null, files }) => {
      count += 1;
      const ref = `refs/scratch/${count}`;
      const imported = importStream(ref, on, files instanceof Map ? [...files] : Object.entries(files), count);
      run(['fast-import', '--quiet', '--force', '--date-format=raw'], imported);
      const made = toSha(run(['rev-parse', ref]));
      run(['update-ref', '-d', ref]);
      return made;
    },
  };
}

function importStream(
  ref: string,
  on: Sha | null,
  files: readonly (readonly [string | Buffer, FileChange])[],
  count: number,
): Buffer {
  const parts: (string | Buffer)[] = [
    `commit ${ref}\ncommitter Ada <ada@example.org> ${1_700_000_000 + count} +0000\n`,
  ];
  parts.push(data(`commit ${count}`), on === null ? '' : `from ${on}\n`);
  for (const [name, change] of files) {
    const path = quotePath(Buffer.isBuffer(name) ? name : Buffer.from(name));
    if (change === null) parts.push('D ', path, '\n');
    else if (typeof change === 'string') parts.push('M 100644 inline ', path, '\n', data(change));
    else if (change.mode === '160000') parts.push(`M 160000 ${change.content} `, path, '\n');
    else parts.push(`M ${change.mode} inline `, path, '\n', data(change.content));
  }
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function quotePath(name: Buffer): string {
  const signs = [...name].map((byte) =>
    byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
      ? String.fromCharCode(byte)
      : `\\${byte.toString(8).padStart(3, '0')}`,
  );
  return `"${signs.join('')}"`;
}
