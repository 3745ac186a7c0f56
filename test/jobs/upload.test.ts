import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exitCodes } from '../../jobs/steps/step-failure.ts';
import { readUploaded } from '../../src/core/pod/read-measured.ts';
import { type GuardedRegistry, registryPassword, startGuardedRegistry } from '../harness/guarded-registry.ts';
import { blobPath, digestOf, makeImage, writeLayout } from '../harness/oci-image.ts';
import { makeWorkFolder, runStep, type StepEnd } from './run-step.ts';

let registry: GuardedRegistry;
let work: Awaited<ReturnType<typeof makeWorkFolder>>;

beforeAll(async () => {
  registry = await startGuardedRegistry();
});
afterAll(() => registry?.stop());

beforeEach(async () => {
  work = await makeWorkFolder();
});
afterEach(() => work.end());

const tag = 'change_7_aaaaaaaaaaaa_latest';

async function laid() {
  const image = makeImage([20_000, 300]);
  await writeLayout(join(work.folder, 'image'), image);
  return image;
}

async function giveKeys(files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(join(work.folder, 'keys'), { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(work.folder, 'keys', name), content);
}

function upload(name: string, host = registry.host): Promise<StepEnd> {
  return runStep('upload', {
    layout: join(work.folder, 'image'),
    repository: `${host}/${name}`,
    tag,
    keys: join(work.folder, 'keys'),
    insecure: true,
    result: join(work.folder, 'result'),
  });
}

function expectNoPassword({ log, result }: StepEnd, password = registryPassword): void {
  for (const secret of [password, Buffer.from(`uploader:${password}`).toString('base64')])
    expect(`${log}\n${result}`).not.toContain(secret);
}

describe('the uploading step', () => {
  it('leaves what it measured and where that is now, and the registry has it there', async () => {
    const image = await laid();
    await giveKeys(registry.files());
    const end = await upload('acme/api');
    expect(end.code, end.log).toBe(0);
    expect(readUploaded(end.result)).toEqual({
      digest: image.digest,
      bytes: image.blobs.reduce((sum, { length }) => sum + length, 0),
      layers: 2,
      uploaded: {
        repository: `${registry.host}/acme/api`,
        tag,
        mediaType: image.mediaType,
        manifestBytes: image.content.length,
      },
    });
    expect(await registry.digestOf('acme/api', tag)).toBe(image.digest);
    expect(end.log).toContain(`Uploaded as ${registry.host}/acme/api:${tag}`);
    expectNoPassword(end);
  });

  it('comes to the same when it is done again', async () => {
    const image = await laid();
    await giveKeys(registry.files());
    const first = await upload('acme/twice');
    expect(await upload('acme/twice')).toEqual(first);
    expect(await registry.digestOf('acme/twice', tag)).toBe(image.digest);
    expect(await registry.tagsOf('acme/twice')).toEqual([tag]);
  });

  it('reads its keys as a cluster mounts them: links into a folder of the cluster’s own', async () => {
    await laid();
    const keys = join(work.folder, 'keys');
    await mkdir(join(keys, '..2026_01_01'), { recursive: true });
    await writeFile(join(keys, '..2026_01_01', 'config.json'), registry.files()['config.json'] ?? '');
    await symlink('..2026_01_01', join(keys, '..data'));
    await symlink('..data/config.json', join(keys, 'config.json'));
    const end = await upload('acme/mounted');
    expect(end.code, end.log).toBe(0);
  });

  it.each<[string, (host: string) => Readonly<Record<string, string>>, RegExp]>([
    [
      'a wrong password',
      () => registry.files('hunter2hunter2'),
      /the registry said 401.*credential must allow pushing to/,
    ],
    [
      'the password of another registry',
      () => registry.files(undefined, 'quay.io'),
      /the registry said 401.*credential must allow pushing to/,
    ],
    ['no password at all', () => ({}), /the registry said 401.*credential must allow pushing to/],
  ])('of %s says what the registry says, and no password', async (_title, files, words) => {
    await laid();
    await giveKeys(files(registry.host));
    const end = await upload('acme/refused');
    expect(end.code, end.log).toBe(exitCodes.registryRefused);
    expect(end.result).toMatch(words);
    expectNoPassword(end, 'hunter2hunter2');
    expectNoPassword(end);
  });

  it('of a registry that cannot now says so', async () => {
    await laid();
    await giveKeys({});
    const server = createServer((_request, answer) => answer.writeHead(503, { 'retry-after': '0' }).end());
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    try {
      const end = await upload('acme/api', `127.0.0.1:${(server.address() as AddressInfo).port}`);
      expect(end.code, end.log).toBe(exitCodes.registryAway);
      expect(end.result).toMatch(/503/);
    } finally {
      server.close();
    }
  });

  it('sends nothing of a layout that is broken', async () => {
    const image = await laid();
    await giveKeys(registry.files());
    const [, layer = Buffer.alloc(0)] = image.blobs;
    await writeFile(blobPath(join(work.folder, 'image'), digestOf(layer)), Buffer.alloc(layer.length));
    const end = await upload('acme/broken');
    expect(end.code, end.log).toBe(exitCodes.brokenImage);
    expect(await registry.tagsOf('acme/broken')).toEqual([]);
  });

  it('was started by somebody else where its keys are not there', async () => {
    await laid();
    await rm(join(work.folder, 'keys'), { recursive: true, force: true });
    const end = await upload('acme/api');
    expect(end.code).toBe(exitCodes.badInput);
    expect(end.result).toContain('The credential of the registry is not there');
  });
});
