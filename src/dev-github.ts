import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { documents } from './adapters/github/documents.ts';
import type { DevGithub, DevGithubOptions } from './cli/deps.ts';
import { cliError } from './cli/exit-codes.ts';
import { startGitHub } from './demo/github/server.ts';
import type { Machine } from './machine.ts';

const repository = 'acme/hello';
const login = 'ada';

const files = {
  'README.md': '# hello\n\nA repository to be tried.\n',
  'hello.txt': 'hello\n',
  Dockerfile: 'FROM scratch\nCOPY hello.txt /hello.txt\n',
};

async function prepare(folder: string | null): Promise<{ folder: string; remove: () => Promise<void> }> {
  if (folder === null) {
    const temporary = await mkdtemp(join(tmpdir(), 'sluice-github-'));
    return { folder: temporary, remove: () => rm(temporary, { recursive: true, force: true, maxRetries: 3 }) };
  }
  const place = resolve(folder);
  await mkdir(place, { recursive: true });
  // Who and what there is lives in the process alone: repositories of an earlier one would belong to nobody.
  if ((await readdir(place)).length > 0) throw cliError('usage', `${place} is not empty: name an empty folder`);
  return { folder: place, remove: async () => {} };
}

/** A GitHub with the organisation `acme`, its owner `ada`, a stranger `mallory` and one repository that builds from scratch. */
export async function devGithub(options: DevGithubOptions, machine: Machine): Promise<DevGithub> {
  const place = await prepare(options.folder);
  try {
    const github = await startGitHub({ folder: place.folder, port: options.port, now: machine.clock.now, documents });
    await github.createOrganization('acme');
    const { token } = await github.createUser(login);
    await github.createUser('mallory');
    await github.addMember('acme', login, 'admin');
    await github.createRepository(repository, { files });
    return {
      url: github.url,
      apiUrl: github.apiUrl,
      login,
      token,
      repository,
      close: () => github.close().finally(place.remove),
    };
  } catch (cause) {
    await place.remove();
    if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE')
      throw cliError('usage', `port ${options.port} is in use: choose another --port`, cause);
    throw cause;
  }
}
