import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { complaints, fixtureNames, fixtures, parse, readFixture, shortComplaints } from './read-fixtures.ts';

const folders = ['mistakes', 'evil'];
const cases = folders.flatMap((folder) => fixtureNames(folder).map((name) => ({ folder, name })));

describe('a mistaken file', () => {
  it.each(cases)('$folder/$name is answered with exactly the words beside it', async ({ folder, name }) => {
    const words = fileURLToPath(new URL(`${folder}/${name}.txt`, fixtures));
    expect(existsSync(words), `${words} is missing`).toBe(true);
    await expect(complaints(readFixture(folder, `${name}.yaml`))).toMatchFileSnapshot(words);
  });

  it('comes in at least thirty kinds of each folder', () => {
    for (const folder of folders) expect(fixtureNames(folder).length).toBeGreaterThanOrEqual(30);
  });
});

describe('a file that asks for power (A6)', () => {
  it.each(fixtureNames('evil'))('%s is refused, with a sentence that says why or what to write', (name) => {
    const state = parse(readFixture('evil', `${name}.yaml`));
    expect(state.kind).toBe('invalid');
    if (state.kind !== 'invalid') return;
    for (const problem of state.problems) expect(problem.hint, problem.message).toMatch(/\w+ \w+/);
  });
});

describe('several mistakes', () => {
  it('are all told at once, in the order of the file', () => {
    const text = 'mode: sleepy\nimages:\n  - name: A\n    repositry: x\njobs:\n  u: { run: x, needs: [v], image: a }\n';
    expect(shortComplaints(text)).toEqual([
      '1:7 expected `active` or `shadow`, found "sleepy"',
      '3:11 "A" is no name of an image',
      '4:5 unknown key "repositry"',
      '6:24 there is no job "v"',
    ]);
  });

  it('are told once when an alias leads to the same place many times', () => {
    const text = 'jobs:\n  a: &a { image: x, run: y, oops: 1 }\n  b: *a\n  c: *a\n';
    expect(shortComplaints(text)).toEqual(['2:29 unknown key "oops"']);
  });

  it('end after a hundred with the number of the others', () => {
    const text = Array.from({ length: 150 }, (_, index) => `key${index}: 1`).join('\n');
    const found = shortComplaints(text);
    expect(found).toHaveLength(101);
    expect(found.at(-1)).toMatch(/ and 50 more$/);
  });

  it('do not hide what is wrong with needs behind a broken neighbour', () => {
    const text = 'jobs:\n  a: { image: x, run: y, tiemout: 3m }\n  b: { image: x, run: y, needs: [a, zz] }\n';
    expect(shortComplaints(text)).toEqual(['2:26 unknown key "tiemout"', '3:37 there is no job "zz"']);
  });
});
