import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseProjectConfig } from '../../../src/config/parse-project-config.ts';
import { bombs } from '../bombs.ts';
import { imported, importText, withImage, withJob } from './zuul-fixture.ts';

/** What must hold for any text: it ends soon, and what it gives is either valid or said not to be. */
function expectSound(text: string, project: string | null = null) {
  const start = process.threadCpuUsage();
  const found = importText(text, project);
  const { user, system } = process.threadCpuUsage(start);
  expect((user + system) / 1_000).toBeLessThan(3_000);
  const state = parseProjectConfig(found.text, { file: '.sluice.yaml', repositoryName: 'shop' });
  expect(state.kind === 'valid').toBe(found.problems.length === 0);
  const lines = text.split('\n').length;
  for (const { line, message } of found.told) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines);
    expect(message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
  }
  return found;
}

const secret = 'bm90IGEgcmVhbCBzZWNyZXQ=';

describe('hostile Zuul configuration (A12)', () => {
  it.each(bombs)('$name', ({ text }) => {
    expectSound(text);
  });

  it.each(bombs)('$name, in the variables of a job', ({ text }) => {
    const inside = text.split('\n').map((line) => `        ${line}`);
    expectSound(`- job:\n    name: a\n    parent: b\n    vars:\n      container_images:\n${inside.join('\n')}\n`);
  });

  it.each`
    value
    ${`!encrypted/pkcs1-oaep ${secret}`}
    ${`!encrypted/pkcs1-oaep [${secret}, ${secret}]`}
    ${`&s !encrypted/pkcs1-oaep\n      - ${secret}`}
    ${`!encrypted/of-tomorrow { a: ${secret} }`}
  `('$value is never looked at', ({ value }) => {
    const text = `- secret:\n    name: s\n    data: ${value}\n${withJob(`vars: { container_registry_credentials: ${value.replace(/\n.*/, ' [x]')} }`).replace('vars: { container_images', 'other: { container_images')}`;
    const found = expectSound(text);
    expect(JSON.stringify(found)).not.toContain(secret);
    expect(found.told.map(({ message }) => message)).toContainEqual(expect.stringContaining('secret "s"'));
  });

  it('an encrypted value where a text belongs is none', () => {
    const found = expectSound(withImage(`{ repository: !encrypted/pkcs1-oaep ${secret} }`));
    expect(JSON.stringify(found)).not.toContain(secret);
  });

  it.each`
    kind                         | text                                                                                                   | says
    ${'a tag of somebody'}       | ${withImage('{ repository: !python/object:os.system quay.io/a/b }')}                                   | ${'the tag "!python/object:os.system" is not used here: this was not read'}
    ${'prototype pollution'}     | ${withImage('{ __proto__: { polluted: 1 }, repository: quay.io/a/b }')}                                | ${'"__proto__" is not allowed as a key: this was not read'}
    ${'a job called __proto__'}  | ${'- job: { name: __proto__ }\n- project: { check: { jobs: [__proto__] } }'}                           | ${'the job "__proto__" (check) runs playbooks'}
    ${'parents in a circle'}     | ${'- job: { name: a, parent: b }\n- job: { name: b, parent: a }\n- project: { check: { jobs: [a] } }'} | ${'the parent "a" leads back here: it is not followed'}
    ${'a map instead of a list'} | ${'job: { name: a }'}                                                                                  | ${'Zuul configuration is a list'}
    ${'a job twice'}             | ${'- job: { name: a }\n- job: { name: a }'}                                                            | ${'a second job "a": variants are not imported'}
    ${'a job without a name'}    | ${'- job: { parent: a }'}                                                                              | ${'a job without a name: not imported'}
    ${'a list in the list'}      | ${'- [a]'}                                                                                             | ${'this is no `- job: …`'}
    ${'an unknown kind'}         | ${'- surprise: { name: a }'}                                                                           | ${'surprise "a": not known here: not imported'}
    ${'images as a text'}        | ${withImage('').replace('[]', '"{{ all_images }}"')}                                                   | ${'container_images: "{{ all_images }}": its images are not imported'}
    ${'not UTF-8'}               | ${'\ufffd'}                                                                                            | ${'this is not UTF-8 text: the file was not read'}
  `('$kind is told', ({ text, says }) => {
    const { told } = expectSound(text);
    expect(told.map(({ message }) => message)).toContainEqual(expect.stringContaining(says));
  });

  it('needs in a circle are cut', () => {
    const job = (name: string, other: string) =>
      `- job: { name: ${name}, parent: build-container-image, dependencies: [${other}], vars: { container_images: [{ repository: quay.io/acme/api }] } }\n`;
    const { jobs, told } = imported(`${job('a', 'b')}${job('b', 'a')}- project: { check: { jobs: [a, b] } }\n`);
    expect(jobs).toMatchObject({ a: { needs: ['b'] }, b: { on: ['presubmit'] } });
    expect(told).toContainEqual('2: dependencies: "a" waits for this one already: not waited for');
  });

  it('a name with line ends stays in its comment', () => {
    const { text } = expectSound('- project: { check: { jobs: ["a\\nmode: shadow\\n# b"] } }');
    expect(text).not.toMatch(/^mode:/m);
    expect(text).toContain('# not imported: ');
  });

  it('more images than a file may have are said to be too many', () => {
    const images = Array.from({ length: 120 }, (_, index) => `{ repository: quay.io/acme/i${index} }`);
    const found = expectSound(withImage(images.join(', ')));
    expect(found.problems.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('more than 100 images'),
    );
  });

  it('whatever is written there', () => {
    const word = fc.constantFrom(
      ...[
        'a',
        'noop',
        'check',
        'gate',
        'quay.io/acme/a',
        'latest',
        '^(',
        '..',
        '../x',
        '{{ zuul.tag }}',
        '{{',
        '__proto__',
      ],
      ...[
        'constructor',
        'true',
        '5',
        '',
        'a\nb',
        '!x',
        'build-container-image',
        'upload-container-image',
        'linux/amd64',
      ],
    );
    const keys = fc.constantFrom(
      ...[
        'name',
        'parent',
        'vars',
        'container_images',
        'docker_images',
        'repository',
        'context',
        'path',
        'tags',
        'files',
      ],
      ...[
        'build_args',
        'labels',
        'arch',
        'siblings',
        'branches',
        'dependencies',
        'irrelevant-files',
        'timeout',
        'voting',
      ],
      ...[
        'check',
        'gate',
        'promote',
        'post',
        'jobs',
        'templates',
        'queue',
        'merge-mode',
        'target',
        'container_filename',
      ],
      ...['secrets', 'required-projects', 'zuul_work_dir', 'registry', 'regex', 'negate', 'soft'],
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 5 }, word, tie('list'), tie('map')),
      list: fc.array(tie('value'), { maxLength: 3 }),
      map: fc.dictionary(keys, tie('value'), { maxKeys: 5 }),
    }));
    const image = fc.dictionary(keys, value, { maxKeys: 6 });
    const job = fc.record({
      name: fc.constantFrom('a-build-image', 'b-upload-image', 'c-promote-image', 'd'),
      parent: fc.constantFrom('build-container-image', 'upload-docker-image', 'a-build-image', 'promote-image', 'x'),
      vars: fc.record({ container_images: fc.oneof(fc.array(image, { maxLength: 4 }), value) }),
      dependencies: value,
      files: value,
      branches: value,
    });
    const listed = fc.array(
      fc.oneof(fc.constantFrom('a-build-image', 'b-upload-image', 'c-promote-image', 'd', 'noop'), value),
      {
        maxLength: 4,
      },
    );
    const pipeline = fc.record({ jobs: listed });
    const project = fc.record({ check: pipeline, gate: pipeline, promote: pipeline, post: pipeline, queue: value });
    const item = fc.oneof(
      job.map((each) => ({ job: each })),
      project.map((each) => ({ project: each })),
      value,
    );
    fc.assert(
      fc.property(fc.array(item, { maxLength: 8 }), (items) => {
        const { problems } = expectSound(JSON.stringify(items), 'acme/a');
        expect(problems).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('leaves every object as it was', () => {
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});
