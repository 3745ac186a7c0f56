import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogFolder } from '../../../src/adapters/folder/log-folder.ts';
import { createLogFolder } from '../../../src/adapters/folder/log-folder.ts';
import type { BuildId } from '../../../src/model/build.ts';
import { toBuildId } from '../../../src/model/build.ts';

let parent: string;
let folder: string;
let logs: LogFolder;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'sluice-logs-'));
  folder = join(parent, 'logs');
  logs = createLogFolder(folder);
});
afterEach(() => rm(parent, { recursive: true }));

function build(number: number): BuildId {
  return toBuildId(`b-web-${String(number).padStart(24, '0')}`);
}

async function writeLog(id: BuildId, text: string): Promise<void> {
  const writer = await logs.begin(id);
  await writer.write(text);
  await writer.end();
}

describe('a log', () => {
  it('that was never begun is null, and its tail empty', async () => {
    expect(await logs.read(build(1), 0)).toBeNull();
    expect(await logs.tail(build(1), 100)).toBe('');
  });

  it('is read while it grows, and ended only when its writer said so and all was read', async () => {
    const writer = await logs.begin(build(1));
    expect(await logs.read(build(1), 0)).toEqual({ text: '', next: 0, ended: false });
    await writer.write('one\n');
    expect(await logs.read(build(1), 0)).toEqual({ text: 'one\n', next: 4, ended: false });
    await writer.write('two\n');
    expect(await logs.read(build(1), 4)).toEqual({ text: 'two\n', next: 8, ended: false });
    await writer.end();
    expect(await logs.read(build(1), 8)).toEqual({ text: '', next: 8, ended: true });
    expect(await logs.read(build(1), 4)).toEqual({ text: 'two\n', next: 8, ended: true });
  });

  it('keeps the order of writes that nobody waited for', async () => {
    const writer = await logs.begin(build(1));
    const writes = Array.from({ length: 100 }, (_, i) => writer.write(`${i}\n`));
    await writer.end();
    await Promise.all(writes);
    expect((await logs.read(build(1), 0))?.text).toBe(Array.from({ length: 100 }, (_, i) => `${i}\n`).join(''));
  });

  it('refuses writes after its end; ending again changes nothing', async () => {
    const writer = await logs.begin(build(1));
    await writer.end();
    await writer.end();
    await expect(writer.write('late')).rejects.toThrow(/the log has ended/);
  });

  it('begun anew starts from empty, and the earlier writer can neither write into it nor end it', async () => {
    const earlier = await logs.begin(build(1));
    await earlier.write('old old old');
    const writer = await logs.begin(build(1));
    await writer.write('new');
    await earlier.write('old');
    await earlier.end();
    expect(await logs.read(build(1), 0)).toEqual({ text: 'new', next: 3, ended: false });
    expect(await logs.read(build(1), 11)).toEqual({ text: '', next: 11, ended: false });
    await writer.end();
    expect(await logs.read(build(1), 3)).toEqual({ text: '', next: 3, ended: true });
  });

  it('is still there for the next process, ended or not', async () => {
    await writeLog(build(1), 'done');
    const writer = await logs.begin(build(2));
    await writer.write('half');
    const next = createLogFolder(folder);
    expect(await next.read(build(1), 0)).toMatchObject({ text: 'done', ended: true });
    expect(await next.read(build(2), 0)).toMatchObject({ text: 'half', ended: false });
    await writer.end();
  });

  it('larger than one reading comes in pieces that lose no character', async () => {
    const text = 'ä€😀\n'.repeat(150_000);
    await writeLog(build(1), `x${text}`);
    let read = '';
    let offset = 0;
    for (let pieces = 1; ; pieces++) {
      const piece = await logs.read(build(1), offset);
      if (piece === null) throw new Error('the log is gone');
      read += piece.text;
      offset = piece.next;
      if (piece.ended) {
        expect(pieces).toBeGreaterThan(1);
        break;
      }
    }
    expect(read).toBe(`x${text}`);
  });

  it('gives whole characters wherever the writes were cut', async () => {
    const pieces = fc.array(fc.string({ unit: 'grapheme', maxLength: 5 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(pieces, async (texts) => {
        const writer = await logs.begin(build(1));
        let read = '';
        let offset = 0;
        for (const text of texts) {
          await writer.write(text);
          const piece = await logs.read(build(1), offset);
          read += piece?.text;
          offset = piece?.next ?? 0;
        }
        await writer.end();
        expect(read + (await logs.read(build(1), offset))?.text).toBe(texts.join(''));
      }),
      { numRuns: 50 },
    );
  });

  it.each(['../b-web', 'b-web/../../x', '', 'b-WEB-000000000000000000000000', '/etc/passwd'])(
    'is never looked for under the name %j',
    async (name) => {
      await expect(logs.begin(name as BuildId)).rejects.toThrow(/not a build id/);
      expect(() => logs.read(name as BuildId, 0)).toThrow(/not a build id/);
    },
  );
});

describe('the tail', () => {
  it.each`
    text                  | bytes  | tail
    ${'one\ntwo\n'}       | ${100} | ${'one\ntwo\n'}
    ${'one\ntwo\n'}       | ${8}   | ${'one\ntwo\n'}
    ${'one\ntwo\n'}       | ${7}   | ${'two\n'}
    ${'one\ntwo\n'}       | ${4}   | ${'two\n'}
    ${'one\ntwo'}         | ${5}   | ${'two'}
    ${'a very long line'} | ${4}   | ${'line'}
    ${'a long line\n'}    | ${5}   | ${'line\n'}
    ${'öööö'}             | ${3}   | ${'ö'}
    ${'x😀😀'}            | ${6}   | ${'😀'}
    ${''}                 | ${10}  | ${''}
  `('of $text within $bytes bytes is $tail', async ({ text, bytes, tail }) => {
    await writeLog(build(1), text);
    expect(await logs.tail(build(1), bytes)).toBe(tail);
  });
});

describe('old logs', () => {
  async function aged(number: number, ageMs: number, text: string): Promise<void> {
    await writeLog(build(number), text);
    const at = new Date(1_700_000_000_000 - ageMs);
    await utimes(join(folder, `${build(number)}.log`), at, at);
  }

  it('go when they are too old, then the oldest until the rest is small enough; nothing else is touched', async () => {
    await aged(1, 5000, 'x'.repeat(10));
    await aged(2, 3000, 'x'.repeat(60));
    await aged(3, 2000, 'x'.repeat(60));
    await aged(4, 1000, 'x'.repeat(40));
    await writeFile(join(folder, 'notes.txt'), 'mine');
    const outcome = await logs.removeOld(1_700_000_000_000, { keepMs: 4000, maxBytes: 100 });
    expect(outcome).toEqual({ removed: 2, bytes: 100 });
    expect((await readdir(folder)).sort()).toEqual([`${build(3)}.log`, `${build(4)}.log`, 'notes.txt']);
  });

  it('of a folder that is not there yet are none', async () => {
    expect(await logs.removeOld(0, { keepMs: 1, maxBytes: 1 })).toEqual({ removed: 0, bytes: 0 });
  });
});
