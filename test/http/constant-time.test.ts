import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';

const source = join(import.meta.dirname, '../../src');

/** Without comments and texts, which may name what code may not do. */
function codeOf(path: string): string {
  return readFileSync(path, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
}

/** All that makes or checks a MAC, but the stand-in GitHub, which signs as the other side does. */
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.startsWith('demo/'))
  .map((path) => ({ path, code: codeOf(join(source, path)) }))
  .filter(({ code }) => /\b(?:createHmac|timingSafeEqual)\b/.test(code));

const secret = String.raw`[\w.()?[\]]*(?:digest|mac|signature|expected|given|actual|secret)[\w.()?[\]]*`;

/** Comparisons that end at the first difference; a length, null and the empty text tell nothing. */
function comparisons(code: string): readonly string[] {
  const operators = new RegExp(String.raw`${secret}\s*[=!]==?\s*([^\s;),]+)|([^\s(;,]+)\s*[=!]==?\s*${secret}`, 'gi');
  const harmless = /\.length$|^(?:null|undefined|''|-?\d+)$/;
  const methods = new RegExp(
    String.raw`${secret}\.(?:equals|compare|startsWith|localeCompare|includes|indexOf)\(`,
    'gi',
  );
  return [
    ...[...code.matchAll(operators)].filter((match) => !harmless.test(match[1] ?? match[2] ?? '')).map(([all]) => all),
    ...[...code.matchAll(methods)].map(([all]) => all),
  ];
}

it('W3: no digest, signature or secret is compared but by timingSafeEqual', () => {
  expect(files.map(({ path }) => relative(source, join(source, path)))).toEqual(
    expect.arrayContaining(['http/log-link.ts', 'http/signature.ts']),
  );
  for (const { path, code } of files) expect(comparisons(code), path).toEqual([]);
});

it.each([
  'if (mac.digest() === given) return',
  'digest != signature',
  'expected.equals(actual)',
  'return given === sign(body)',
  'x === this.secret',
])('W3: that check sees %s', (code) => {
  expect(comparisons(code)).not.toEqual([]);
});

it('W3: every secret of the list is tried, whichever matches: nothing returns or stops early', () => {
  const { code } = files.find(({ path }) => path === 'http/signature.ts') ?? { code: '' };
  const matched = /matchedSecret: \(header\) => \{([\s\S]*?)\n {4}\},/.exec(code)?.[1] ?? '';
  expect(matched).toContain('macs.map(');
  expect(matched).toContain('timingSafeEqual(mac.digest(), given)');
  expect(matched.match(/\breturn\b/g)).toHaveLength(1);
  expect(matched.trim()).toMatch(/return matches\.indexOf\(true\);$/);
  expect(matched).not.toMatch(/\b(?:some|find|findIndex|every|for|while|break|throw|if)\b|(?<!\?)\?\s/);
});
