import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sluice, startSluice } from './cli-fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-simulate-'));
});
afterAll(() => rm(folder, { recursive: true }));

const few = ['--hours', '2', '--rate', '4'];
const listed = [0, 0, 30].map((atMinute, at) => ({ id: `c${at}`, atMinute, buildMinutes: 9, modules: [`m${at}`] }));

async function fileOf(name: string, lines: readonly unknown[]): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
  return file;
}

interface Row {
  readonly name: string;
  readonly mergedPerHour: number;
  readonly p95Minutes: number;
}

async function rowsOf(...words: string[]): Promise<readonly Row[]> {
  const { code, out, err } = await sluice(['simulate', '--json', ...words]);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out).policies;
}

describe('simulate --json', () => {
  it('prints the same figures of each policy, ours first', async () => {
    const rows = await rowsOf(...few);
    const ours =
      'sluice best-first best-first-fast best-first-whole best-first-batches best-first-lanes best-first-lanes-batches';
    const names = rows.map(({ name }) => name).join(' ');
    expect(names.startsWith(`${ours} serial `)).toBe(true);
    const keys = 'name mergedPerHour p50Minutes p95Minutes p99Minutes buildsPerLanding slotMinutesPerLanding';
    for (const row of rows)
      expect(Object.keys(row)).toEqual([...keys.split(' '), 'wronglyRejected', 'redMain', 'leftInQueue']);
  });

  it('gives the same for the same seed and something else for another', async () => {
    const first = await rowsOf(...few, '--seed', '5');
    expect(await rowsOf(...few, '--seed', '5')).toEqual(first);
    expect(await rowsOf(...few, '--seed', '6')).not.toEqual(first);
  });

  it('replays a list, whose results can be told by hand', async () => {
    const rows = await rowsOf('--arrivals', await fileOf('list.jsonl', listed), '--slots', '1', '--flake', '0');
    expect(rows.find(({ name }) => name === 'serial')).toEqual({
      name: 'serial',
      mergedPerHour: 3,
      p50Minutes: 10,
      p95Minutes: 20,
      p99Minutes: 20,
      buildsPerLanding: 1,
      slotMinutesPerLanding: 10,
      wronglyRejected: 0,
      redMain: 0,
      leftInQueue: 0,
    });
    const ours = rows.find(({ name }) => name === 'sluice');
    expect(ours).toMatchObject({ mergedPerHour: 3, p50Minutes: 10, p95Minutes: 20, redMain: 0 });
  });
});

describe('simulate', () => {
  it('reads a share as people write it', async () => {
    expect(await rowsOf(...few, '--fail', '.25')).toEqual(await rowsOf(...few, '--fail', '0.25'));
  });

  it('prints a table, what each policy is, both curves and what is left out', async () => {
    const { code, out } = await sluice(['simulate', ...few]);
    expect(code).toBe(0);
    expect(out).toMatch(/^POLICY +MERGED\/H +P50 MIN/m);
    expect(out).toMatch(/^sluice +\d/m);
    expect(out).toMatch(/^ {2}serial +one build at a time/m);
    expect(out).toMatch(/^ {2}best-first-lanes +the same with `lanes: closure`/m);
    expect(out).toContain('Share of the changes that have landed after so long:');
    expect(out).toMatch(/^ {2}serial .*at most \d+$/m);
    expect(out).toContain('What this leaves out');
  });

  it('writes the curves of every policy as a picture', async () => {
    const file = join(folder, 'curves.svg');
    expect((await sluice(['simulate', ...few, '--svg', file])).out).toContain(`The curves are in ${file}.`);
    const svg = await readFile(file, 'utf8');
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    const { length } = await rowsOf(...few);
    expect(svg.match(/<path d="M[^"]*" fill="none"/g)).toHaveLength(2 * length);
    expect(new Set(svg.match(/h24" stroke="#\w+"/g)).size).toBe(length);
    expect(svg).toContain('best-first-lanes: the same with');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe('simulate over several seeds', () => {
  it('gives the means of what each seed gives by itself, with intervals', async () => {
    const [one, two] = [await rowsOf(...few, '--seed', '3'), await rowsOf(...few, '--seed', '4')];
    const both = await rowsOf(...few, '--seed', '3', '--seeds', '2');
    const mean = ((one[0]?.p95Minutes ?? 0) + (two[0]?.p95Minutes ?? 0)) / 2;
    expect(both[0]).toMatchObject({ name: 'sluice', p95Minutes: mean, intervals: { p95Minutes: expect.any(Array) } });
  });

  it('prints a table for each regime, and plays nothing again that it kept', async () => {
    const file = join(folder, 'kept.jsonl');
    const words = ['simulate', '--regimes', 'quiet', '--seed', '7', '--keep', file];
    const first = await sluice(words);
    expect([first.code, first.err]).toEqual([0, '']);
    expect(first.out).toMatch(/^quiet: 1 an hour, 10 slots \(seed 7\)$/m);
    expect(first.out).toMatch(/^serial +\d\.\d \(/m);
    const kept = await readFile(file, 'utf8');
    const changed = kept.replace(/("name":"serial","mergedPerHour":)[\d.]+/, '$1999').slice(0, -20);
    await writeFile(file, changed);
    expect((await sluice(words)).out).toMatch(/^serial +999\.0 /m);
    const last = kept.trimEnd().split('\n').at(-1);
    expect(await readFile(file, 'utf8')).toBe(`${changed}\n${last}\n`);
  });

  it('prints all regimes as JSON under their names', async () => {
    const words = ['simulate', '--regimes', 'quiet,calm', '--json', '--keep', join(folder, 'json.jsonl')];
    const { regimes } = JSON.parse((await sluice(words)).out);
    expect(regimes.map(({ name }: { name: string }) => name)).toEqual(['quiet', 'calm']);
    expect(regimes[1].policies[0]).toMatchObject({ name: 'sluice', redMain: 0 });
  });

  it('plays only the policies that are named, or variants of ours', async () => {
    const named = await rowsOf(...few, '--policies', 'serial,best-first');
    expect(named.map(({ name }) => name)).toEqual(['serial', 'best-first']);
    const variants = await rowsOf(...few, '--ablation', '--policies', 'whole,no batches');
    expect(variants.map(({ name }) => name)).toEqual(['whole', 'no batches']);
    const robust = await rowsOf(...few, '--robustness', '--slots', '3');
    expect(robust.map(({ name }) => name)).toContain('bad believed 3×');
  });

  it('ends at Ctrl-C and says how to go on', async () => {
    const file = join(folder, 'ended.jsonl');
    const session = startSluice(['simulate', '--regimes', 'all', '--keep', file]);
    session.interrupt();
    expect(await session.code).toBe(1);
    expect(session.printed.err).toContain(`interrupted; the same command goes on from ${file}`);
  });
});

describe('simulate refuses', () => {
  it('a list with mistakes, each with its line', async () => {
    const file = await fileOf('bad.jsonl', [listed[0], '{"id": "x"', { ...listed[1], prior: 2 }]);
    const { code, err } = await sluice(['simulate', '--arrivals', file]);
    expect(code).toBe(2);
    expect(err).toContain(`${file}:2: this is no JSON`);
    expect(err).toContain(`${file}:3: "prior" is 2; write a probability from 0 to 1`);
  });

  it('a list together with what only made-up changes have', async () => {
    const { code, err } = await sluice(['simulate', '--arrivals', 'x.jsonl', '--rate', '5']);
    expect([code, err]).toEqual([2, expect.stringContaining('--rate is of made-up changes')]);
  });

  it('a file that is not there, and a picture that cannot be written', async () => {
    const missing = await sluice(['simulate', '--arrivals', join(folder, 'none.jsonl')]);
    expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('there is no such file')]);
    const list = await fileOf('list.jsonl', listed);
    const kept = await sluice(['simulate', '--regime', 'quiet', '--keep', list]);
    expect([kept.code, kept.err]).toEqual([2, expect.stringContaining('holds something else than kept runs')]);
    const picture = await sluice(['simulate', ...few, '--svg', join(folder, 'no', 'x.svg')]);
    expect([picture.code, picture.err]).toEqual([2, expect.stringContaining('name a file in a folder that is there')]);
  });

  it.each`
    words                                   | says
    ${['--rate', '0']}                      | ${'It must be a number from 0.1 to 1000.'}
    ${['--slots', '1.5']}                   | ${'It must be a whole number from 1 to 5000.'}
    ${['--fail', '5%']}                     | ${'It must be a probability from 0 to 0.9.'}
    ${['--rate', '1000', '--hours', '500']} | ${'ask for fewer --hours'}
    ${['--regime', 'plane']}                | ${'There is no regime plane; there are plain, risky,'}
    ${['--regime', 'plain', '--rate', '5']} | ${'--rate is not of a regime, which says all of that itself'}
    ${['--seeds', '2', '--svg', 'x.svg']}   | ${'--svg draws one run'}
    ${['--policies', 'seriel']}             | ${'there is no policy seriel; there are sluice, best-first,'}
  `('$words: $says', async ({ words, says }) => {
    const { code, err } = await sluice(['simulate', ...words]);
    expect([code, err]).toEqual([2, expect.stringContaining(says)]);
  });
});

describe('simulate --record', () => {
  it('prints what arrived at a queue, so that it can be replayed, and says beside it what is missing', async () => {
    const asked: unknown[] = [];
    const arrivals = listed.map((each) => ({ ...each, failsAlone: false, prior: 0.95, conflictsWith: [] }));
    const recordArrivals = async (wish: unknown) => {
      asked.push(wish);
      return { repository: 'acme/api', branch: 'main', decisions: 40, arrivals, leftOut: 2 };
    };
    const { out, err, code } = await sluice(['simulate', '--record', 'acme/api', '--branch', 'main'], {
      recordArrivals,
    });
    expect([code, asked]).toEqual([0, [{ repository: 'acme/api', branch: 'main' }]]);
    expect(err).toContain('3 changes of acme/api main, from the newest 40 decisions');
    const file = await fileOf('recorded.jsonl', out.trim().split('\n'));
    expect((await rowsOf('--arrivals', file, '--policies', 'serial'))[0]?.name).toBe('serial');
  });
});
