import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readChallenge } from '../../../src/adapters/oci/challenge.ts';
import { credentialFor } from '../../../src/adapters/oci/credential.ts';
import { placeOf } from '../../../src/adapters/oci/place.ts';
import { type KindName, kindOf } from '../../../src/adapters/oci/registry-kinds.ts';
import { makeImage, seedImage, type TestImage } from '../../harness/oci-image.ts';
import { startOciRegistry, type TestRegistry } from '../../harness/oci-registry.ts';
import { basicAuth, dockerConfig, promoter, testRegistry } from '../../harness/registry-client.ts';
import { type RegistryFront, startRegistryFront } from '../../harness/registry-front.ts';

describe('what a registry is', () => {
  it.each`
    host                                              | service                 | expected
    ${'quay.io'}                                      | ${null}                 | ${'quay'}
    ${'docker.io'}                                    | ${null}                 | ${'hub'}
    ${'index.docker.io'}                              | ${null}                 | ${'hub'}
    ${'ghcr.io'}                                      | ${null}                 | ${'ghcr'}
    ${'registry.gitlab.com'}                          | ${null}                 | ${'gitlab'}
    ${'registry.example.com'}                         | ${'container_registry'} | ${'gitlab'}
    ${'harbor.example.com'}                           | ${null}                 | ${'oci'}
    ${'images.example.com'}                           | ${'harbor-registry'}    | ${'harbor'}
    ${'123456789012.dkr.ecr.eu-west-1.amazonaws.com'} | ${null}                 | ${'ecr'}
    ${'public.ecr.aws'}                               | ${null}                 | ${'ecr'}
    ${'europe-west3-docker.pkg.dev'}                  | ${null}                 | ${'gar'}
    ${'eu.gcr.io'}                                    | ${null}                 | ${'gar'}
    ${'acme.azurecr.io'}                              | ${null}                 | ${'acr'}
    ${'quay.io.example.com'}                          | ${null}                 | ${'oci'}
    ${'notgcr.io'}                                    | ${null}                 | ${'oci'}
    ${'127.0.0.1:5000'}                               | ${'anything'}           | ${'oci'}
  `('$host with the token server $service is $expected', ({ host, service, expected }) => {
    const challenge = service === null ? null : ({ kind: 'bearer', realm: 'https://x/', service } as const);
    expect(kindOf(placeOf(`${host}/acme/api`, false), challenge, {}).name).toBe(expected);
  });

  it('is what the operator says first of all', () => {
    const place = placeOf('ghcr.io/acme/api', false);
    expect(kindOf(place, null, { 'ghcr.io': { kind: 'quay', api: 'https://quay.example' } })).toMatchObject({
      name: 'quay',
      api: 'https://quay.example',
    });
  });
});

describe('how a registry wants to be shown who asks', () => {
  it.each([
    [undefined, null],
    ['', null],
    ['Negotiate', null],
    ['Basic realm="x"', { kind: 'basic' }],
    [
      'Bearer realm="https://a.example/t",service="s",scope="repository:a:pull"',
      { kind: 'bearer', realm: 'https://a.example/t', service: 's' },
    ],
    ['bearer service=s, realm="https://a.example/t"', { kind: 'bearer', realm: 'https://a.example/t', service: 's' }],
    [
      'Basic realm="b", Bearer realm="https://a.example/t"',
      { kind: 'bearer', realm: 'https://a.example/t', service: null },
    ],
    ['Bearer realm="no address"', null],
  ])('%j is read as %j', (header, expected) => {
    expect(readChallenge(header)).toEqual(expected);
  });
});

describe('the credential for a repository', () => {
  const own = { kind: 'password', user: 'own', password: 'p:w' };
  it.each([
    ['its host', 'quay.io/acme/api', { 'quay.io': basicAuth('own', 'p:w'), 'other.io': basicAuth('no', 'no') }],
    ['the address of its host', 'quay.io/acme/api', { 'https://quay.io/v2/': basicAuth('own', 'p:w') }],
    [
      'the longest path',
      'quay.io/acme/api',
      { 'quay.io': basicAuth('no', 'no'), 'quay.io/acme': basicAuth('own', 'p:w') },
    ],
    [
      'whole names only',
      'quay.io/acme/api',
      { 'quay.io/acme/ap': basicAuth('no', 'no'), 'quay.io': basicAuth('own', 'p:w') },
    ],
    ['the old address of Docker Hub', 'docker.io/acme/api', { 'https://index.docker.io/v1/': basicAuth('own', 'p:w') }],
    ['user and password apart', 'quay.io/acme/api', { 'quay.io': { username: 'own', password: 'p:w' } }],
  ])('is found by %s', (_, repository, auths) => {
    expect(credentialFor(dockerConfig(auths), placeOf(repository, false))).toEqual(own);
  });

  it('is none where nothing is said of its host', () => {
    const files = dockerConfig({ 'quay.io.example.com': basicAuth('no', 'no') });
    expect(credentialFor(files, placeOf('quay.io/acme/api', false))).toEqual({ kind: 'none' });
  });

  it.each(['{"auths": {"quay.io": {"auth": "c2VjcmV0"}}}', 'secret'])(
    'that cannot be read is not quoted: %s',
    (text) => {
      const read = () => credentialFor({ 'config.json': text }, placeOf('quay.io/acme/api', false));
      expect(read).toThrow('the credential for quay.io');
      expect(read).not.toThrow(/secret|c2Vj/);
    },
  );
});

interface ApiCall {
  readonly line: string;
  readonly authorization: string | string[] | undefined;
  readonly body: string;
}

describe('tags are taken away by the API of', () => {
  const name = 'acme/team/api';
  let registry: TestRegistry;
  let front: RegistryFront;
  let api: Server;
  let calls: ApiCall[] = [];
  let answers: (call: ApiCall) => { status: number; body?: object };
  let isGone = false;
  let image: TestImage;
  const opened: { close(): void }[] = [];

  beforeAll(async () => {
    registry = await startOciRegistry();
    front = await startRegistryFront(registry.base);
    image = makeImage([10]);
    await seedImage(registry.base, name, image, 'old');
    api = createServer(async (asked: IncomingMessage, answer) => {
      const shown = asked.headers.authorization ?? asked.headers['private-token'];
      const call = { line: `${asked.method} ${asked.url}`, authorization: shown, body: await text(asked) };
      calls.push(call);
      const { status, body } = answers(call);
      if (call.line.startsWith('DELETE') && status < 300) isGone = true;
      answer.writeHead(status).end(body && JSON.stringify(body));
    }).listen(0, '127.0.0.1');
    await once(api, 'listening');
  });

  afterEach(() => {
    calls = [];
    isGone = false;
    front.clear();
  });

  afterAll(async () => {
    for (const client of opened) client.close();
    await front?.close();
    await registry?.stop();
    api?.close();
  });

  function untag(kind: KindName, files = dockerConfig({ [front.host]: basicAuth('robot', 'key') })) {
    front.spoil({ on: /^GET .*manifests\/old/, fault: () => (isGone ? { kind: 'answer', status: 404 } : null) });
    const base = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    const client = testRegistry([front.host], files, { known: { [front.host]: { kind, api: base } } });
    opened.push(client);
    return client.untag(`${front.host}/${name}`, 'old', image.digest, promoter);
  }

  it('Quay, with an OAuth token', async () => {
    answers = () => ({ status: 204 });
    const files = dockerConfig({ [front.host]: basicAuth('$oauthtoken', 'oauth-key') });
    expect(await untag('quay', files)).toEqual({ kind: 'deleted' });
    expect(calls).toEqual([
      { line: `DELETE /api/v1/repository/${name}/tag/old`, authorization: 'Bearer oauth-key', body: '' },
    ]);
  });

  it('no one at Quay for a robot: its registry is asked, which takes it', async () => {
    front.spoil({
      on: /^DELETE .*manifests\/old/,
      fault() {
        isGone = true;
        return { kind: 'answer', status: 202 };
      },
    });
    expect(await untag('quay')).toEqual({ kind: 'deleted' });
    expect(calls).toEqual([]);
  });

  it('Docker Hub, after a login', async () => {
    answers = ({ line }) => (line.startsWith('POST') ? { status: 200, body: { token: 'session' } } : { status: 204 });
    expect(await untag('hub')).toEqual({ kind: 'deleted' });
    expect(calls.map(({ line, authorization }) => [line, authorization])).toEqual([
      ['POST /v2/users/login', undefined],
      [`DELETE /v2/repositories/${name}/tags/old/`, 'JWT session'],
    ]);
    expect(JSON.parse(calls[0]?.body ?? '')).toEqual({ username: 'robot', password: 'key' });
  });

  it('Harbor, which takes the tag and leaves the artifact', async () => {
    answers = () => ({ status: 200 });
    expect(await untag('harbor')).toEqual({ kind: 'deleted' });
    const path = `/api/v2.0/projects/acme/repositories/team%252Fapi/artifacts/${image.digest}/tags/old`;
    expect(calls).toMatchObject([{ line: `DELETE ${path}`, authorization: `Basic ${basicAuth('robot', 'key').auth}` }]);
    expect(front.count(/^DELETE/)).toBe(0);
  });

  it('GitLab, where its registry does not take the call', async () => {
    answers = ({ line }) => {
      if (line.startsWith('DELETE')) return { status: 200 };
      if (!line.includes('acme%2Fteam/')) return { status: 404 };
      return {
        status: 200,
        body: [
          { id: 6, path: 'acme/team/web' },
          { id: 7, path: name },
        ],
      };
    };
    expect(await untag('gitlab')).toEqual({ kind: 'deleted' });
    expect(calls.map(({ line }) => line)).toEqual([
      'GET /api/v4/projects/acme%2Fteam%2Fapi/registry/repositories?per_page=100',
      'GET /api/v4/projects/acme%2Fteam/registry/repositories?per_page=100',
      'DELETE /api/v4/projects/acme%2Fteam/registry/repositories/7/tags/old',
    ]);
    expect(calls.every(({ authorization }) => authorization === 'key')).toBe(true);
  });

  it.each<[KindName, RegExp]>([
    ['ghcr', /together with their version/],
    ['ecr', /signed with an AWS key/],
    ['harbor', /403 \(FORBIDDEN: no\): the robot account may not delete tags/],
    ['hub', /403 \(FORBIDDEN: no\): its API takes a user name with an access token/],
  ])('no one at %s: the tag is kept, with what to do', async (kind, words) => {
    answers = () => ({ status: 403, body: { errors: [{ code: 'FORBIDDEN', message: 'no' }] } });
    expect(await untag(kind)).toEqual({ kind: 'kept', because: expect.stringMatching(words) });
    expect(front.count(/^DELETE/)).toBe(0);
  });

  it('a registry that is away: that is trouble, not an answer', async () => {
    answers = () => ({ status: 502 });
    await expect(untag('harbor')).rejects.toMatchObject({ kind: 'away' });
  });
});
