import { describe, expect, it } from 'vitest';
import { parseProjectConfig } from '../../src/config/parse-project-config.ts';

function parse(from: string, more = '') {
  const text = `streams: { go-1.24: "quay.io/acme/go:1.24", go-1.23: golang }
images:
  - name: api
    from:
      - ${from}
  - { name: base, repository: quay.io/acme/base, tags: ["{{ sha }}", main] }
  - { name: bare }
  - { name: moving, repository: quay.io/acme/moving, tags: ["{{ sha }}"] }
${more}`;
  return parseProjectConfig(text, { file: '.sluice.yaml', repositoryName: 'api' });
}

function ruleOf(from: string) {
  const state = parse(from);
  return state.kind === 'valid' ? state.config.images[0]?.from[0] : state;
}

describe('a FROM rule holds all that it can come to', () => {
  it.each`
    written                                                           | use
    ${'{ match: golang, use: "golang:1.24" }'}                        | ${{ kind: 'reference', reference: 'golang:1.24' }}
    ${'{ match: golang, use: { reference: "golang:1.24" } }'}         | ${{ kind: 'reference', reference: 'golang:1.24' }}
    ${'{ match: golang, use: { stream: go-1.24 } }'}                  | ${{ kind: 'stream', stream: 'go-1.24', streams: { 'go-1.24': 'quay.io/acme/go:1.24' } }}
    ${'{ match: golang, use: { stream: "go-{{ goMod.version }}" } }'} | ${{ kind: 'stream', stream: 'go-{{ goMod.version }}', streams: { 'go-1.24': 'quay.io/acme/go:1.24', 'go-1.23': 'golang' } }}
    ${'{ match: golang, use: { image: base } }'}                      | ${{ kind: 'image', image: 'base', reference: 'quay.io/acme/base:main' }}
  `('$written', ({ written, use }) => {
    expect(ruleOf(written)).toEqual({ match: 'golang', use });
  });

  it('another stream makes another definition of the job', () => {
    const definition = (stream: string): unknown => {
      const text = `streams: { go: ${stream} }\nimages: [{ name: api, from: [{ match: golang, use: { stream: go } }] }]`;
      const state = parseProjectConfig(text, { file: '.sluice.yaml', repositoryName: 'api' });
      return state.kind === 'valid' ? state.config.jobs[0]?.definition : state;
    };
    expect(definition('golang:1')).toBe(definition('golang:1'));
    expect(definition('golang:1')).not.toBe(definition('golang:2'));
  });
});

describe('a mistake in FROM rules is told with its place and what to write instead', () => {
  it.each`
    written                                                                               | at        | message                                                                               | hint
    ${'{ match: golang, use: { stream: go-1.25 } }'}                                      | ${'5:41'} | ${'there is no stream "go-1.25"'}                                                     | ${/did you mean go-1\.2/}
    ${'{ match: golang, use: { stream: a, image: base } }'}                               | ${'5:31'} | ${'names `stream` and `image` together'}                                              | ${/one of/}
    ${'{ match: golang, use: {} }'}                                                       | ${'5:31'} | ${'names nothing'}                                                                    | ${/one of/}
    ${'{ match: golang, use: { image: api } }'}                                           | ${'5:40'} | ${'"api" is this image itself'}                                                       | ${/another/}
    ${'{ match: golang, use: { image: bas } }'}                                           | ${'5:40'} | ${'there is no image "bas"'}                                                          | ${/did you mean base/}
    ${'{ match: golang, use: { image: bare } }'}                                          | ${'5:40'} | ${'the image "bare" names no `repository`, so nothing can be built on it'}            | ${/plain tag/}
    ${'{ match: golang, use: { image: moving } }'}                                        | ${'5:40'} | ${'the image "moving" has only tags that name values, so nothing can be built on it'} | ${/plain tag/}
    ${'{ match: golang, use: "a:{{ sha }}" }'}                                            | ${'5:31'} | ${'names {{ sha }}, which is not known before it is built'}                           | ${/goMod\.version/}
    ${'{ match: "$BASE", use: a }'}                                                       | ${'5:18'} | ${'"$BASE" names a variable'}                                                         | ${/it comes to/}
    ${'{ match: "a[b]", use: a }'}                                                        | ${'5:18'} | ${'"a[b]" is no image'}                                                               | ${/\*\*/}
    ${'{ match: golang, use: a }\n      - { match: "docker.io/library/golang", use: b }'} | ${'6:18'} | ${'rule 1 matches the same images as "docker.io/library/golang"'}                     | ${/leave one/}
    ${'{ match: golang, use: scratch }'}                                                  | ${'5:31'} | ${'"scratch" is no image: in a container file it stands for nothing at all'}          | ${/can be pulled/}
    ${'{ match: golang, use: { reference: "docker.io/library/scratch:latest" } }'}        | ${'5:44'} | ${/is no image/}                                                                      | ${/can be pulled/}
    ${'{ match: golang, use: "{{ images.base.staged }}" }'}                               | ${'5:31'} | ${/known only to `image` of a job/}                                                   | ${null}
  `('$written', ({ written, at, message, hint }) => {
    const state = parse(written);
    const [problem] = state.kind === 'invalid' ? state.problems : [];
    expect(state).toMatchObject({ kind: 'invalid' });
    expect(`${problem?.line}:${problem?.column}`).toBe(at);
    expect(problem?.message).toMatch(message);
    if (hint !== null) expect(problem?.hint).toMatch(hint);
  });

  it('more rules than a person writes', () => {
    const rules = Array.from({ length: 33 }, (_, at) => `{ match: a${at}, use: b }`).join('\n      - ');
    expect(parse(rules)).toMatchObject({ kind: 'invalid', problems: [{ message: expect.stringContaining('32') }] });
  });
});
