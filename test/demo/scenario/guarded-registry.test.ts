import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { accounts, type GuardedRegistry, startGuardedRegistry } from '../../../src/demo/scenario/guarded-registry.ts';
import { makeImage, writeLayout } from '../../harness/oci-image.ts';

const run = promisify(execFile);

let folder: string;
let registry: GuardedRegistry;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-guarded-'));
});

afterEach(async () => {
  await registry.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(openToRead: boolean): Promise<void> {
  registry = await startGuardedRegistry({
    folder: join(folder, 'registry'),
    host: '127.0.0.1',
    port: 0,
    path: process.env.PATH ?? '',
    account: accounts.final,
    openToRead,
  });
}

/** Pushes a new image, as people do, and gives its digest. */
async function push(name: string): Promise<string> {
  const layout = join(folder, name.replace('/', '-'));
  const told = `${layout}.digest`;
  await writeLayout(layout, makeImage([1_000]));
  const access = ['--dest-tls-verify=false', `--dest-authfile=${registry.authFile}`];
  const options = ['--quiet', `--digestfile=${told}`, ...access];
  await run('skopeo', ['copy', ...options, `oci:${layout}`, `docker://${registry.address}/${name}:latest`]);
  return (await readFile(told, 'utf8')).trim();
}

const status = async (method: string, path: string): Promise<number> =>
  (await fetch(`http://${registry.address}/v2/${path}`, { method })).status;

it.each([
  { what: 'open to read', openToRead: true, read: 404 },
  { what: 'closed', openToRead: false, read: 401 },
])('a registry that is $what takes nothing without its password', async ({ openToRead, read }) => {
  await start(openToRead);
  expect(await status('GET', 'acme/api/tags/list')).toBe(read);
  expect(await status('POST', 'acme/api/blobs/uploads/')).toBe(401);
  expect(await status('DELETE', `acme/api/manifests/sha256:${'a'.repeat(64)}`)).toBe(401);
});

it('tells what a tag means and which there are, and of what is not there that it is not', async () => {
  await start(false);
  expect([await registry.digestOf('acme/api', 'latest'), await registry.tagsOf('acme/api')]).toEqual([null, []]);
  const digest = await push('acme/api');
  expect([await registry.digestOf('acme/api', 'latest'), await registry.tagsOf('acme/api')]).toEqual([
    digest,
    ['latest'],
  ]);
  expect(await registry.digestOf('acme/api', 'other')).toBeNull();
});

it('dies between the first tag and the second, and comes back at its address with the first', async () => {
  await start(false);
  registry.killBefore(/^PUT \/v2\/acme\/[a-z]+\/manifests\/latest$/, 1);
  const digest = await push('acme/api');
  expect(registry.isKilled()).toBe(false);
  await expect(push('acme/web')).rejects.toThrow(/skopeo/);
  expect(registry.isKilled()).toBe(true);
  await expect(registry.digestOf('acme/api', 'latest')).rejects.toThrow('skopeo inspect failed');
  await registry.startAgain();
  expect(await registry.digestOf('acme/api', 'latest')).toBe(digest);
  expect(await registry.digestOf('acme/web', 'latest')).toBeNull();
});
