import type { Proposal } from '../../model/proposal.ts';
import type { Version, VersionScheme } from '../../model/version.ts';
import { compareVersions } from './compare-versions.ts';
import { parseVersion } from './read-version.ts';

/** What is raised: `minor` where the version's branch goes on elsewhere, as main does once it was cut; `patch` on its own. */
export type Raised = 'minor' | 'patch';

/**
 * The dev version after a final one, written as that one is: 1.2.4-dev, or 1.3.0-dev. Null: the scheme has no such version, or
 * what was given is not final.
 */
export function nextDev({ raw, kind, numbers }: Version, scheme: VersionScheme, raised: Raised): string | null {
  const [major, minor, patch] = numbers;
  if (kind !== 'final' || major === undefined || minor === undefined || patch === undefined) return null;
  const next = raised === 'patch' ? `${minor}.${one(patch)}` : `${one(minor)}.0`;
  const text = `${raw.startsWith('v') ? 'v' : ''}${major}.${next}-dev`;
  const version = parseVersion(text, scheme);
  const current = parseVersion(raw, scheme);
  if (typeof version === 'string' || typeof current === 'string' || version.kind !== 'dev') return null;
  return compareVersions(version, current) > 0 ? text : null;
}

/** One more; numbers of versions may be of any length. */
function one(digits: string): string {
  return `${BigInt(digits) + 1n}`;
}

/** The branch that a proposal is made on: the same for the same base, component and version. */
export function proposalBranch(base: string, component: string | null, version: string): string {
  return ['sluice/next-dev', base, ...(component === null ? [] : [component]), version].join('/');
}

/** The file with the next version in place of its own; all else, comments included, stays. Null: it does not say that version. */
export function raiseVersion(text: string, { from, version }: Pick<Proposal, 'from' | 'version'>): string | null {
  const lines = text.split(/(?<=\r\n|\n|\r(?!\n))/);
  const index = lines.findIndex((line) => (line.replace(/^\uFEFF/, '').split('#')[0] ?? '').trim() !== '');
  const line = lines[index];
  if (
    line
      ?.replace(/^\uFEFF/, '')
      .split('#')[0]
      ?.trim() !== from
  )
    return null;
  return lines
    .with(
      index,
      line.replace(from, () => version),
    )
    .join('');
}
