import { describe, expect, it } from 'vitest';
import { parseRegistries } from '../../src/config/registries/parse-registries.ts';
import { chooseCredential } from '../../src/core/registry/choose-credential.ts';

function complaints(text: string): string[] {
  const reading = parseRegistries(text, '/etc/sluice/registries.yaml');
  if (reading.kind === 'rules') return [];
  return reading.problems.map(
    ({ line, column, path, message, hint }) => `${line}:${column} ${path}: ${message} = ${hint}`,
  );
}

const good = `
- host: Quay.io
  repositories: [acme/*]
  projects: [Acme/api, 4711]
  branches: [main, release-*]
  uses: [upload, promote]
  from: { secret: quay }
- { host: registry.acme.io:5000, projects: ["**"], uses: [pull], anonymous: true, insecure: true, ca: ca.pem }
- { host: ghcr.io, projects: [acme/*], uses: [upload], from: { env: { user: GHCR_USER, password: GHCR_TOKEN } } }
- { host: docker.io, projects: [acme/*], uses: [pull], from: { file: hub.json } }
`;

describe('the file of credentials', () => {
  it('says what a registry is whose name does not tell, and where its API is', () => {
    const entry =
      'projects: [acme/api], uses: [promote], anonymous: true, kind: gitlab, api: "https://gitlab.acme.io/"';
    const other = '{ host: registry.acme.io, projects: [acme/web], uses: [promote], anonymous: true }';
    const reading = parseRegistries(`- { host: registry.acme.io, ${entry} }\n- ${other}\n`, 'f');
    expect(reading.kind === 'rules' && reading.rules.map(({ known }) => known)).toEqual([
      { kind: 'gitlab', api: 'https://gitlab.acme.io/' },
      null,
    ]);
  });

  it.each([
    ['kind: nexus', /"nexus" is not `quay`, .* or `oci`/],
    ['api: "https://a.io"', /`api` stands without `kind` = write what it is/],
    ['kind: gitlab, api: "http://a.io"', /the credential would be sent in the clear = write https:/],
    ['kind: gitlab, api: a.io', /`api` is no address of a server = write it as https:/],
    ['kind: gitlab, api: "https://ada:hunter2@a.io/api"', /`api` is no address of a server = write https:\/\/a.io$/m],
    ['kind: harbor', /h.io is harbor here, and quay in \[0\] = say it once/],
  ])('that says of a registry %s is answered', (keys, words) => {
    const first = '- { host: h.io, projects: [acme/web], uses: [promote], anonymous: true, kind: quay }';
    const found = complaints(`${first}\n- { host: h.io, projects: [a/b], uses: [promote], anonymous: true, ${keys} }`);
    expect(found.join('\n')).toMatch(words);
    expect(found.join()).not.toContain('hunter2');
  });

  it('gives who may use which for what, and where each is read', () => {
    const reading = parseRegistries(good, 'f');
    if (reading.kind === 'wrong') throw new Error(JSON.stringify(reading.problems));
    expect(reading.rules.map(({ host, from, insecure, ca }) => ({ host, from, insecure, ca }))).toEqual([
      { host: 'quay.io', from: { kind: 'secret', name: 'quay' }, insecure: false, ca: null },
      { host: 'registry.acme.io:5000', from: { kind: 'anonymous' }, insecure: true, ca: 'ca.pem' },
      {
        host: 'ghcr.io',
        from: { kind: 'env', user: 'GHCR_USER', password: 'GHCR_TOKEN' },
        insecure: false,
        ca: null,
      },
      { host: 'docker.io', from: { kind: 'file', path: 'hub.json' }, insecure: false, ca: null },
    ]);
    const caller = { project: 4711, fullName: 'other/name', branch: 'release-1', use: 'promote' } as const;
    expect(chooseCredential(reading.rules, 'quay.io/acme/api', caller)).toMatchObject({
      kind: 'chosen',
      rule: { host: 'quay.io' },
    });
  });

  it('is told all its mistakes at once, each with its place and what to write', () => {
    const text = [
      '- { host: "https://quay.io/acme", project: [acme/api], uses: [push], from: { secret: quay } }',
      '- { host: ghcr.io, repositories: [ghcr.io/acme/*, a*b], projects: [acme, 0], uses: [], from: {} }',
      '- { host: ghcr.io, projects: [acme/api], branches: [refs/heads/main], uses: [pull], from: { file: a }, anonymous: true }',
      '- { host: ghcr.io, projects: [acme/api], uses: [pull] }',
    ].join('\n');
    expect(complaints(text)).toEqual([
      expect.stringMatching(/^1:3 \[0\]\.projects: `projects` is missing = name who may use it/),
      '1:11 [0].host: "https://quay.io/acme" is no registry host = write it as quay.io',
      expect.stringMatching(/unknown key "project" = did you mean `projects`\?/),
      expect.stringMatching(/"push" is not `upload`, `promote` or `pull`/),
      expect.stringMatching(/"ghcr.io\/acme\/\*" begins with a host = repositories are below `host`: write acme\/\*/),
      expect.stringMatching(/"a\*b" is no name = write the name itself/),
      expect.stringMatching(/"acme" is no project = write it as acme\/api/),
      expect.stringMatching(/"0" is no id of a project/),
      expect.stringMatching(/\[1\]\.uses: the list is empty/),
      expect.stringMatching(/"refs\/heads\/main" is a ref = write main/),
      expect.stringMatching(/\[3\]: it is not said where the credential is read = write one of/),
    ]);
  });

  it('says where one credential is read twice, and where two cannot be told apart', () => {
    const twice = '{ host: ghcr.io, projects: [acme/api], uses: [pull], from: { file: a, secret: b } }';
    expect(complaints(`- ${twice}`)).toEqual([expect.stringContaining('read in two places')]);
    const one = '{ host: ghcr.io, projects: [acme/api], uses: [pull, upload], anonymous: true }';
    expect(complaints(`- ${one}\n- ${one}`)).toEqual([
      expect.stringMatching(/^2:3 \[1\]: nothing tells it from \[0\]: both are for pull of ghcr.io\/\*\*/),
    ]);
  });

  it('repeats nothing that may be the secret itself', () => {
    const text =
      '- { host: ghcr.io, projects: [a/b], uses: [pull], from: { env: { user: ada, password: "hunter2 !" } } }\n' +
      '- { host: ghcr.io, projects: [a/b], uses: [pull], from: { secret: "Hunter2 !" } }\n';
    expect(complaints(text)).toHaveLength(2);
    expect(complaints(text).join()).not.toMatch(/hunter2/i);
  });

  it.each([
    ['', 'the file is empty'],
    ['host: quay.io', 'expected a list of credentials'],
    ['[]', 'the list is empty'],
    ['- quay.io', 'expected a credential as'],
    ['- {', '{'],
  ])('that says `%s` is answered', (text, words) => {
    expect(complaints(text).join()).toContain(words);
  });
});
