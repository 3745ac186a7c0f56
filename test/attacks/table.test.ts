import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { removals } from './removals.ts';
import { attacks } from './table.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '');

describe('the table of attacks', () => {
  it('has each of A1 to A45 once, in order', () => {
    const expected = Array.from({ length: 45 }, (_, index) => `A${index + 1}`);
    expect(attacks.map(({ id }) => id)).toEqual(expected);
  });

  it('has at least 38 that are tried, and a reason for each of the others', () => {
    const waiting = attacks.filter(({ notYet }) => notYet !== undefined);
    expect(attacks.length - waiting.length).toBeGreaterThanOrEqual(38);
    expect(waiting.filter(({ notYet = '' }) => notYet.length < 20)).toEqual([]);
  });

  it.each(attacks)('$id, $what: its tests and its guards are where it says', ({ notYet, shown, guards }) => {
    expect(shown.length > 0 || notYet !== undefined).toBe(true);
    expect(guards.length > 0 || notYet !== undefined).toBe(true);
    expect(shown.filter(([file, title]) => !holdsTest(read(`test/${file}`), title))).toEqual([]);
    expect(guards.filter(([file, symbol]) => !read(file).includes(symbol))).toEqual([]);
  });

  it('has for each attack that is tried a guard to take away, and one of its tests to notice', () => {
    for (const { id, notYet, shown } of attacks) {
      const own = removals.filter(({ attack }) => attack === id);
      expect([id, own.length > 0 || notYet !== undefined]).toEqual([id, true]);
      for (const { fails } of own) expect(shown).toContainEqual(fails);
    }
  });

  it.each(removals)('$attack: what is taken away stands once in $file', ({ file, from, to }) => {
    expect([from, read(file).split(from).length - 1]).toEqual([from, 1]);
    expect(to).not.toBe(from);
  });

  it.each([
    ['that no test has', 'has each of A1 to A46 once, in order'],
    ['of a group', 'the table of attacks'],
    ['that is a part of one', 'has each of A1 to A45 once'],
    ['that is some other text', 'Dockerfile'],
  ])('believes no title %s', (_what, title) => {
    const text = `${read('test/attacks/table.test.ts')}\nread('Dockerfile');`;
    expect(holdsTest(text, 'has each of A1 to A45 once, in order')).toBe(true);
    expect(holdsTest(text, title)).toBe(false);
  });
});

/** Whether a test has this title, alone or made of a table's rows, or a row of such a table begins with it. */
function holdsTest(text: string, title: string): boolean {
  const quoted = `(['"\`])${title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\1`;
  const test = new RegExp(`(?<!describe(?:\\.\\w+)?)\\(\\s*${quoted},\\s`);
  const row = new RegExp(`^\\s+(?:\\[\\s*${quoted},|\\$\\{${quoted.replace('\\1', '\\2')}\\} +\\|)`, 'm');
  return test.test(text) || row.test(text);
}
