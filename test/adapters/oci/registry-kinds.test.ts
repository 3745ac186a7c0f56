import { describe, expect, it } from 'vitest';
import { readChallenge } from '../../../src/adapters/oci/challenge.ts';
import { credentialFor } from '../../../src/adapters/oci/credential.ts';
import { placeOf } from '../../../src/adapters/oci/place.ts';
import { kindOf } from '../../../src/adapters/oci/registry-kinds.ts';
import { basicAuth, dockerConfig } from '../../harness/registry-client.ts';

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
