import { describe, expect, it } from 'vitest';
import { createLogReader } from '../../../src/adapters/podman/log-lines.ts';

const at = '2026-11-21T09:26:08.873733716+00:00';

function read(file: string, pieceLength: number): { taken: string; rest: string } {
  const reader = createLogReader();
  const bytes = Buffer.from(file);
  let taken = '';
  for (let from = 0; from < bytes.length; from += pieceLength)
    taken += reader.take(bytes.subarray(from, from + pieceLength));
  return { taken, rest: reader.rest() };
}

describe.each([1, 7, 100_000])('a podman log read in pieces of %i bytes', (length) => {
  it.each`
    what                               | file                                                            | taken            | rest
    ${'a whole line'}                  | ${`${at} stdout F hello\n`}                                     | ${'hello\n'}     | ${''}
    ${'an empty line'}                 | ${`${at} stdout F \n`}                                          | ${'\n'}          | ${''}
    ${'spaces at both ends'}           | ${`${at} stdout F  a b \n`}                                     | ${' a b \n'}     | ${''}
    ${'parts of a line'}               | ${`${at} stdout P hel\n${at} stdout F lo\n`}                    | ${'hello\n'}     | ${''}
    ${'another stream amid the parts'} | ${`${at} stdout P hel\n${at} stderr F oh\n${at} stdout F lo\n`} | ${'oh\nhello\n'} | ${''}
    ${'an end without a line end'}     | ${`${at} stdout F one\n${at} stdout P two\n`}                   | ${'one\n'}       | ${'two'}
    ${'an entry that is not finished'} | ${`${at} stdout F one\n${at} std`}                              | ${'one\n'}       | ${''}
    ${'nothing'}                       | ${''}                                                           | ${''}            | ${''}
  `('gives $what', ({ file, taken, rest }) => {
    expect(read(file, length)).toEqual({ taken, rest });
  });
});

describe('a podman log', () => {
  it('may cut a letter of several bytes between two parts', () => {
    const letter = Buffer.from('ä');
    const head = Buffer.from(`${at} stdout P `);
    const middle = Buffer.from(`\n${at} stdout F `);
    const reader = createLogReader();
    expect(
      reader.take(Buffer.concat([head, letter.subarray(0, 1), middle, letter.subarray(1), Buffer.from('\n')])),
    ).toBe('ä\n');
  });

  it('gives a line that never ends in pieces, not at its end', () => {
    const reader = createLogReader();
    const entry = Buffer.from(`${at} stdout P ${'x'.repeat(8192)}\n`);
    let given = 0;
    for (let entries = 0; entries < 200; entries++) given += reader.take(entry).length;
    expect(given).toBeGreaterThanOrEqual(1024 * 1024);
  });
});
