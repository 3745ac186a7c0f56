import type { PromoteEffect } from '../../model/promote-effect.ts';
import type { BranchClose, PushRun } from '../../model/push.ts';
import type { Sha } from '../../model/sha.ts';
import type { Version } from '../../model/version.ts';
import type { ReleaseBranches, VersionSettings } from '../../model/version-settings.ts';
import { compareVersions } from '../version/compare-versions.ts';

/** Where a branch that was closed is kept. */
export const closedPrefix = 'refs/sluice/closed/';

/** What came of closing branches in a pass, by their names. */
export interface CloseFacts {
  readonly closed: ReadonlyMap<string, Extract<BranchClose['ended'], object>>;
}

interface Bound {
  readonly branch: string;
  readonly at: Sha | null;
  readonly version: Pick<Version, 'numbers'>;
}

/** Those of one pattern whose names say their version, newest first; main and the default branch are never among them. */
function boundBy(
  settings: VersionSettings,
  { source }: ReleaseBranches,
  branches: ReadonlyMap<string, Sha | null>,
  isMain: (branch: string) => boolean,
): readonly Bound[] {
  const found = [...branches].flatMap(([branch, at]) => {
    const first = settings.releaseBranches.find((each) => each.matches(branch));
    const numbers = first?.source === source ? first.binds(branch).filter((bound) => bound !== null) : [];
    return numbers.length === 0 || isMain(branch) ? [] : [{ branch, at, version: plain(numbers) }];
  });
  return found.sort((one, other) => compareVersions(other.version, one.version));
}

function plain(numbers: readonly string[]): Version {
  return { raw: '', kind: 'final', numbers, prerelease: [], build: null };
}

/**
 * Release branches of each pattern that are older than the newest so many (`version.automation.keepBranches`), oldest first. `cut`:
 * one that is to be created, which counts already. One whose name says no version is nobody's to close.
 */
export function closesOf(
  settings: VersionSettings,
  branches: ReadonlyMap<string, Sha>,
  cut: string | null,
  defaultBranch: string,
): readonly Omit<BranchClose, 'ended'>[] {
  const { keepBranches: keep } = settings.automation;
  if (keep === null) return [];
  const all = new Map<string, Sha | null>(branches);
  if (cut !== null && !all.has(cut)) all.set(cut, null);
  const isMain = (branch: string): boolean => branch === (settings.main ?? defaultBranch) || branch === defaultBranch;
  return settings.releaseBranches.flatMap((pattern) =>
    boundBy(settings, pattern, all, isMain)
      .slice(keep)
      .flatMap(({ branch, at }) => (at === null ? [] : [{ branch, at, keep }]))
      .reverse(),
  );
}

/** Whether what came of one of them is still to be heard. */
export function isClosing({ closes = [] }: Pick<PushRun, 'closes'>): boolean {
  return closes.some(({ ended }) => ended === null);
}

/** What becomes of the plan. */
interface Draft {
  readonly effects: PromoteEffect[];
  readonly reasons: string[];
}

/** Asks until it is known what came of each, and then never again; nothing is closed before the branch is there that took its place. */
export function closeBranches(draft: Draft, { closed }: CloseFacts, run: PushRun): PushRun {
  const { closes, cut } = run;
  if (closes === undefined || run.endedAt !== null) return run;
  if (cut !== undefined && cut.ended === null) return run;
  const because = cut?.ended?.kind === 'failed' ? `stays, as ${cut.branch} could not be created` : null;
  return {
    ...run,
    closes: closes.map((close): BranchClose => {
      if (close.ended !== null) return close;
      const { branch, at } = close;
      if (because !== null) return { ...close, ended: { kind: 'kept', because: `the branch ${branch} ${because}` } };
      const ended = closed.get(branch) ?? null;
      if (ended === null) draft.effects.push({ kind: 'close', branch, at, keep: close.keep });
      else draft.reasons.push(ended.because);
      return { ...close, ended };
    }),
  };
}
