import type {
  Version,
  VersionFile,
  VersionKind,
  VersionReading,
  VersionRule,
  VersionScheme,
} from '../../model/version.ts';
import { inlineCode } from '../text/safe-markdown.ts';

const longestLine = 64;
const longestFile = 4096;
const number = '(0|[1-9][0-9]*)';
const identifiers = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*';
const semver = new RegExp(`^v?${number}\\.${number}\\.${number}(?:-(${identifiers}))?(?:\\+(${identifiers}))?$`);
const epoch = new RegExp(`^v?${number}\\.${number}$`);

function kindOf(prerelease: readonly string[]): VersionKind {
  if (prerelease.length === 0) return 'final';
  const text = prerelease.join('.');
  return text === 'dev' || text.startsWith('dev.') || text.startsWith('dev-') ? 'dev' : 'pre';
}

function toVersion(raw: string, numbers: readonly string[], prerelease: string | undefined, build: string | undefined) {
  const parts = prerelease === undefined || prerelease === '' ? [] : prerelease.split('.');
  return { raw, kind: kindOf(parts), numbers, prerelease: parts, build: build ?? null } satisfies Version;
}

function readSemver(text: string): Version | string {
  const found = semver.exec(text);
  if (found === null) return `${inlineCode(text)} is no version as 1.2.3, 1.2.3-dev or 1.2.3-rc.1`;
  const [, major = '', minor = '', patch = '', prerelease, build] = found;
  const padded = (prerelease ?? '').split('.').find((each) => /^0[0-9]+$/.test(each));
  if (padded !== undefined) return `${inlineCode(text)} has a number with leading zeros: ${inlineCode(padded)}`;
  return toVersion(text, [major, minor, patch], prerelease, build);
}

function readEpoch(text: string): Version | string {
  if (text === 'today') return { ...toVersion(text, [], undefined, undefined), kind: 'symbolic' };
  const [, days, patch] = epoch.exec(text) ?? [];
  if (days === undefined || patch === undefined) return `${inlineCode(text)} is neither today nor a version as 1443.2`;
  return toVersion(text, [days, patch], undefined, undefined);
}

function readByRule(text: string, { regex, groups }: VersionRule): Version | string {
  const found = groups(text);
  if (found === null) return `${inlineCode(text)} is not what ${inlineCode(regex)} describes`;
  if (!/^[A-Za-z0-9._+~-]+$/.test(text)) return `${inlineCode(text)} has signs that no version may have`;
  const numbers = ['major', 'minor', 'patch'].flatMap((name) => found[name] ?? []);
  const odd = numbers.find((each) => !/^[0-9]+$/.test(each));
  if (odd !== undefined) return `${inlineCode(odd)} in ${inlineCode(text)} is no number`;
  const plain = numbers.map((each) => each.replace(/^0+(?=[0-9])/, ''));
  return toVersion(text, plain, found.prerelease ?? undefined, undefined);
}

/** A version as text, as a tag or a file has it; a text: why it is none. */
export function parseVersion(text: string, scheme: VersionScheme): Version | string {
  if (text.length > longestLine) return `it is longer than ${longestLine} characters`;
  if (scheme === 'semver') return readSemver(text);
  return scheme === 'date-epoch' ? readEpoch(text) : readByRule(text, scheme);
}

function broken(because: string, line = 1): VersionReading {
  return { kind: 'broken', because, line };
}

/** The first line that is neither empty nor a comment counts, without a comment behind it. */
function firstLine(text: string): { readonly text: string; readonly line: number } | null {
  for (const [index, whole] of text.split(/\r?\n|\r/).entries()) {
    const line = (whole.split('#')[0] ?? '').trim();
    if (line !== '') return { text: line, line: index + 1 };
  }
  return null;
}

/** V(c) of versions.md §1: what the file says at one commit. Never throws, whatever is in it. */
export function readVersion(file: VersionFile, scheme: VersionScheme): VersionReading {
  if (file.kind === 'absent') return { kind: 'absent' };
  if (file.kind === 'other') return broken(`it is ${file.what} and no file`);
  if (file.bytes.length > longestFile) return broken(`it is larger than ${longestFile / 1024} KiB`);
  let text: string;
  try {
    // Takes a byte order mark away, too.
    text = new TextDecoder('utf-8', { fatal: true }).decode(file.bytes);
  } catch {
    return broken('it is not UTF-8');
  }
  const found = firstLine(text);
  if (found === null) return broken('there is no version in it');
  const version = parseVersion(found.text, scheme);
  return typeof version === 'string' ? broken(version, found.line) : { kind: 'version', version };
}
