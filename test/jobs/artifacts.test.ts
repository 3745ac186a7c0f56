import { chmod, link, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exitCodes } from '../../jobs/steps/step-failure.ts';
import { imageType } from '../../src/adapters/oci/manifest.ts';
import { pushLayout } from '../../src/adapters/oci/push-layout.ts';
import { readUploaded } from '../../src/core/pod/read-measured.ts';
import { type GuardedRegistry, registryPassword, startGuardedRegistry } from '../harness/guarded-registry.ts';
import { digestOf } from '../harness/oci-image.ts';
import { startRegistryFront } from '../harness/registry-front.ts';
import { makeWorkFolder, runStep, type StepEnd } from './run-step.ts';

let registry: GuardedRegistry;
let work: Awaited<ReturnType<typeof makeWorkFolder>>;

beforeAll(async () => {
  registry = await startGuardedRegistry();
});
afterAll(() => registry?.stop());

beforeEach(async () => {
  work = await makeWorkFolder();
  await giveKeys(registry.files());
  await mkdir(join(work.folder, 'src'));
});
afterEach(() => work.end());

const tag = 'change_7_aaaaaaaaaaaa_artifacts-compile';
const at = (...path: string[]) => join(work.folder, ...path);

async function giveKeys(files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(at('keys'), { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(at('keys', name), content);
}

async function made(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(at('src', path, '..'), { recursive: true });
    await writeFile(at('src', path), content);
  }
}

function keep(paths: readonly string[], wish: { maxBytes?: number; name?: string } = {}): Promise<StepEnd> {
  return runStep('keep', {
    layout: at('kept'),
    repository: `${registry.host}/${wish.name ?? 'acme/artifacts'}`,
    tag,
    keys: at('keys'),
    insecure: true,
    result: at('result'),
    folder: at('src'),
    paths,
    maxBytes: wish.maxBytes ?? 1_000_000,
  });
}

function take(digest: string, bytes: number, wish: { name?: string; host?: string } = {}): Promise<StepEnd> {
  const { host = registry.host } = wish;
  const repository = `${host}/${wish.name ?? 'acme/artifacts'}`;
  return runStep('take', {
    artifacts: [{ job: 'compile', from: { repository, digest }, bytes }],
    folder: at('taken'),
    keys: at('keys'),
    insecure: [host],
    result: at('result'),
  });
}

/** What our own step never pushes: a manifest that names its files as somebody hostile would. */
async function pushed(files: readonly (readonly [path: string | null, content: string])[], name: string) {
  const blobs = at('hostile', 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const blob = async (content: string) => {
    const digest = digestOf(Buffer.from(content));
    await writeFile(join(blobs, digest.slice('sha256:'.length)), content);
    return { digest, size: Buffer.byteLength(content) };
  };
  const layers: object[] = [];
  for (const [path, content] of files) {
    const annotations = path === null ? {} : { annotations: { 'org.opencontainers.image.title': path } };
    layers.push({ mediaType: 'application/octet-stream', ...(await blob(content)), ...annotations });
  }
  const config = { mediaType: 'application/vnd.oci.empty.v1+json', ...(await blob('{}')) };
  const manifest = await blob(JSON.stringify({ schemaVersion: 2, mediaType: imageType, config, layers }));
  const index = { schemaVersion: 2, manifests: [{ mediaType: imageType, ...manifest }] };
  await writeFile(at('hostile', 'index.json'), JSON.stringify(index));
  const push = { layout: at('hostile'), repository: `${registry.host}/${name}`, tag, files: registry.files() };
  await pushLayout({ ...push, insecure: true });
  return { digest: manifest.digest, bytes: files.reduce((sum, [, content]) => sum + Buffer.byteLength(content), 0) };
}

describe('what a command made', () => {
  it('is kept under the change tag and comes back byte for byte, executable where it was', async () => {
    await made({ 'bin/app': '#!/bin/sh\necho hello\n', 'bin/empty': '', 'report.xml': '<ok/>', 'main.go': 'source' });
    await chmod(at('src', 'bin', 'app'), 0o755);
    const end = await keep(['bin', 'report.xml']);
    expect(end.code, end.log).toBe(0);
    const kept = readUploaded(end.result);
    expect(kept).toMatchObject({
      bytes: 26,
      layers: 3,
      uploaded: { repository: `${registry.host}/acme/artifacts`, tag },
    });
    expect(await registry.digestOf('acme/artifacts', tag)).toBe(kept?.digest);
    const taken = await take(kept?.digest ?? '', kept?.bytes ?? 0);
    expect(taken.code, taken.log).toBe(0);
    expect(JSON.parse(taken.result)).toEqual({ files: 3 });
    expect(await readFile(at('taken', 'compile', 'bin', 'app'), 'utf8')).toBe('#!/bin/sh\necho hello\n');
    expect(await readFile(at('taken', 'compile', 'bin', 'empty'), 'utf8')).toBe('');
    expect(await readFile(at('taken', 'compile', 'report.xml'), 'utf8')).toBe('<ok/>');
    expect((await stat(at('taken', 'compile', 'bin', 'app'))).mode & 0o111).toBe(0o111);
    expect((await stat(at('taken', 'compile', 'report.xml'))).mode & 0o111).toBe(0);
    for (const { log, result } of [end, taken]) expect(`${log}\n${result}`).not.toContain(registryPassword);
  });

  it('is the same artifact when it is made again', async () => {
    await made({ 'bin/b': 'b', 'bin/a': 'a' });
    const first = await keep(['bin'], { name: 'acme/twice' });
    const again = await keep(['bin/b', 'bin', 'bin/a'], { name: 'acme/twice' });
    expect([first.code, again.code], again.log).toEqual([0, 0]);
    expect(readUploaded(again.result)).toEqual(readUploaded(first.result));
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['a link to a file elsewhere', () => symlink('/etc/passwd', at('src', 'out', 'users')), 'a link'],
    ['a link to a file of the checkout', () => symlink('../main.go', at('src', 'out', 'main.go')), 'a link'],
    ['a link to a folder', () => symlink('/etc', at('src', 'out', 'etc')), 'a link'],
  ])('is not kept with %s', async (_title, prepare, words) => {
    await made({ 'main.go': 'source', 'out/a': 'a' });
    await prepare();
    const end = await keep(['out'], { name: 'acme/links' });
    expect(end.code, end.log).toBe(exitCodes.leavingLink);
    expect(end.result).toContain(words);
    expect(await registry.tagsOf('acme/links')).toEqual([]);
  });

  it('is not kept through a link among the folders above it', async () => {
    await symlink('/etc', at('src', 'out'));
    const end = await keep(['out/passwd'], { name: 'acme/above' });
    expect(end.code, end.log).toBe(exitCodes.leavingLink);
    expect(end.result).toContain('The artifact "out" is a link');
  });

  it.each<[string, readonly string[], number, string]>([
    ['is not there', ['bin/app'], exitCodes.notMade, 'is not there (ENOENT)'],
    ['holds no file', ['empty'], exitCodes.notMade, 'holds no file'],
    ['leads out of the checkout', ['../secret'], exitCodes.leavingLink, 'leads elsewhere'],
    ['is too large', ['large'], exitCodes.tooLarge, 'more than the 1000000 bytes of `maxSize`'],
    ['is too many files', ['many'], exitCodes.tooLarge, 'are more than 500 files'],
    ['is named to be shown as another', ['named'], exitCodes.leavingLink, 'has characters that are no part of a name'],
  ])('is not kept where it %s', async (_title, paths, code, words) => {
    await writeFile(at('secret'), 'not of the checkout');
    await mkdir(at('src', 'empty'));
    await made({ large: 'x'.repeat(1_000_001), 'named/a\u202eb': 'x' });
    if (paths[0] === 'many') await made(Object.fromEntries(Array.from({ length: 501 }, (_, n) => [`many/${n}`, ''])));
    const end = await keep(paths, { name: 'acme/refused' });
    expect(end.code, end.log).toBe(code);
    expect(end.result).toContain(words);
    expect(await registry.tagsOf('acme/refused')).toEqual([]);
  });

  it('counts a file of two names as two', async () => {
    await made({ 'out/a': 'x'.repeat(600_000) });
    await link(at('src', 'out', 'a'), at('src', 'out', 'b'));
    expect((await keep(['out'], { name: 'acme/hard' })).code).toBe(exitCodes.tooLarge);
  });
});

describe('what somebody else pushed', () => {
  it.each<[string, string | null]>([
    ['that climbs out of the folder', '../../planted'],
    ['that climbs out in its middle', 'bin/../../../planted'],
    ['that is absolute', '/planted'],
    ['with an empty part', 'bin//app'],
    ['that is the folder itself', '.'],
    ['with a backslash', '..\\planted'],
    ['with a NUL', 'bin/app\u0000.txt'],
    ['that is missing', null],
  ])('is not taken with a path %s', async (_title, path) => {
    const { digest, bytes } = await pushed(
      [
        ['fine', 'x'],
        [path, 'planted'],
      ],
      'acme/hostile',
    );
    const end = await take(digest, bytes, { name: 'acme/hostile' });
    expect(end.code, end.log).toBe(exitCodes.leavingLink);
    await expect(stat(at('planted'))).rejects.toThrow('ENOENT');
    await expect(stat(at('taken', 'planted'))).rejects.toThrow('ENOENT');
  });

  it.each<[string, readonly (readonly [string, string])[]]>([
    [
      'twice',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    [
      'as a file and as a folder',
      [
        ['a', '1'],
        ['a/b', '2'],
      ],
    ],
  ])('is not taken with the same path %s', async (_title, files) => {
    const { digest, bytes } = await pushed(files, 'acme/twofold');
    const end = await take(digest, bytes, { name: 'acme/twofold' });
    expect(end.code, end.log).toBe(exitCodes.occupied);
    expect(await readFile(at('taken', 'compile', 'a'), 'utf8')).toBe('1');
  });

  it('is not taken in another size than the job said', async () => {
    const { digest, bytes } = await pushed([['a', 'a'.repeat(1000)]], 'acme/sized');
    const end = await take(digest, bytes - 1, { name: 'acme/sized' });
    expect(end.code, end.log).toBe(exitCodes.tooLarge);
    await expect(stat(at('taken'))).rejects.toThrow('ENOENT');
  });

  it('writes through no link that lies there, and over no file', async () => {
    const { digest, bytes } = await pushed([['a', 'planted']], 'acme/through');
    await mkdir(at('taken', 'compile'), { recursive: true });
    await symlink(at('outside'), at('taken', 'compile', 'a'));
    expect((await take(digest, bytes, { name: 'acme/through' })).code).toBe(exitCodes.occupied);
    await expect(stat(at('outside'))).rejects.toThrow('ENOENT');
  });

  it.each(['blobs', 'manifests'])('is not taken where the registry gives other bytes of its %s', async (part) => {
    const { digest, bytes } = await pushed([['a', 'a'.repeat(1000)]], 'acme/spoiled');
    const front = await startRegistryFront(`http://${registry.host}`);
    try {
      await giveKeys(registry.files(undefined, front.host));
      front.spoil({ on: new RegExp(`^GET /v2/acme/spoiled/${part}/`), fault: { kind: 'spoil' } });
      const end = await take(digest, bytes, { name: 'acme/spoiled', host: front.host });
      expect(end.code, end.log).toBe(exitCodes.registryAway);
      await expect(stat(at('taken', 'compile', 'a'))).rejects.toThrow('ENOENT');
    } finally {
      await front.close();
    }
  });

  it('is not taken where it is not there, with the registry’s words', async () => {
    const end = await take(`sha256:${'0'.repeat(64)}`, 1, { name: 'acme/nothing' });
    expect(end.code, end.log).toBe(exitCodes.registryRefused);
    expect(end.result).toContain('is not there any more');
  });
});
