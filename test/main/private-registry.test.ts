import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRegistry } from '../../src/adapters/oci/registry.ts';
import type { RegistryCaller } from '../../src/model/registry.ts';
import { openRegistries } from '../../src/registry-keys.ts';
import { makeAuthority, type TestAuthority } from '../harness/authority.ts';
import { makeImage, seedImage, writeLayout } from '../harness/oci-image.ts';
import { startOciRegistry, type TestRegistry } from '../harness/oci-registry.ts';
import { keepingLog } from '../harness/redis.ts';
import { promoter, quickClock } from '../harness/registry-client.ts';
import { makeWorkFolder, runStep } from '../jobs/run-step.ts';
import { machineWith } from './local-repository.ts';

let authority: TestAuthority;
let secure: TestRegistry;
let open: TestRegistry;
let api: Server;
let work: Awaited<ReturnType<typeof makeWorkFolder>>;
const calls: string[] = [];
const closing: { close(): void }[] = [];

beforeAll(async () => {
  authority = makeAuthority();
  work = await makeWorkFolder();
  [secure, open] = await Promise.all([startOciRegistry({ tls: authority.tls }), startOciRegistry()]);
  api = createServer((asked, answer) => {
    calls.push(`${asked.method} ${asked.url}`);
    answer.writeHead(403).end();
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
});

afterAll(async () => {
  for (const client of closing) client.close();
  await Promise.all([secure?.stop(), open?.stop()]);
  api?.close();
  authority?.remove();
  await work?.end();
});

/** As a server opens them by its settings. */
async function serverWith(entries: readonly string[]) {
  const file = join(work.folder, 'registries.yaml');
  const plain = 'projects: [acme/api], uses: [upload, promote], anonymous: true';
  await writeFile(file, entries.map((entry) => `- { ${plain}, ${entry} }\n`).join(''));
  const opened = await openRegistries(machineWith({ SLUICE_REGISTRIES: file }), keepingLog());
  if (opened === null) throw new Error('no registry was named');
  const { keys, known, insecureHosts: insecure } = opened;
  const client = createRegistry({ keys, known, insecure, clock: quickClock(), tries: 1 });
  closing.push(client);
  return { keys, client };
}

const uploader: RegistryCaller = { ...promoter, use: 'upload' };
const insecure = () => `host: "${open.host}", insecure: true`;

describe('a registry whose certificate an authority of the operator signed', () => {
  it('is uploaded to, copied to and tagged once the settings name that authority', async () => {
    const { keys, client } = await serverWith([`host: "${secure.host}", ca: ${authority.ca}`, insecure()]);
    const repository = `${secure.host}/acme/api`;
    const image = makeImage([200_000]);
    const [layout, keyFolder] = [join(work.folder, 'layout'), join(work.folder, 'keys')];
    await writeLayout(layout, image);
    await mkdir(keyFolder);
    for (const [name, text] of Object.entries(await keys.filesFor(repository, uploader)))
      await writeFile(join(keyFolder, name), text);
    const result = join(work.folder, 'result');
    const step = { layout, repository, tag: 'change_1', keys: keyFolder, insecure: false, result };
    const end = await runStep('upload', step);
    expect(end.code, end.log).toBe(0);
    expect((await client.find(repository, 'change_1', promoter))?.digest).toBe(image.digest);

    const staged = makeImage([100_000]);
    await seedImage(open.base, 'wait/web', staged);
    const from = { repository: `${open.host}/wait/web`, digest: staged.digest };
    const to = `${secure.host}/acme/web`;
    const images = [{ from, to, tags: ['latest'] }];
    const promoting = { images, keys: keyFolder, insecure: [open.host], result };
    expect((await runStep('promote', promoting)).code).toBe(0);
    expect((await client.find(to, 'latest', promoter))?.digest).toBe(staged.digest);

    const callers = { from: promoter, to: promoter };
    const again = `${secure.host}/acme/again`;
    expect(await client.copy(from, again, callers, new AbortController().signal)).toMatchObject({ blobs: 2 });
    expect(await client.tag({ repository: again, digest: staged.digest }, 'v1', promoter)).toEqual({ kind: 'set' });
  });

  it('is refused where they do not, with what to write', async () => {
    const { client } = await serverWith([`host: "${secure.host}"`]);
    await expect(client.find(`${secure.host}/acme/api`, 'latest', promoter)).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/must be signed by an authority .* that `ca` of its credential names/),
    });
  });
});

describe('a registry whose name does not tell what it is', () => {
  it.each([
    ['is asked by the API that the settings name', 'harbor', 'DELETE /api/v2.0/projects/acme/repositories/old/'],
    ['is not asked at all where they say so', 'ghcr', ''],
  ])('%s', async (_, kind, path) => {
    const image = makeImage([10]);
    await seedImage(open.base, 'acme/old', image, 'change_1');
    calls.length = 0;
    const at = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    const { client } = await serverWith([`${insecure()}, kind: ${kind}, api: "${at}"`]);
    const outcome = await client.untag(`${open.host}/acme/old`, 'change_1', image.digest, promoter);
    expect(outcome).toMatchObject({ kind: 'kept' });
    expect(calls.join()).toContain(path);
    expect(calls).toHaveLength(path === '' ? 0 : 1);
  });
});
