import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMasker } from '../../../src/core/text/mask-secrets.ts';

function masked(secrets: readonly string[], pieces: readonly string[]): string {
  const masker = createMasker(secrets);
  return pieces.map((piece) => masker.push(piece)).join('') + masker.flush();
}

const token = 'hunter2-&/"secret';

describe('every form of a secret is replaced (intake A24)', () => {
  it.each`
    form                        | text
    ${'plain'}                  | ${token}
    ${'base64'}                 | ${Buffer.from(token).toString('base64')}
    ${'base64 without filling'} | ${Buffer.from(token).toString('base64').replace(/=+$/, '')}
    ${'for a URL'}              | ${encodeURIComponent(token)}
    ${'in JSON'}                | ${JSON.stringify({ token })}
  `('$form', ({ text }) => {
    const out = masked([token], [`before ${text} after`]);
    expect(out).toContain('***');
    expect(out).not.toContain('hunter2');
    expect(out).not.toContain(text);
    expect(out).toMatch(/^before .* after$/);
  });

  it('trimmed, where it was given with a line end', () => {
    expect(masked([`${token}\n`], [`x ${token} y`])).toBe('x *** y');
  });

  it('each line of one that has several', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n';
    const out = masked([key], [`a\n${key}b\n  kqhkiG9w0BAQEF`]);
    expect(out).not.toMatch(/MIIE|kqhk/);
    expect(out).toMatch(/^a\n/);
  });

  it.each(['', 'short', '1234567', 'abc        '])('refuses %j: masking it would show where it stands', (secret) => {
    expect(() => createMasker([secret])).toThrow(/cannot be masked: it needs at least 8/);
  });

  it('hands everything on where there is no secret', () => {
    expect(masked([], ['a', 'b', '', 'c'])).toBe('abc');
  });
});

describe('torn over pieces', () => {
  const alphabet = fc.constantFrom('a', 'b', 'A', '=', '%', '"', '\n');
  const secrets = fc.array(
    fc.string({ unit: alphabet, minLength: 8, maxLength: 14 }).filter((each) => each.trim().length >= 8),
    {
      minLength: 1,
      maxLength: 3,
    },
  );

  it('a secret is found wherever it is torn', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), fc.string({ maxLength: 20 }), (one, two, around) => {
        const text = `${around}${token}${around}`;
        const [from, to] = [Math.min(one, two), Math.max(one, two)];
        const out = masked([token], [text.slice(0, from), text.slice(from, to), text.slice(to)]);
        expect(out).not.toContain(token);
        expect(out).toBe(masked([token], [text]));
      }),
    );
  });

  it('the pieces never matter: torn into letters it comes out as whole', () => {
    fc.assert(
      fc.property(secrets, fc.string({ unit: alphabet, maxLength: 80 }), (all, noise) => {
        const text = `${noise}${all.join(noise.slice(0, 3))}${noise}`;
        expect(masked(all, [...text])).toBe(masked(all, [text]));
      }),
      { numRuns: 300 },
    );
  });

  it('no form of any secret comes out, however secrets overlap', () => {
    fc.assert(
      fc.property(secrets, fc.array(fc.nat(2), { maxLength: 8 }), (all, order) => {
        const text = order.map((index) => all[index % all.length] ?? '').join('');
        const out = masked(all, [...text]);
        for (const secret of all) expect(out).not.toContain(secret);
      }),
    );
  });

  it('shows no rest of a longer secret that begins like a shorter one', () => {
    const pieces = ['x password1', '2345-long y'];
    expect(masked(['password1', 'password12345-long'], pieces)).toBe('x *** y');
  });

  it('shows no rest of two that overlap', () => {
    expect(masked(['abcdefgh', 'efghijkl'], ['abcdefghijkl'])).toBe('***');
  });

  it('holds back no more than it must, however long a secret repeats itself', () => {
    const masker = createMasker(['aaaaaaaa']);
    const out = Array.from({ length: 1000 }, () => masker.push('a'.repeat(100))).join('');
    expect(out).not.toContain('aaaaaaaa');
    expect(out.length).toBeGreaterThan(0);
    expect(masker.flush().length).toBeLessThan(10_000);
  });
});
