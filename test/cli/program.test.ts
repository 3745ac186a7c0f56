import { describe, expect, it } from 'vitest';
import { cliError } from '../../src/cli/exit-codes.ts';
import { sluice } from './cli-fixture.ts';

const verbs = [
  'setup',
  'serve',
  'check',
  'import',
  'plan',
  'render',
  'try',
  'builds',
  'queue',
  'why',
  'audit',
  'flakes',
  'simulate',
  'dev',
  'demo',
];

const queueVerbs = ['list', 'show', 'enqueue', 'dequeue', 'freeze', 'thaw'];

describe('help', () => {
  it('names every verb and every exit code', async () => {
    const { code, out } = await sluice(['--help']);
    expect(code).toBe(0);
    for (const verb of verbs) expect(out).toMatch(new RegExp(`^  ${verb}\\b.*\\S`, 'm'));
    for (const exit of [0, 1, 2, 3]) expect(out).toMatch(new RegExp(`^  ${exit}  \\S`, 'm'));
  });

  it.each([
    ...verbs.map((verb) => [verb]),
    ['dev', 'github'],
    ['import', 'zuul'],
    ...queueVerbs.map((verb) => ['queue', verb]),
  ])('sluice %s %s --help says what it does', async (...words) => {
    const { code, out } = await sluice([...words.filter(Boolean), '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/^Usage: sluice /);
  });

  it('--version prints the version alone', async () => {
    expect(await sluice(['--version'])).toEqual({ code: 0, out: '1.2.3\n', err: '' });
  });
});

describe('a command line that cannot be used ends with 2 and a sentence on standard error', () => {
  it.each`
    words                                                  | says
    ${['chek']}                                            | ${'Did you mean check?'}
    ${['serve', '--role', 'boss']}                         | ${'Allowed choices are web, worker, all'}
    ${['serve', '--port', '70000']}                        | ${'A port is a number from 0 (a free one) to 65535.'}
    ${['serve', '--port', '8o']}                           | ${'A port is a number'}
    ${['serve', '--public-url', 'here']}                   | ${'It must be a URL like https://'}
    ${['serve', '--public-url', 'ftp://x']}                | ${'It must be a URL like https://'}
    ${['serve', 'extra']}                                  | ${'too many arguments'}
    ${['demo', '--once', '--keep']}                        | ${'cannot be used with'}
    ${['demo', '--executor', 'docker']}                    | ${'Allowed choices are kubernetes, podman, process'}
    ${['plan']}                                            | ${'either --pr NUMBER, or --event NAME and --payload FILE'}
    ${['plan', '--event', 'push']}                         | ${'either --pr NUMBER, or --event NAME and --payload FILE'}
    ${['plan', '--pr', '1', '--event', 'a']}               | ${'either --pr NUMBER, or --event NAME and --payload FILE'}
    ${['plan', '--pr', '0']}                               | ${'A pull request is named by its number, as 12.'}
    ${['plan', '--event', 'a', '--payload', '/none.json']} | ${'cannot read /none.json: there is no such file'}
    ${['render']}                                          | ${"missing required argument 'job'"}
    ${['check', '/none.yaml']}                             | ${'cannot read /none.yaml: there is no such file'}
    ${['check', '/']}                                      | ${'cannot read /: it is a folder'}
    ${['builds', '--jsn']}                                 | ${'Did you mean --json?'}
    ${['queue', 'shwo']}                                   | ${'too many arguments'}
    ${['queue', 'enqueue']}                                | ${"missing required argument 'number'"}
    ${['queue', 'enqueue', '#5']}                          | ${'A pull request is named by its number, as 12.'}
    ${['queue', 'show', '--repository', 'api']}            | ${'A repository is named as owner/name.'}
    ${['why', 'main']}                                     | ${'A pull request is named by its number, as 12.'}
    ${['audit', '--since', 'yesterday']}                   | ${'A time is 2026-11-28, 2026-11-28T13:00Z, or a span'}
    ${['audit', '--since', '2026-13-45']}                  | ${'A time is 2026-11-28, 2026-11-28T13:00Z, or a span'}
  `('$words', async ({ words, says }) => {
    const { code, out, err } = await sluice(words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(says);
  });
});

describe('what goes wrong behind a verb', () => {
  it.each`
    kind             | code
    ${'failed'}      | ${1}
    ${'usage'}       | ${2}
    ${'unreachable'} | ${3}
  `('an error of kind $kind ends with $code, its sentence and no stack', async ({ kind, code }) => {
    const builds = () => Promise.reject(cliError(kind, 'Redis does not answer at redis://127.0.0.1:1'));
    expect(await sluice(['builds'], { builds })).toEqual({
      code,
      out: '',
      err: 'sluice: Redis does not answer at redis://127.0.0.1:1\n',
    });
  });

  it('what nobody foresaw ends with 1 and says how to see where it happened', async () => {
    const builds = () => Promise.reject(new Error('surprise'));
    const { code, err } = await sluice(['builds'], { builds });
    expect([code, err]).toEqual([1, 'sluice: surprise\nThis was not foreseen; --debug shows where it happened.\n']);
  });

  it('--debug shows the stacks of an error and of its causes', async () => {
    const builds = () => Promise.reject(cliError('unreachable', 'no Redis', new Error('connect ECONNREFUSED')));
    const { err } = await sluice(['--debug', 'builds'], { builds });
    expect(err).toMatch(/sluice: no Redis\n.*\n +at .*because: Error: connect ECONNREFUSED\n +at /s);
  });

  it.each([undefined, null, 'text', 7, {}])('%j, thrown, ends with 1', async (thrown) => {
    expect((await sluice(['builds'], { builds: () => Promise.reject(thrown) })).code).toBe(1);
  });
});
