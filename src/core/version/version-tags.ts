import type { Version } from '../../model/version.ts';

/** What a tag may be in a registry. */
const legal = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

export type NamedTag =
  | { readonly kind: 'tag'; readonly tag: string }
  /** It cannot be a tag: why, for the author. */
  | { readonly kind: 'illegal'; readonly because: string };

/** A version of a build that is no release: what looks like one has `-dev` put into it (versions.md §4). */
export function devVersion({ raw, kind, build }: Version): string {
  if (kind !== 'final') return raw;
  const plus = build === null ? '' : `+${build}`;
  return `${raw.slice(0, raw.length - plus.length)}-dev${plus}`;
}

/** `today` as the day at `at` (ms): days since 2020-04-01, with the patch 0 (flavours: Garden Linux). */
export function epochOf(at: number): string {
  return `${Math.floor((at - Date.UTC(2020, 3, 1)) / 86_400_000)}.0`;
}

/** Values of `{{ … }}` in the tags of a version; `shown` is the version as images and programs call it. */
export function versionValues(version: Version, shown: string, sha: string): Readonly<Record<string, string>> {
  const [major = '', minor = '', patch = ''] = version.numbers;
  const prerelease = version.prerelease.join('.');
  const plain = { v: shown, version: shown, 'version.raw': version.raw, sha };
  return { ...plain, major, minor, patch, prerelease, 'version.effective': shown };
}

/** A template filled in; `+`, which no tag may have, becomes `_`. */
export function nameTag(template: string, values: Readonly<Record<string, string>>): NamedTag {
  const unknown: string[] = [];
  const filled = template.replace(/\{\{([^{}]*)\}\}/g, (_whole, written: string) => {
    const name = written.trim();
    if (!Object.hasOwn(values, name)) unknown.push(name);
    return values[name] ?? '';
  });
  if (unknown.length > 0)
    return {
      kind: 'illegal',
      because: `\`${template}\` names ${unknown.map((name) => `\`${name}\``).join(', ')}, which is not known here`,
    };
  const tag = filled.replaceAll('+', '_');
  if (legal.test(tag)) return { kind: 'tag', tag };
  const because =
    tag.length > 128
      ? 'it is longer than 128 characters'
      : 'a tag has letters, digits, "_", "." and "-", and begins with one of the first three';
  return { kind: 'illegal', because: `\`${template}\` gives \`${tag.slice(0, 140)}\`, which is no tag: ${because}` };
}
