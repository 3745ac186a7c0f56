import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogMemory } from '../../../src/adapters/kubernetes/log-lines.ts';

function stamp(milliseconds: number, nanoseconds = 0): string {
  const time = new Date(Date.parse('2026-01-02T03:04:05Z') + milliseconds).toISOString();
  return time.replace('Z', `${String(nanoseconds).padStart(6, '0')}Z`);
}

describe('a log with timestamps', () => {
  it('is given in whole lines, without the timestamps, wherever its bytes are cut', () => {
    const lines = ['', 'ä', ' two words', '2026-01-02T03:04:05Z twice', '🎉'.repeat(50)];
    const bytes = Buffer.from(lines.map((line, at) => `${stamp(at)} ${line}\n`).join(''));
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const reader = createLogMemory().read();
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = edges.slice(1).map((end, at) => reader.take(bytes.subarray(edges[at], end)));
        expect(pieces.join('')).toBe(`${lines.join('\n')}\n`);
        expect(pieces.every((piece) => piece === '' || piece.endsWith('\n'))).toBe(true);
      }),
    );
  });

  it('is given once, however often and wherever the reading broke off', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(900), { minLength: 1, maxLength: 60 }),
        fc.array(fc.nat(4000), { maxLength: 6 }),
        (gaps, breaks) => {
          let at = 0;
          const lines = gaps.map((gap, count) => {
            at += gap;
            // Two streams: every third line was written a little before its neighbour.
            const time = at - (count % 3 === 2 ? 500 : 0);
            return { time, text: `${stamp(time, count)} line ${count}\n` };
          });
          const memory = createLogMemory();
          const out: string[] = [];
          for (const length of [...breaks, Number.POSITIVE_INFINITY]) {
            const since = memory.since();
            const from = since === null ? Number.NEGATIVE_INFINITY : Date.parse(since) - Date.parse(stamp(0));
            const log = lines.filter(({ time }) => time >= from).map(({ text }) => text);
            out.push(memory.read().take(Buffer.from(log.join('').slice(0, length))));
          }
          expect(out.join('').split('\n').slice(0, -1)).toEqual(lines.map((_line, count) => `line ${count}`));
        },
      ),
    );
  });

  it('keeps lines apart that were written in the same nanosecond', () => {
    const memory = createLogMemory();
    const text = `${stamp(0)} a\n${stamp(0)} b\n${stamp(0)} c\n`;
    expect(memory.read().take(Buffer.from(text.slice(0, text.indexOf('c') - 20)))).toBe('a\nb\n');
    expect(memory.read().take(Buffer.from(text))).toBe('c\n');
  });

  it('gives what stands after the last line end only when asked for the rest', () => {
    const reader = createLogMemory().read();
    expect(reader.take(Buffer.from(`${stamp(0)} a\n${stamp(1)} no end`))).toBe('a\n');
    expect(reader.rest()).toBe('no end');
    expect(reader.rest()).toBe('');
  });

  it('gives a line that does not end in pieces, cut between characters', () => {
    const reader = createLogMemory().read();
    const letters = 'ä'.repeat(700_000);
    const bytes = Buffer.from(`${stamp(0)} ${letters}\n${stamp(1)} b\n`);
    const pieces: string[] = [];
    for (let from = 0; from < bytes.length; from += 100_001)
      pieces.push(reader.take(bytes.subarray(from, from + 100_001)));
    expect(pieces.findIndex((piece) => piece !== '')).toBeLessThan(12);
    expect(pieces.join('')).toBe(`${letters}\nb\n`);
  });

  it('does not pass off the words of the node as the output of the container', () => {
    const reader = createLogMemory().read();
    expect(reader.take(Buffer.from('unable to retrieve container logs for containerd://0123\n'))).toBe('');
    expect(reader.isForeign()).toBe(true);
  });
});
