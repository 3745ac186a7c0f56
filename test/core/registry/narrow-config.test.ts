import { describe, expect, it } from 'vitest';
import { narrowDockerConfig } from '../../../src/core/registry/narrow-config.ts';

const auth = (text: string) => Buffer.from(text).toString('base64');
const config = (auths: object, more: object = {}) => JSON.stringify({ auths, ...more });
const quay = { auth: auth('ada:wonder'), email: 'ada@example.com' };

describe('of a config.json', () => {
  it('only what proves who we are at this one registry is left', () => {
    const text = config({ 'quay.io': quay, 'ghcr.io': { auth: auth('eve:other') } }, { HttpHeaders: { 'X-A': 'b' } });
    expect(narrowDockerConfig(text, 'quay.io/acme/api')).toEqual({
      kind: 'narrowed',
      config: config({ 'quay.io': { auth: auth('ada:wonder') } }),
    });
  });

  it.each([
    ['https://quay.io/v2/', 'quay.io/acme/api', 'quay.io'],
    ['https://index.docker.io/v1/', 'docker.io/acme/api', 'docker.io'],
    ['registry.acme.io:5000', 'registry.acme.io:5000/api', 'registry.acme.io:5000'],
  ])('the key %s is for %s', (key, repository, host) => {
    expect(narrowDockerConfig(config({ [key]: quay }), repository)).toMatchObject({
      config: config({ [host]: { auth: quay.auth } }),
    });
  });

  it('the entry for the longest path is taken', () => {
    const text = config({ 'quay.io': quay, 'quay.io/acme': { auth: auth('acme:own') }, 'quay.io/ac': quay });
    expect(narrowDockerConfig(text, 'quay.io/acme/api')).toMatchObject({
      config: config({ 'quay.io': { auth: auth('acme:own') } }),
    });
  });

  it.each([
    ['ada:wonder', 'it is not JSON as Docker writes it'],
    [config({ 'ghcr.io': quay }), 'it has no login for quay.io under "auths"'],
    [config({ 'quay.io.evil.example': quay }), 'it has no login for quay.io under "auths"'],
    [config({ 'quay.io': {} }, { credsStore: 'desktop' }), 'what a helper program keeps'],
  ])('%s is of no use, with the reason and nothing of the text', (text, because) => {
    const outcome = narrowDockerConfig(text, 'quay.io/acme/api');
    expect(outcome).toMatchObject({ kind: 'unusable', because: expect.stringContaining(because) });
    expect(JSON.stringify(outcome)).not.toContain(quay.auth);
  });
});
