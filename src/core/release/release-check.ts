import { type ReleaseWish, releaseNameOf } from '../../model/release.ts';

const [ofVersion, ofTag] = ['sluice/release/', 'sluice/tag/'] as const;

/** Name of the check run of a release, on the commit that is released (commands.md §6). */
export function releaseCheckName({
  component,
  version,
  isVersion,
}: Pick<ReleaseWish, 'component' | 'version' | 'isVersion'>): string {
  if (!isVersion) return `${ofTag}${version}`;
  return `${ofVersion}${component === null ? '' : `${component}/`}${version}`;
}

/** The name of the release that a check run is of; null: it is of none. */
export function releaseNamedBy(check: string): string | null {
  if (check.startsWith(ofTag)) {
    return releaseNameOf({ component: null, version: check.slice(ofTag.length), isVersion: false });
  }
  const found = /^(?:(.+)\/)?([^/]+)$/.exec(check.startsWith(ofVersion) ? check.slice(ofVersion.length) : '');
  if (!found) return null;
  return releaseNameOf({ component: found[1] ?? null, version: found[2] ?? '', isVersion: true });
}
