import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RegistryKindName } from '../../../src/model/registry-rule.ts';
import { makeImage, readDigest, seedImage, type TestImage } from '../../harness/oci-image.ts';
import { startOciRegistry, type TestRegistry } from '../../harness/oci-registry.ts';
import { basicAuth, dockerConfig, promoter, testRegistry } from '../../harness/registry-client.ts';
import { type RegistryFront, startRegistryFront } from '../../harness/registry-front.ts';

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
    // It would take the image with all its tags, were it told to.
    registry = await startOciRegistry({ deletion: true });
    front = await startRegistryFront(registry.base);
    image = makeImage([10]);
    await seedImage(registry.base, name, image, 'old');
    await seedImage(registry.base, name, image, 'promoted');
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

  function untag(
    kind: RegistryKindName,
    files = dockerConfig({ [front.host]: basicAuth('robot', 'key') }),
    seemsGone = () => isGone,
  ) {
    front.spoil({ on: /^GET .*manifests\/old/, fault: () => (seemsGone() ? { kind: 'answer', status: 404 } : null) });
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

  it.each<[RegistryKindName, string]>([
    ['quay', `/v2/${name}/manifests/old`],
    ['gar', `/v2/${name}/manifests/old`],
    ['gitlab', `/v2/${name}/manifests/old`],
    ['acr', `/acr/v1/${name}/_tags/old`],
    ['oci', `/v2/${name}/manifests/old`],
  ])('no one where the registry of %s takes the call', async (kind, path) => {
    front.spoil({
      on: /^DELETE/,
      fault() {
        isGone = true;
        return { kind: 'answer', status: 202 };
      },
    });
    expect(await untag(kind)).toEqual({ kind: 'deleted' });
    expect(front.seen.map(({ line }) => line).filter((line) => line.startsWith('DELETE'))).toEqual([`DELETE ${path}`]);
    expect(calls).toEqual([]);
  });

  it.each<RegistryKindName>(['quay', 'hub', 'ghcr', 'gitlab', 'harbor', 'ecr', 'gar', 'acr', 'oci'])(
    'whoever it is: whatever %s says, nothing is deleted by digest, and the tag is kept with words',
    async (kind) => {
      for (const status of [200, 400, 401, 403, 404, 405, 501]) {
        const body = { errors: [{ code: 'NO', message: 'not here' }], token: 'x', access_token: 'x' };
        answers = () => ({ status, body });
        front.spoil({ on: /^DELETE/, fault: status === 405 ? () => null : { kind: 'answer', status, body } });
        const outcome = await untag(kind, undefined, () => false);
        expect([status, outcome]).toEqual([status, { kind: 'kept', because: expect.stringMatching(/\w{4}/) }]);
        const lines = [...front.seen.map(({ line }) => line), ...calls.map(({ line }) => line)];
        expect(lines.filter((line) => /^DELETE .*sha256:[0-9a-f]{64}\/?$/.test(line))).toEqual([]);
        front.clear();
      }
      expect(await readDigest(registry.base, name, 'promoted')).toBe(image.digest);
    },
  );

  it('Docker Hub, after a login', async () => {
    answers = ({ line }) =>
      line.startsWith('POST') ? { status: 200, body: { access_token: 'session' } } : { status: 204 };
    expect(await untag('hub')).toEqual({ kind: 'deleted' });
    expect(calls.map(({ line, authorization }) => [line, authorization])).toEqual([
      ['POST /v2/auth/token', undefined],
      [`DELETE /v2/repositories/${name}/tags/old/`, 'Bearer session'],
    ]);
    expect(JSON.parse(calls[0]?.body ?? '')).toEqual({ identifier: 'robot', secret: 'key' });
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

  it.each([[undefined], [{}], [[null, 7, { id: 7 }]], [[{ id: 7, path: 'acme/other' }]]])(
    'GitLab, unless its API answers with %j',
    async (body) => {
      answers = () => (body === undefined ? { status: 200 } : { status: 200, body });
      expect(await untag('gitlab')).toEqual({ kind: 'kept', because: expect.stringContaining('no such repository') });
    },
  );

  it.each<[RegistryKindName, RegExp]>([
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
