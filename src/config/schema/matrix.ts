import { z } from 'zod';
import { listOf, oneOrMany, textThat } from './scalars.ts';

/** More builds than this of one job are refused: each is a pod, and a row of its check run. */
export const maxCells = 64;

const value = textThat('a text', (text) => {
  if (text === '') return { message: 'is empty', hint: null };
  if (text.length > 100) return { message: 'is longer than 100 characters', hint: null };
  if (/[\u0000-\u001f\u007f]/.test(text)) return { message: 'has a control character', hint: 'write it in one line' };
  if (text.includes('{{') || text.includes('}}')) return { message: 'is a value, not a template', hint: null };
  return null;
});

const combinations = listOf(
  'a list of combinations as [{ go: "1.24", os: alpine }]',
  z.record(z.string(), value, { error: 'a map as { go: "1.24", os: alpine }' }),
);

/** `matrix:` of a job, as written: an axis for each name, and two lists that change what comes of them. */
export const matrixSchema = z
  .object(
    {
      include: combinations.meta({ description: 'Combinations besides; each names every axis' }).optional(),
      exclude: combinations
        .meta({ description: 'Combinations that are left out; an axis not named is any' })
        .optional(),
    },
    { error: 'a map as { go: ["1.23", "1.24"] }' },
  )
  .catchall(oneOrMany('a text or a list of texts', value));

export type WrittenMatrix = z.output<typeof matrixSchema>;
export type Combination = Readonly<Record<string, string>>;
