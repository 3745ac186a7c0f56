import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mutants } from './planted.ts';

const src = join(import.meta.dirname, '../../src');

it.each(mutants.flatMap(({ name, patches }) => patches.map((patch) => ({ name, ...patch }))))(
  'the planted fault $name fits $file in one place, so that it is planted where it is meant',
  ({ file, from }) => {
    expect(readFileSync(join(src, file), 'utf8').split(from)).toHaveLength(2);
  },
);
