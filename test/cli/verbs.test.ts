import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuildLine, DemoOptions, PlanDecision, PlanSource, ServeOptions } from '../../src/cli/deps.ts';
import { jsonSchema } from '../../src/config/json-schema.ts';
import { toDigest } from '../../src/model/sha.ts';
import { sluice, startSluice, untilPrinted } from './cli-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileWith(text: string): Promise<string> {
  const file = join(folder, `file-${text.length}.txt`);
  await writeFile(file, text);
  return file;
}

describe('serve', () => {
  async function served(...words: string[]): Promise<ServeOptions | undefined> {
    let options: ServeOptions | undefined;
    const serve = async (given: ServeOptions) => {
      options = given;
    };
    expect((await sluice(['serve', ...words], { serve })).code).toBe(0);
    return options;
  }

  it('does everything on loopback by default, with the data of "sluice setup"', async () => {
    expect(await served()).toEqual({
      role: 'all',
      host: '127.0.0.1',
      port: 3000,
      data: '.sluice',
      redis: null,
      publicUrl: null,
      executor: null,
    });
  });

  it('takes every option', async () => {
    const words = '--role web --host 0.0.0.0 --port 0 --data /data --redis redis://r --executor process'.split(' ');
    expect(await served(...words, '--public-url', 'https://sluice.example.org/')).toEqual({
      role: 'web',
      host: '0.0.0.0',
      port: 0,
      data: '/data',
      redis: 'redis://r',
      publicUrl: 'https://sluice.example.org',
      executor: 'process',
    });
  });
});

describe('check', () => {
  const problem = { file: 'x', line: 3, column: 5, path: 'imagse', message: 'unknown key', hint: 'write `images`' };

  it('prints every problem with its place and hint, and ends with 1', async () => {
    const file = await fileWith('a: 1\nb: 2\nx:  y\nc: 3\n');
    const checkConfig = async () => ({ problems: [problem, { ...problem, line: 4, hint: null }], notes: [] });
    const { code, out } = await sluice(['check', file], { checkConfig });
    expect(code).toBe(1);
    expect(out).toBe(`x:3:5: unknown key (imagse)
  3 | x:  y
    |     ^
    = write \`images\`

x:4:5: unknown key (imagse)
  4 | c: 3
    |     ^

2 problems in ${file}
`);
  });

  it('gives the file as bytes to be checked, and says what a valid one gives', async () => {
    const file = await fileWith('images: [é]\n');
    const checkConfig = async (content: Uint8Array) => ({ problems: [], notes: [`${content.length} bytes`] });
    expect(await sluice(['check', file], { checkConfig })).toEqual({
      code: 0,
      out: `${file} is valid.\n  13 bytes\n`,
      err: '',
    });
  });

  it('--json prints the problems as data', async () => {
    const file = await fileWith('x');
    const checkConfig = async () => ({ problems: [problem], notes: [] });
    const { code, out } = await sluice(['check', file, '--json'], { checkConfig });
    expect([code, JSON.parse(out)]).toEqual([1, { file, problems: [problem] }]);
  });

  it('--schema organisation prints that of an organisation’s file', async () => {
    const { code, out } = await sluice(['check', '--schema', 'organisation']);
    expect(code).toBe(0);
    expect(Object.keys(JSON.parse(out).properties)).toEqual(['apiVersion', 'defaults', 'templates', 'repos']);
    expect((await sluice(['check', '--schema', 'organization'])).err).toContain(
      'Allowed choices are project, organisation',
    );
  });

  it('--schema prints the JSON Schema', async () => {
    const { code, out } = await sluice(['check', '--schema']);
    expect([code, JSON.parse(out)]).toEqual([0, jsonSchema()]);
  });

  it('without any file it says what a repository without one gets', async () => {
    const { code, out } = await sluice(['check']);
    expect(code).toBe(0);
    expect(out).toContain('gets the job build-image on every pull request');
  });
});

describe('plan', () => {
  const decisions: readonly PlanDecision[] = [
    { pipeline: 'presubmit', job: 'unit', decision: 'run', reason: 'on every pull request' },
    { pipeline: 'presubmit', job: 'docs', decision: 'skip', reason: 'none of the 2 changed files matches docs/**' },
  ];

  it('prints a table with the reasons, and notes beside it', async () => {
    const plan = async () => ({ decisions, notes: ['the base is main'] });
    expect(await sluice(['plan', '--pr', '12'], { plan })).toEqual({
      code: 0,
      out: [
        'DECISION  PIPELINE   JOB   REASON',
        'run       presubmit  unit  on every pull request',
        'skip      presubmit  docs  none of the 2 changed files matches docs/**',
        '',
      ].join('\n'),
      err: 'the base is main\n',
    });
  });

  it('--json prints the decisions and nothing else', async () => {
    const plan = async () => ({ decisions, notes: ['the base is main'] });
    const { out } = await sluice(['plan', '--pr', '12', '--json'], { plan });
    expect(JSON.parse(out)).toEqual({ decisions });
  });

  it('hands in the event with its payload, or the number, and the clone', async () => {
    const asked: [string, PlanSource][] = [];
    const plan = async (repository: string, source: PlanSource) => {
      asked.push([repository, source]);
      return { decisions: [], notes: [] };
    };
    const payload = await fileWith('{"action":"opened"}');
    await sluice(['plan', '--event', 'pull_request', '--payload', payload], { plan });
    await sluice(['plan', '--pr', '12', '--repo', '/clone'], { plan });
    expect(asked).toEqual([
      ['.', { kind: 'event', name: 'pull_request', payload: { action: 'opened' } }],
      ['/clone', { kind: 'pull-request', number: 12 }],
    ]);
  });

  it('says so when nothing would happen', async () => {
    const plan = async () => ({ decisions: [], notes: ['ignored: not an event that anything here depends on'] });
    const { code, out, err } = await sluice(['plan', '--pr', '1'], { plan });
    expect([code, out, err]).toEqual([
      0,
      'Nothing would happen.\n',
      'ignored: not an event that anything here depends on\n',
    ]);
  });

  it('a payload that is no JSON is named', async () => {
    const payload = await fileWith('{"action":');
    const { code, err } = await sluice(['plan', '--event', 'push', '--payload', payload]);
    expect([code, err]).toEqual([2, expect.stringContaining(`${payload} is not JSON: `)]);
  });

  it('text of others cannot steer the terminal', async () => {
    const plan = async () => ({
      decisions: [{ pipeline: 'presubmit', job: 'x', decision: 'skip', reason: 'file \x1b[2Ja\nb' } as const],
      notes: [],
    });
    expect((await sluice(['plan', '--pr', '1'], { plan })).out).toContain('file \\u001b[2Ja\\nb\n');
  });
});

it('render prints each pod as a YAML document', async () => {
  const render = async (repository: string, job: string) =>
    [{ name: `${repository}/${job}` }, { name: 'two' }] as never;
  expect((await sluice(['render', 'unit'], { render })).out).toBe('{"name":"./unit"}\n---\n{"name":"two"}\n');
});

describe('try', () => {
  const built = { job: 'build-image', because: 'built', milliseconds: 61_000, result: 'success' } as const;
  const image = { digest: toDigest(`sha256:${'a'.repeat(64)}`), bytes: 12_345_678, layers: 3 };

  it('shows the output as it comes and what was made', async () => {
    const session = startSluice(['try', 'build-image', '--executor', 'process'], {
      tryJob: async (repository, job, executor, onOutput) => {
        onOutput(`${repository} ${job} ${executor}\n`);
        return [{ ...built, image }];
      },
    });
    expect(await session.code).toBe(0);
    expect(session.printed.out).toBe(
      `. build-image process\n✓ build-image: success in 1 min 01 s ${image.digest}, 3 layers, 12.3 MB (built)\n`,
    );
  });

  it.each(['failure', 'timeout', 'aborted', 'error'] as const)('ends with 1 after %s', async (result) => {
    const tryJob = async () => [
      { ...built, image: null },
      { ...built, job: 'unit', result, because: 'exit code 2', image: null },
    ];
    const { code, out } = await sluice(['try'], { tryJob });
    expect([code, out]).toEqual([1, expect.stringContaining(`✗ unit: ${result} in 1 min 01 s (exit code 2)`)]);
  });

  it('says so when no job applies', async () => {
    expect(await sluice(['try'], { tryJob: async () => [] })).toMatchObject({
      code: 0,
      out: 'No job applies to this working tree; "sluice plan" says why.\n',
    });
  });
});

describe('builds', () => {
  const now = 1_000_000_000;
  const lines: readonly BuildLine[] = [
    line('b-1', { kind: 'waiting', ahead: 2, since: now - 65_000 }, 'all slots are taken'),
    line('b-2', { kind: 'running', since: now - 3_000 }, ''),
    line('b-3', { kind: 'ended', result: 'failure', at: now - 7_500_000 }, 'exit code 1'),
  ];

  function line(build: string, state: BuildLine['state'], because: string): BuildLine {
    return { build, change: 'acme/shop#1', job: 'unit', state, because };
  }

  it('shows what waits behind how many, what runs, what ended, and why', async () => {
    expect((await sluice(['builds', '--all'], { builds: async () => lines })).out).toBe(
      [
        'STATE             CHANGE       JOB   SINCE           WHY                  BUILD',
        'waiting, 2 ahead  acme/shop#1  unit  1 min 05 s ago  all slots are taken  b-1',
        'running           acme/shop#1  unit  3 s ago                              b-2',
        'failure           acme/shop#1  unit  2 h 05 min ago  exit code 1          b-3',
        '',
      ].join('\n'),
    );
  });

  it('asks for what has ended only with --all, and prints data with --json', async () => {
    const asked: boolean[] = [];
    const builds = async (all: boolean) => {
      asked.push(all);
      return all ? lines : [];
    };
    expect((await sluice(['builds'], { builds })).out).toBe('Nothing waits and nothing is being built.\n');
    expect(JSON.parse((await sluice(['builds', '--all', '--json'], { builds })).out)).toEqual({ builds: lines });
    expect(asked).toEqual([false, true]);
  });
});

it('dev github prints how to point clients at it, stays until Ctrl-C, and ends it', async () => {
  const ended: string[] = [];
  const session = startSluice(['dev', 'github', '--folder', '/repos'], {
    devGithub: async ({ port, folder }) => ({
      url: 'http://127.0.0.1:4000',
      apiUrl: 'http://127.0.0.1:4000/api/v3',
      login: 'mona',
      token: 'ghp_x',
      repository: 'acme/shop',
      close: async () => {
        ended.push(`${port} ${folder}`);
      },
    }),
  });
  await untilPrinted(session, /git clone http:\/\/mona:ghp_x@127\.0\.0\.1:4000\/acme\/shop\.git/);
  expect(session.printed.out).toContain("new Octokit({ baseUrl: 'http://127.0.0.1:4000/api/v3', auth: 'ghp_x' })");
  expect(ended).toEqual([]);
  session.interrupt();
  expect(await session.code).toBe(0);
  expect(ended).toEqual(['0 /repos']);
});

describe('demo', () => {
  it.each([
    [[], 'once'],
    [['--once'], 'once'],
    [['--keep'], 'keep'],
  ])('%j plays in mode %s', async (words, mode) => {
    const played: DemoOptions[] = [];
    const demo = async (options: DemoOptions) => played.push(options) > 0;
    expect((await sluice(['demo', ...words], { demo })).code).toBe(0);
    expect(played).toEqual([{ mode, executor: null }]);
  });

  it('ends with 1 when a step did not hold', async () => {
    expect((await sluice(['demo', '--once'], { demo: async () => false })).code).toBe(1);
  });
});
