import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyPatterns, keysFor } from '../../../src/adapters/redis/keys.ts';

const folder = join(import.meta.dirname, '../../../src/adapters/redis');

describe('keys', () => {
  it('are exactly those of the table in the README, in its order', async () => {
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    const listed = [...readme.matchAll(/^\| `([^`]+)` \|/gm)].map(([, key]) => key);
    expect(listed).toEqual(Object.values(keyPatterns));
  });

  it('are spelled in no other file', async () => {
    const heads = Object.values(keyPatterns)
      .filter((pattern) => pattern.includes(':'))
      .map((pattern) => pattern.split('<')[0]);
    const files = (await readdir(folder)).filter((name) => name.endsWith('.ts') && name !== 'keys.ts');
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      const text = await readFile(join(folder, file), 'utf8');
      for (const head of ['sluice:', ...heads])
        expect(text, `${file} spells ${head}`).not.toMatch(new RegExp(`['"\`]${head}`));
    }
  });

  it('carry the prefix and the part, whatever is in it', () => {
    expect(keysFor()('wake')).toBe('sluice:wake');
    expect(keysFor('x:')('inbox', 'presubmit/1/2')).toBe('x:inbox:presubmit/1/2');
    expect(keysFor('x:')('line', '$&')).toBe('x:line:$&');
    expect(keysFor('x:')('line', '')).toBe('x:line:');
  });
});
