import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sluice } from './cli-fixture.ts';

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
    expect(rows.map(({ name }) => name)).toContain('serial');
    expect(rows[0]?.name).toBe('sluice');
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
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
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
    const picture = await sluice(['simulate', ...few, '--svg', join(folder, 'no', 'x.svg')]);
    expect([picture.code, picture.err]).toEqual([2, expect.stringContaining('name a file in a folder that is there')]);
  });

  it.each`
    words                                   | says
    ${['--rate', '0']}                      | ${'It must be a number from 0.1 to 1000.'}
    ${['--slots', '1.5']}                   | ${'It must be a whole number from 1 to 5000.'}
    ${['--fail', '5%']}                     | ${'It must be a probability from 0 to 0.9.'}
    ${['--rate', '1000', '--hours', '500']} | ${'ask for fewer --hours'}
  `('$words: $says', async ({ words, says }) => {
    const { code, err } = await sluice(['simulate', ...words]);
    expect([code, err]).toEqual([2, expect.stringContaining(says)]);
  });
});
