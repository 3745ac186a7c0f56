import { describe, expect, it } from 'vitest';
import { parseProjectConfig } from '../../src/config/parse-project-config.ts';
import type { ConfigState, ProjectConfig } from '../../src/model/config.ts';
import { defaultConfig } from '../../src/project-config.ts';
import { complaintsUnder, organisationComplaints, parseUnder, type Repository } from './organisation-fixture.ts';

const organisation = `
defaults:
  trust: collaborators
  gate: { requires: { approvals: 2 }, method: squash }
templates:
  go@v1:
    jobs:
      unit: { image: golang:1.23, run: make test, env: { A: a, B: b } }
  go@v2:
    jobs:
      unit: { image: golang:1.24, run: make check, env: { A: a, B: b }, needs: [lint] }
      lint: { image: golang:1.24, run: make lint, onlyIf: { paths: ["**/*.go"] } }
  docs@v1:
    jobs:
      links: { image: busybox, run: ./links }
      unit: { run: make docs }
repos:
  - { match: { name: "go-*", hasFile: go.mod }, apply: go@v2 }
  - { match: { topic: docs }, apply: docs@v1 }
  - { match: { name: old, lacksFile: [.sluice.yaml, .zuul.yaml] }, apply: go@v1 }
`;

function valid(state: ConfigState): ProjectConfig {
  if (state.kind === 'valid') return state.config;
  throw new Error(JSON.stringify(state));
}

const jobsOf = (own: string | null, repository: Repository): readonly string[] =>
  valid(parseUnder(organisation, own, repository)).jobs.map(({ name }) => name);

function jobIn(own: string | null, repository: Repository, name: string) {
  const job = valid(parseUnder(organisation, own, repository)).jobs.find((each) => each.name === name);
  return job?.content.template === 'run' ? { ...job.content, needs: job.needs.map((need) => need.job) } : null;
}

describe('a repository without a file', () => {
  it.each<[string, Repository, readonly string[]]>([
    ['by its name and a file', { name: 'go-api', files: ['go.mod'] }, ['unit', 'lint']],
    ['by its name as the forge compares them', { name: 'Go-API', files: ['go.mod'] }, ['unit', 'lint']],
    ['not by its name alone', { name: 'go-api', files: [] }, []],
    ['not by the file alone', { name: 'api', files: ['go.mod'] }, []],
    ['by a topic', { topics: ['x', 'docs'], files: [] }, []],
    ['where none of the files is there', { name: 'old' }, ['unit']],
    ['not where one is there', { name: 'old', files: ['.zuul.yaml'] }, []],
  ])('is given templates %s', (_, repository, jobs) => {
    if (repository.topics !== undefined) {
      // docs@v1 alone has a job without an image: the sentence names where it stands.
      expect(complaintsUnder(organisation, null, repository)).toEqual([
        'acme/.sluice/sluice.yaml:16:7 `run` needs `image` | write the image in which the command is executed: `image: docker.io/library/golang:1.24`',
      ]);
      return;
    }
    expect(jobsOf(null, repository)).toEqual(jobs);
  });

  it('has its container file built beside what a template says', () => {
    expect(jobsOf(null, { name: 'go-api', files: ['go.mod', 'Dockerfile'] })).toEqual(['build-image', 'unit', 'lint']);
  });

  it('has what every selector gives, the later on top of the earlier', () => {
    const repository = { name: 'go-api', files: ['go.mod'], topics: ['docs'] };
    expect(jobsOf(null, repository)).toEqual(['unit', 'lint', 'links']);
    expect(jobIn(null, repository, 'unit')).toMatchObject({
      image: 'golang:1.24',
      command: 'make docs',
      needs: ['lint'],
    });
  });

  it('is what it was where nothing is said of it', () => {
    for (const files of [[], ['Dockerfile']]) {
      const plain = parseUnder('templates: { go@v1: { mode: shadow } }', null, { files });
      expect(JSON.stringify(plain)).toBe(JSON.stringify(defaultConfig('shop', files[0] ?? null)));
    }
  });

  it('can have a file of its own with the organisation', () => {
    const above = 'extends: go@v1\njobs: { unit: { timeout: 5m } }\n';
    const config = valid(parseUnder(organisation, null, { name: 'go-api', files: ['go.mod'], above }));
    expect(config.jobs.map(({ name, timeoutSeconds }) => [name, timeoutSeconds])).toEqual([['unit', 300]]);
  });
});

describe('a repository with a file', () => {
  it('has the defaults of its organisation below it, key by key', () => {
    const config = valid(parseUnder(organisation, 'gate: { method: rebase }\n'));
    expect(config.trust.trust).toBe('collaborators');
    expect(config.gate).toMatchObject({ method: 'rebase', approvals: 2 });
  });

  it('keeps what selectors give it until it says `extends` itself', () => {
    const repository = { name: 'go-api', files: ['go.mod'] };
    expect(jobsOf('mode: shadow\n', repository)).toEqual(['unit', 'lint']);
    expect(jobsOf('extends: [go@v1]\n', repository)).toEqual(['unit']);
    expect(jobsOf('extends: []\n', repository)).toEqual([]);
  });

  it('goes before the organisation’s file for it, and that before templates', () => {
    const above = 'jobs: { unit: { run: above, image: above } }\n';
    const own = 'extends: go@v2\njobs: { unit: { run: own } }\n';
    expect(jobIn(own, { above }, 'unit')).toMatchObject({ command: 'own', image: 'above', env: { A: 'a', B: 'b' } });
  });

  it('merges maps, replaces lists, and takes away by null', () => {
    const own =
      'extends: go@v2\njobs:\n  unit: { env: { B: null, C: c }, needs: [links] }\n  lint: null\n  links: { image: i, run: r }\n';
    expect(jobsOf(own, {})).toEqual(['unit', 'links']);
    expect(jobIn(own, {}, 'unit')).toMatchObject({ env: { A: 'a', C: 'c' }, needs: ['links'] });
  });

  it('takes a default job away that a template has as well', () => {
    const with_ = 'templates: { b@v1: { jobs: { build-image: { template: build-image, timeout: 5m } } } }';
    const state = parseUnder(with_, 'extends: b@v1\njobs: { build-image: null }\n', { files: ['Dockerfile'] });
    expect(valid(state).jobs).toEqual([]);
  });

  it('does not lose all jobs to a key that was not finished', () => {
    expect(complaintsUnder(organisation, 'extends: go@v1\njobs:\n')).toEqual([
      '.sluice.yaml:2:1 expected a map of names and jobs, found nothing | null',
    ]);
  });
});

describe('what is wrong', () => {
  it('is told with the file and line where it stands', () => {
    const own = 'extends: go@v2\njobs:\n  lint: null\n';
    expect(complaintsUnder(organisation, own)).toEqual([
      'acme/.sluice/sluice.yaml:11:81 there is no job "lint" | jobs are `unit`',
    ]);
    expect(complaintsUnder(organisation, 'extends: go@v2\njobs: { unit: { neds: [x] } }\n')).toEqual([
      '.sluice.yaml:2:17 unknown key "neds" | did you mean `needs`?',
    ]);
    expect(complaintsUnder(organisation, null, { above: 'jobs: { unit: { run: [] } }\n' })).toEqual([
      'acme/.sluice/repos/shop.yaml:1:22 expected a command, found an empty list | null',
    ]);
  });

  it('is a template that nobody has, with the nearest name', () => {
    expect(complaintsUnder(organisation, 'extends: [go@v1, gp@v2, rust@v1]\n')).toEqual([
      '.sluice.yaml:1:18 the organisation has no template "gp@v2" | did you mean `go@v2`?',
      '.sluice.yaml:1:25 the organisation has no template "rust@v1" | templates are `go@v1`, `go@v2` and `docs@v1`',
    ]);
    expect(complaintsUnder(organisation, 'extends: [go@v1, go@v1]\n')).toEqual([
      '.sluice.yaml:1:18 "go@v1" is listed twice | remove one',
    ]);
  });

  it('is a template where there is no organisation', () => {
    const none = { kind: 'none', because: 'the App sees no repository acme/.sluice', hint: 'write it out' } as const;
    const parse = (text: string) =>
      parseProjectConfig(text, { file: '.sluice.yaml', repositoryName: 'shop', organisation: none });
    expect(parse('extends: go@v1\n')).toMatchObject({
      problems: [{ line: 1, column: 1, message: none.because, hint: none.hint }],
    });
    expect(parse('extends: []\n').kind).toBe('valid');
    expect(parse('mode: shadow\n').kind).toBe('valid');
  });
});

describe('an organisation’s file', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'a chain, and so any circle',
      'templates: { a@v1: { extends: b@v1 }, b@v1: { extends: a@v1 } }',
      [
        '1:22 what is extended extends nothing itself | name both where it is used: `extends: [one@v1, other@v1]`, or `apply: [one@v1, other@v1]`',
        '1:47 what is extended extends nothing itself | name both where it is used: `extends: [one@v1, other@v1]`, or `apply: [one@v1, other@v1]`',
      ],
    ],
    [
      'a chain in the defaults',
      'defaults: { extends: [] }',
      [
        '1:13 what is extended extends nothing itself | name both where it is used: `extends: [one@v1, other@v1]`, or `apply: [one@v1, other@v1]`',
      ],
    ],
    ['a mistyped key', 'templats: {}', ['1:1 unknown key "templats" | did you mean `templates`?']],
    [
      'a mistyped key of a template',
      'templates:\n  a@v1:\n    jobs:\n      unit: { rnu: x }\n',
      ['4:15 unknown key "rnu" | did you mean `run`?'],
    ],
    [
      'a template without a version',
      'templates: { go: {} }',
      ['1:14 "go" is not a template as "go-operator@v3" | write it with its version, as go-operator@v3'],
    ],
    [
      'a selector of nobody',
      'templates: { a@v1: {} }\nrepos: { match: {}, apply: a@v1 }',
      [
        '2:10 it is not said which | say which repositories: `match: { name: "go-*" }`, `topic`, `hasFile` and `lacksFile`; `name: "*"` is all',
      ],
    ],
    [
      'a template that is not there',
      'templates: { go@v1: {} }\nrepos: [{ match: { name: x }, apply: go@v2 }]',
      ['2:38 the organisation has no template "go@v2" | did you mean `go@v1`?'],
    ],
    [
      'a name with an owner',
      'templates: { a@v1: {} }\nrepos: [{ match: { name: acme/x }, apply: a@v1 }]',
      ['2:26 "acme/x" names an owner | the owner is this organisation: write x'],
    ],
    [
      'a selector that says nothing',
      'repos: [{ match: { name: x } }]',
      ['1:9 `apply` is missing | name a template: `apply: go-operator@v3`'],
    ],
    ['what is no YAML', 'templates: {', ['1:12 the { is not closed | write } at its end']],
  ])('refuses %s', (_, text, found) => {
    expect(organisationComplaints(text)).toEqual(found);
  });

  it('may be empty', () => {
    expect(organisationComplaints('')).toEqual([]);
  });

  it('tells all mistakes at once, in the order of the file', () => {
    const text =
      'repos: { match: { nam: x }, apply: b@v1 }\ntemplates: { a@v1: { mode: sleepy } }\ndefaults: { x: 1 }\n';
    expect(organisationComplaints(text).map((each) => each.split(' | ')[0])).toEqual([
      '1:19 unknown key "nam"',
      '2:28 expected `active` or `shadow`, found "sleepy"',
      '3:13 unknown key "x"',
    ]);
  });
});
