import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { exitCodes } from '../../jobs/steps/step-failure.ts';
import { pushLayout } from '../../src/adapters/oci/push-layout.ts';
import type { PromotedImage } from '../../src/model/promotion.ts';
import type { RegistryFiles } from '../../src/ports/registry-keys.ts';
import { type GuardedRegistry, registryPassword, startGuardedRegistry } from '../harness/guarded-registry.ts';
import { makeImage, writeLayout } from '../harness/oci-image.ts';
import { type Rule, startRegistryFront } from '../harness/registry-front.ts';
import { makeWorkFolder, runStep, type StepEnd } from './run-step.ts';

let staging: GuardedRegistry;
let final: GuardedRegistry;
let work: Awaited<ReturnType<typeof makeWorkFolder>>;
let count = 0;

beforeAll(async () => {
  [staging, final] = await Promise.all([startGuardedRegistry(), startGuardedRegistry()]);
});
afterAll(() => Promise.all([staging?.stop(), final?.stop()]));

beforeEach(async () => {
  work = await makeWorkFolder();
});
afterEach(() => work.end());

/** An image that the gate uploaded; it is to go to the other registry unless `to` says where. */
async function uploaded(tags: readonly string[], to?: string): Promise<PromotedImage & { readonly name: string }> {
  count += 1;
  const [name, image] = [`acme/image${count}`, makeImage([10_000, 300])];
  const layout = join(work.folder, `layout${count}`);
  await writeLayout(layout, image);
  const repository = `${staging.host}/${name}`;
  const push = { layout, repository, tag: `change_${count}`, files: staging.files(), insecure: true };
  await pushLayout(push);
  return { name, from: { repository, digest: image.digest }, to: to ?? `${final.host}/${name}`, tags };
}

interface Wishes {
  readonly files?: RegistryFiles;
  readonly host?: string;
}

function authsOf(files: RegistryFiles): object {
  return JSON.parse(files['config.json'] ?? '').auths;
}

function both(...files: readonly RegistryFiles[]): RegistryFiles {
  return { 'config.json': JSON.stringify({ auths: Object.assign({}, ...files.map(authsOf)) }) };
}

async function promote(images: readonly PromotedImage[], wishes: Wishes = {}): Promise<StepEnd> {
  const keys = join(work.folder, 'keys');
  const files = wishes.files ?? both(staging.files(), final.files());
  await mkdir(keys, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(keys, name), content);
  const insecure = [staging.host, final.host, wishes.host ?? ''].filter((host) => host !== '');
  return runStep('promote', { images, keys, insecure, result: join(work.folder, 'result') });
}

async function frontWith(rule: Rule): Promise<string> {
  const front = await startRegistryFront(`http://${final.host}`);
  onTestFinished(() => front.close());
  front.spoil(rule);
  return front.host;
}

describe('the promoting step', () => {
  it('copies the images of a landing, points their tags at them and leaves what it did', async () => {
    const [api, web] = [await uploaded(['v1', 'latest']), await uploaded(['v1'])];
    const end = await promote([api, web]);
    expect(end.code, end.log).toBe(0);
    expect(JSON.parse(end.result)).toMatchObject({ images: 2, set: 3, same: 0, copied: { blobs: 6, mounted: 0 } });
    for (const { name, from, tags } of [api, web])
      for (const tag of tags) expect(await final.digestOf(name, tag)).toBe(from.digest);
    expect(end.log).toContain(`${api.to}:latest: set`);
    expect(`${end.log}${end.result}`).not.toContain(registryPassword);
  });

  it('has nothing left to do when it is done again', async () => {
    const image = await uploaded(['v1']);
    await promote([image]);
    const end = await promote([image]);
    expect(JSON.parse(end.result)).toEqual({
      images: 1,
      set: 0,
      same: 1,
      copied: { bytes: 0, blobs: 0, mounted: 0 },
    });
  });

  it('points tags at what is in its place already', async () => {
    const image = await uploaded(['v1'], `${staging.host}/acme/image${count + 1}`);
    const end = await promote([image], { files: staging.files() });
    expect(end.code, end.log).toBe(0);
    expect(await staging.digestOf(image.name, 'v1')).toBe(image.from.digest);
    expect((await staging.tagsOf(image.name)).toSorted()).toEqual([`change_${count}`, 'v1']);
  });

  it.each(['in another place', 'in its own place'])('moves no tag where one image is gone %s', async (place) => {
    const whole = await uploaded(['v1']);
    const gone = await uploaded(['v1'], place === 'in its own place' ? `${staging.host}/acme/gone` : undefined);
    const repository = `${staging.host}/acme/gone`;
    const end = await promote([whole, { ...gone, from: { ...gone.from, repository } }]);
    expect(end.code, end.log).toBe(exitCodes.registryRefused);
    expect(end.result).toContain(gone.from.digest);
    expect(await final.tagsOf(whole.name)).toEqual([]);
  });

  it.each<[string, () => Wishes]>([
    ['pulled', () => ({ files: both(staging.files('hunter2hunter2'), final.files()) })],
    ['pushed', () => ({ files: both(staging.files(), final.files('hunter2hunter2')) })],
    ['pushed, as it has no entry for where it goes', () => ({ files: staging.files() })],
  ])('says what the credential may not where an image cannot be %s', async (_, wishes) => {
    const image = await uploaded(['v1']);
    const end = await promote([image], wishes());
    expect(end.code, end.log).toBe(exitCodes.registryRefused);
    expect(end.result).toMatch(/the registry said 401.*; the server's credentials must allow pulling/);
    expect(`${end.log}${end.result}`).not.toMatch(/hunter2|correct-horse/);
    expect(await final.tagsOf(image.name)).toEqual([]);
  });

  it('sets the other tags where one cannot move, and says which', async () => {
    const body = { errors: [{ code: 'TAG_IMMUTABLE', message: 'v1 is immutable' }] };
    const host = await frontWith({ on: /^PUT .*manifests\/v1$/, fault: { kind: 'answer', status: 409, body } });
    const image = await uploaded(['v1', 'latest']);
    const to = `${host}/${image.name}`;
    const end = await promote([{ ...image, to }], {
      files: both(staging.files(), final.files(registryPassword, host)),
      host,
    });
    expect(end.code, end.log).toBe(exitCodes.registryRefused);
    expect(end.result).toMatch(/^1 of 2 tags cannot move: .*:v1: .*v1 is immutable/);
    expect(await final.tagsOf(image.name)).toEqual(['latest']);
  });

  it('is to be done again where a registry is away, after three tries', async () => {
    const asked: string[] = [];
    const host = await frontWith({
      on: /^GET/,
      fault: ({ line }) => {
        asked.push(line);
        return { kind: 'answer', status: 503, headers: { 'retry-after': '0' } };
      },
    });
    const image = await uploaded(['v1']);
    const end = await promote([{ ...image, to: `${host}/${image.name}` }], { host });
    expect(end.code, end.log).toBe(exitCodes.registryAway);
    expect(end.result).toContain('503');
    expect(asked.length).toBe(3);
  });

  it('was started by somebody else where it is told no digest', async () => {
    const image = await uploaded([]);
    const end = await promote([{ ...image, from: { ...image.from, digest: 'latest' as never } }]);
    expect(end.code).toBe(exitCodes.badInput);
    expect(end.result).toContain('SLUICE_STEP.images[0].from.digest is not a digest');
  });
});
