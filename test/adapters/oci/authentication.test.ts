import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type GuardedRegistry, registryPassword, startGuardedRegistry } from '../../harness/guarded-registry.ts';
import { digestOf, makeImage, seedImage, type TestImage } from '../../harness/oci-image.ts';
import { startOciRegistry, type TestRegistry } from '../../harness/oci-registry.ts';
import { basicAuth, dockerConfig, promoter, testRegistry } from '../../harness/registry-client.ts';
import { type RegistryFront, startRegistryFront } from '../../harness/registry-front.ts';
import {
  identityToken,
  makeCertificate,
  startTokenServer,
  type TestCertificate,
  type TokenServer,
  tokenPassword,
  tokenUser,
} from '../../harness/token-server.ts';

let certificate: TestCertificate;
let open: TestRegistry;
let guarded: GuardedRegistry;
let tokens: TokenServer;
let tokened: TestRegistry;
const opened: { close(): void }[] = [];

beforeAll(async () => {
  certificate = makeCertificate();
  tokens = await startTokenServer(certificate);
  [open, guarded, tokened] = await Promise.all([
    startOciRegistry(),
    startGuardedRegistry(),
    startOciRegistry({ auth: tokens.auth, deletion: true }),
  ]);
});

afterAll(async () => {
  for (const client of opened) client.close();
  await Promise.all([open?.stop(), guarded?.stop(), tokened?.stop(), tokens?.close()]);
  certificate?.remove();
});

beforeEach(() => tokens.clear());

function clientWith(files: Parameters<typeof testRegistry>[1]) {
  const client = testRegistry([open.host, guarded.host, tokened.host], files);
  opened.push(client);
  return client;
}

const callers = { from: promoter, to: promoter };
const signal = new AbortController().signal;

async function staged(
  name: string,
  sizes = [1_000],
): Promise<{ image: TestImage; ref: { repository: string; digest: TestImage['digest'] } }> {
  const image = makeImage(sizes);
  await seedImage(open.base, name, image);
  return { image, ref: { repository: `${open.host}/${name}`, digest: image.digest } };
}

describe('a registry with passwords', () => {
  it('is shown the one for its host', async () => {
    const { ref } = await staged('acme/basic');
    const client = clientWith(guarded.files());
    await client.copy(ref, `${guarded.host}/acme/basic`, callers, signal);
    await client.tag({ ...ref, repository: `${guarded.host}/acme/basic` }, 'v1', promoter);
    expect(await guarded.digestOf('acme/basic', 'v1')).toBe(ref.digest);
  });

  it.each([
    ['a wrong one', () => guarded.files('wrong-password')],
    ['none', () => ({})],
    ['one for another host', () => guarded.files(registryPassword, 'quay.io')],
  ])('says no to %s, in words that hold no secret', async (_, files) => {
    const found = clientWith(files()).find(`${guarded.host}/acme/basic`, 'v1', promoter);
    await expect(found).rejects.toMatchObject({
      kind: 'denied',
      message: expect.stringMatching(/cannot read .*acme\/basic:v1.*401/),
    });
    await expect(found).rejects.not.toThrow(/wrong-password|uploader/);
  });
});

describe('a registry with tokens', () => {
  const credential = () => dockerConfig({ [tokened.host]: basicAuth(tokenUser, tokenPassword) });
  const scopes = () => [...new Set(tokens.seen.map((each) => each.scopes.join(' ')))].toSorted();

  it('is asked for exactly what each call does', async () => {
    const { ref } = await staged('acme/scopes');
    const client = clientWith(credential());
    const repository = `${tokened.host}/acme/scopes`;
    await client.copy(ref, repository, callers, signal);
    expect(scopes()).toEqual(['repository:acme/scopes:pull', 'repository:acme/scopes:pull,push']);
    tokens.clear();
    await client.find(repository, ref.digest, promoter);
    expect(scopes()).toEqual(['repository:acme/scopes:pull']);
    tokens.clear();
    await client.tag({ ...ref, repository }, 'v1', promoter);
    expect(scopes()).toEqual(['repository:acme/scopes:pull', 'repository:acme/scopes:pull,push']);
    tokens.clear();
    await client.tags(repository, promoter);
    expect(scopes()).toEqual(['repository:acme/scopes:pull']);
    tokens.clear();
    expect(await client.untag(repository, 'v1', ref.digest, promoter)).toMatchObject({ kind: 'kept' });
    expect(scopes()).toEqual(['repository:acme/scopes:delete', 'repository:acme/scopes:pull']);
  });

  it('is asked for the other repository, too, when blobs are mounted', async () => {
    const { ref } = await staged('acme/mounts');
    const client = clientWith(credential());
    await client.copy(ref, `${tokened.host}/acme/mounts`, callers, signal);
    tokens.clear();
    const from = { ...ref, repository: `${tokened.host}/acme/mounts` };
    expect(await client.copy(from, `${tokened.host}/acme/final`, callers, signal)).toMatchObject({ mounted: 2 });
    expect(scopes()).toContain('repository:acme/final:pull,push repository:acme/mounts:pull');
  });

  it('is shown a token again as long as it is valid, then a new one', async () => {
    const { ref } = await staged('acme/again', [10, 10, 10, 10, 10, 10]);
    const repository = `${tokened.host}/acme/again`;
    await clientWith(credential()).copy(ref, repository, callers, signal);
    expect(tokens.seen.length).toBeLessThanOrEqual(2 + 4);
    tokens.clear();
    tokens.sayExpiry(0);
    await clientWith(credential()).tag({ ...ref, repository }, 'v1', promoter);
    expect(tokens.seen.length).toBeGreaterThanOrEqual(4);
  });

  it('wants a new one in the middle of an upload, and the upload goes on', async () => {
    const { image, ref } = await staged('acme/expired', [2_000_000]);
    const front = await startRegistryFront(tokened.base);
    onTestFinished(() => front.close());
    const headers = {
      'www-authenticate': `Bearer realm="${tokens.realm}",service="test-registry",error="invalid_token"`,
    };
    front.spoil({ on: /^PATCH/, fault: { kind: 'answer', status: 401, headers }, times: 1 });
    const files = dockerConfig({ [front.host]: basicAuth(tokenUser, tokenPassword) });
    const client = testRegistry([open.host, front.host], files);
    opened.push(client);
    await client.copy(ref, `${front.host}/acme/expired`, callers, signal);
    expect(await client.find(`${front.host}/acme/expired`, image.digest, promoter)).not.toBeNull();
    expect(client.clock.slept).toEqual([0]);
  });

  it('takes an identity token instead of a password', async () => {
    const { ref } = await staged('acme/identity');
    const client = clientWith(
      dockerConfig({ [tokened.host]: { auth: basicAuth('<token>', 'x').auth, identitytoken: identityToken } }),
    );
    await client.copy(ref, `${tokened.host}/acme/identity`, callers, signal);
    expect(await client.find(`${tokened.host}/acme/identity`, ref.digest, promoter)).not.toBeNull();
    expect(new Set(tokens.seen.map(({ method }) => method))).toEqual(new Set(['POST']));
  });

  it('takes a token of its own as it is', async () => {
    const client = clientWith(dockerConfig({ [tokened.host]: { registrytoken: 'not-one-of-yours' } }));
    const found = client.find(`${tokened.host}/acme/api`, 'v1', promoter);
    await expect(found).rejects.toMatchObject({ kind: 'denied' });
    await expect(found).rejects.not.toThrow('not-one-of-yours');
    expect(tokens.seen).toEqual([]);
  });

  it('whose token server says no is told without what it was shown', async () => {
    const wrong = dockerConfig({ [tokened.host]: basicAuth(tokenUser, 'wrong-password') });
    const found = clientWith(wrong).find(`${tokened.host}/acme/api`, 'v1', promoter);
    await expect(found).rejects.toMatchObject({
      kind: 'denied',
      message: expect.stringContaining('cannot get a token for'),
    });
    await expect(found).rejects.not.toThrow(tokenUser);
    tokens.fail(401);
    const quoted = clientWith(credential()).find(`${tokened.host}/acme/api`, 'v1', promoter);
    await expect(quoted).rejects.toThrow('no such user *** with ***');
  });

  it('whose token server is away for a moment is waited for', async () => {
    tokens.fail(503);
    const client = clientWith(credential());
    await expect(client.find(`${tokened.host}/acme/api`, 'v1', promoter)).rejects.toMatchObject({ kind: 'away' });
    expect(client.clock.slept).toEqual([30_000, 30_000]);
  });
});

describe('a registry that sends us elsewhere', () => {
  let storage: Server;
  let front: RegistryFront;
  let image: TestImage;
  const seen: IncomingHttpHeaders[] = [];

  beforeAll(async () => {
    storage = createServer((asked, answer) => {
      seen.push(asked.headers);
      const blob = image.blobs.find((each) => asked.url === `/${digestOf(each)}`);
      answer.writeHead(blob ? 200 : 404).end(blob);
    }).listen(0, '127.0.0.1');
    await once(storage, 'listening');
    front = await startRegistryFront(`http://${guarded.host}`);
    front.spoil({
      on: /^GET .*\/blobs\//,
      fault({ line }) {
        const location = `http://127.0.0.1:${(storage.address() as AddressInfo).port}/${line.split('/').at(-1)}`;
        return { kind: 'answer', status: 307, headers: { location } };
      },
    });
  });

  afterAll(async () => {
    await front?.close();
    storage?.close();
  });

  it('is followed for blobs, and its credential stays with it', async () => {
    const { image: made, ref } = await staged('acme/redirected');
    image = made;
    const hosts = [open.host, guarded.host, front.host];
    const files = dockerConfig({
      [guarded.host]: basicAuth('uploader', registryPassword),
      [front.host]: basicAuth('uploader', registryPassword),
    });
    const client = testRegistry(hosts, files);
    opened.push(client);
    await client.copy(ref, `${guarded.host}/acme/redirected`, callers, signal);
    const from = { ...ref, repository: `${front.host}/acme/redirected` };
    expect(await client.copy(from, `${open.host}/other/redirected`, callers, signal)).toMatchObject({ blobs: 2 });
    expect(seen.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
    expect(front.seen.filter(({ headers }) => headers.authorization !== undefined).length).toBeGreaterThan(2);
  });

  it('in a circle is left', async () => {
    front.clear();
    front.spoil({ on: /^GET/, fault: { kind: 'answer', status: 302, headers: { location: '/v2/round' } } });
    const client = testRegistry([front.host]);
    opened.push(client);
    await expect(client.find(`${front.host}/acme/api`, 'v1', promoter)).rejects.toMatchObject({ kind: 'refused' });
    expect(front.count(/./)).toBe(6);
  });

  it('says much of a failure is listened to for a while only', async () => {
    front.clear();
    const body = { errors: [{ code: 'UNKNOWN', message: 'x'.repeat(10_000) }], more: 'y'.repeat(5_000_000) };
    front.spoil({ on: /^GET/, fault: { kind: 'answer', status: 400, body } });
    const client = testRegistry([front.host]);
    opened.push(client);
    const failed = await client.find(`${front.host}/acme/api`, 'v1', promoter).catch((cause: Error) => cause);
    expect(String(failed).length).toBeLessThan(500);
  });
});

describe('a registry with HTTPS', () => {
  let secure: TestRegistry;

  beforeAll(async () => {
    secure = await startOciRegistry({ tls: certificate });
  });

  afterAll(() => secure?.stop());

  it("is trusted by an authority that the caller's files name", async () => {
    const { ref } = await staged('acme/secure', [3_000_000]);
    const client = clientWith({ 'ca.crt': certificate.pem });
    await client.copy(ref, `${secure.host}/acme/secure`, callers, signal);
    expect(await client.find(`${secure.host}/acme/secure`, ref.digest, promoter)).not.toBeNull();
  });

  it('is not trusted otherwise, and that is said at once', async () => {
    const client = clientWith({});
    const found = client.find(`${secure.host}/acme/secure`, 'v1', promoter);
    await expect(found).rejects.toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('its certificate must be signed'),
    });
    expect(client.clock.slept).toEqual([]);
  });
});

describe('a registry with HTTPS whose token server has none', () => {
  it('gets no credential', async () => {
    const secure = await startOciRegistry({ tls: certificate, auth: tokens.auth });
    onTestFinished(() => secure.stop());
    const files = {
      ...dockerConfig({ [secure.host]: basicAuth(tokenUser, tokenPassword) }),
      'ca.crt': certificate.pem,
    };
    const found = clientWith(files).find(`${secure.host}/acme/api`, 'v1', promoter);
    await expect(found).rejects.toMatchObject({ kind: 'refused', message: expect.stringContaining('in the clear') });
    expect(tokens.seen).toEqual([]);
  });
});
