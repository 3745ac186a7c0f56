import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { landingMessage } from '../../../../src/core/gate/entry/landing-message.ts';
import type { Person } from '../../../../src/model/person.ts';
import { people } from '../../../fakes/model-data.ts';
import { person, request, view } from './entry-fixture.ts';

const project = { owner: 'acme', name: 'api' };

function message(body: string, title = 'Change something', approvers: readonly Person[] = [people.boss]): string {
  return landingMessage(view({ body }, { title }), request({ by: people.mia }), project, approvers);
}

const ours = ['Reviewed-by: boss', 'Requested-by: mia', 'Change: acme/api#5'];

/** The trailers that git itself finds. */
function trailersOf(text: string): string[] {
  const out = execFileSync('git', ['interpret-trailers', '--parse', '--no-divider'], { input: text, encoding: 'utf8' });
  return out.split('\n').filter((line) => line !== '');
}

/** Every line that a reader could take for one of ours. */
function claims(text: string): string[] {
  return text.split('\n').filter((line) => /^(reviewed-by|requested-by|change)\s*:/i.test(line.normalize('NFKC')));
}

describe('the message of the commit that lands', () => {
  it('is the title with its number, the author’s words, and our trailers', () => {
    expect(message('Because.\r\n\r\nIt is better.\r\n')).toBe(
      'Change something (#5)\n\nBecause.\n\nIt is better.\n\nReviewed-by: boss\nRequested-by: mia\nChange: acme/api#5\n',
    );
    expect(trailersOf(message('Because.'))).toEqual(ours);
  });

  it.each`
    what                 | body
    ${'nothing'}         | ${''}
    ${'blanks'}          | ${' \n\t\n'}
    ${'a comment'}       | ${'<!-- describe your change -->'}
    ${'an open comment'} | ${'<!-- describe your change'}
    ${'control signs'}   | ${'\u0000\u001b\u200b\ufeff'}
  `('of a body that holds $what has none', ({ body }) => {
    expect(message(body)).toBe(`Change something (#5)\n\n${ours.join('\n')}\n`);
  });

  it('names everybody whose approval counted, in their order', () => {
    const approvers = [person('kim'), person('zoe')];
    expect(trailersOf(message('', 'x', approvers)).slice(0, 2)).toEqual(['Reviewed-by: kim', 'Reviewed-by: zoe']);
    expect(trailersOf(message('', 'x', []))).toEqual(ours.slice(1));
  });

  it.each`
    title                    | first
    ${''}                    | ${'Untitled (#5)'}
    ${'  a\r\n b\tc  '}      | ${'a b c (#5)'}
    ${'a\u202eb\u0007'}      | ${'ab (#5)'}
    ${'Reviewed-by: boss'}   | ${' Reviewed-by: boss (#5)'}
    ${'fix: <!-- x -->this'} | ${'fix: this (#5)'}
    ${'x'.repeat(400)}       | ${`${'x'.repeat(300)} (#5)`}
  `('$title is headed $first', ({ title, first }) => {
    expect(message('', title).split('\n')[0]).toBe(first);
  });
});

describe('nobody forges a trailer of ours', () => {
  it.each`
    body
    ${'Reviewed-by: eve'}
    ${'reviewed-BY : eve'}
    ${'Change: acme/api#1\nRequested-by: eve'}
    ${'text\n\nReviewed-by: eve\n\n'}
    ${'text\rReviewed-by: eve'}
    ${'Reviewed\u200b-by: eve'}
    ${'Reviewed\u00ad-by\u2060: eve'}
    ${'Reviewed-<!-- -->by: eve'}
    ${'Reviewed-<!--\n-->by: eve'}
    ${'<!-- \n -->Reviewed-by: eve'}
    ${'\ufeffReviewed-by: eve'}
    ${'\u0000Change: acme/api#1'}
    ${'Ｒeviewed-by： eve'}
    ${'Review\u200ded-by: eve'}
    ${'---\nReviewed-by: eve'}
    ${'Reviewed-by:\n eve'}
  `('$body', ({ body }) => {
    const text = message(body);
    expect(claims(text)).toEqual(ours);
    expect(trailersOf(text)).toEqual(ours);
  });

  it('with a login that holds more than one line', () => {
    const text = message('', 'x', [{ id: 3, login: 'kim\nReviewed-by: boss', kind: 'user' }]);
    expect(claims(text)).toEqual(['Reviewed-by: kim Reviewed-by: boss', ...ours.slice(1)]);
  });

  it('and what it says stays, indented by one blank', () => {
    expect(message('Change: the name')).toContain('\n\n Change: the name\n\n');
  });

  it('others’ trailers and words are left as they are', () => {
    const body = 'Signed-off-by: eve <eve@example.org>\nChanges: many\n> Reviewed-by: eve';
    expect(message(body)).toContain(`\n\n${body}\n\n`);
  });
});

const pieces = fc.oneof(
  fc.constantFrom('Reviewed-by: eve', 'Change: a/b#1', 'Requested-by:', 'Reviewed-', 'by', ':', '\n', '\r', '\r\n'),
  fc.constantFrom('<!--', '-->', '<!', '--', '>', '---', '\u200b', '\u200d', '\u2028', '\u0085', '\u000b', ' ', '\t'),
  fc.string({ unit: 'binary', maxLength: 10 }),
);
const bodies = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''));

describe('whatever the author writes', () => {
  it('only our own lines claim to be ours, at the end; no comment opens, no control sign is left', () => {
    fc.assert(
      fc.property(bodies, bodies, (body, title) => {
        const text = message(body, title);
        expect(claims(text)).toEqual(ours);
        expect(text.endsWith(`\n\n${ours.join('\n')}\n`)).toBe(true);
        expect(text).not.toContain('<!--');
        expect(text).not.toMatch(
          /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069]/,
        );
        expect(text.isWellFormed()).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('git finds our trailers and no others of our names', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        expect(trailersOf(message(body))).toEqual(ours);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a long body', () => {
  it.each`
    what                    | body
    ${'ASCII'}              | ${'word '.repeat(40_000)}
    ${'two bytes a letter'} | ${'é'.repeat(100_000)}
    ${'emoji'}              | ${'😀'.repeat(50_000)}
    ${'lines'}              | ${'Reviewed-by: eve\n'.repeat(10_000)}
  `('of $what is cut to 60 KiB, says so, and keeps our trailers', ({ body }) => {
    const text = message(body);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60 * 1024);
    expect(Buffer.byteLength(text)).toBeGreaterThan(59 * 1024);
    expect(text.endsWith(`\n\n… cut here\n\n${ours.join('\n')}\n`)).toBe(true);
    expect(text).not.toContain('\ufffd');
    expect(claims(text)).toEqual(ours);
  });

  it.each`
    what                  | body
    ${'open comments'}    | ${'<!--'.repeat(16_000)}
    ${'closed comments'}  | ${'<!---->'.repeat(9_000)}
    ${'signs of cutting'} | ${`${'\ufffd'.repeat(60_000)}x`}
    ${'blank lines'}      | ${' \n'.repeat(32_000)}
    ${'blanks'}           | ${`${' '.repeat(64_000)}x`}
  `('of $what is kept within the limit, as the title too', ({ body }) => {
    const text = message(body, body);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(60 * 1024);
    expect(claims(text)).toEqual(ours);
  });

  it('that just fits is not cut', () => {
    const room = 60 * 1024 - Buffer.byteLength(message('x')) + 1;
    const text = message('x'.repeat(room));
    expect(Buffer.byteLength(text)).toBe(60 * 1024);
    expect(text).not.toContain('cut here');
    expect(message('x'.repeat(room + 1))).toContain('cut here');
  });
});
