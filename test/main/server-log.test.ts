import { describe, expect, it } from 'vitest';
import { createServerLog } from '../../src/server-log.ts';

function printed(fields: object): string {
  const lines: string[] = [];
  createServerLog('debug', [], (line) => lines.push(line)).warn(fields, 'something');
  return lines.join('');
}

const secret = 'c2x1aWNlOmh1bnRlcjJodW50ZXIy';

describe('credentials of registries and clones', () => {
  const dockerConfig = JSON.stringify({ auths: { 'ghcr.io': { auth: secret } } });
  it.each([
    ['a docker file as text', { text: dockerConfig }],
    ['a docker file as data', { config: JSON.parse(dockerConfig) }],
    [
      'a docker file in the text of an error of the cluster',
      { err: new Error(JSON.stringify({ data: dockerConfig })) },
    ],
    ['an identity token', { text: `{"identitytoken": "${secret}"}` }],
    ['the user of a clone', { text: `fatal: could not read x-access-token:${secret}@github.com` }],
    ['a clone in a cause', { err: new Error('x', { cause: new Error(`git: https://x-access-token:${secret}@h/r`) }) }],
  ])('hides %s', (_what, fields) => {
    const line = printed(fields);
    expect(line).not.toContain(secret);
    expect(line).toContain('***');
    expect(JSON.parse(line)).toMatchObject({ level: 'warn', msg: 'something' });
  });

  it('leaves the names and the rest as they are', () => {
    expect(printed({ text: '{"auth": "x", "image": "ghcr.io/acme/api"}' })).toContain('ghcr.io/acme/api');
    expect(printed({ author: 'ada', subject: 'presubmit/1/2' })).toContain('"author":"ada","subject":"presubmit/1/2"');
  });
});
