import type { Sha } from '../../model/sha.ts';
import type { Version } from '../../model/version.ts';
import { compareVersions, isSameVersion } from './compare-versions.ts';
import type { BranchRole, PushFacts, Transition } from './push-facts.ts';

/** What one version transition on a release branch comes to (rows V11 to V19 of versions.md §2). */
export interface ReleaseDecision {
  readonly row: string;
  readonly version: Version;
  /** The commit that is released: never the head of the push instead. */
  readonly commit: Sha;
  /** `confirm`: it is released already, what is missing of it is completed; `held`: somebody may press the button. */
  readonly kind: 'build' | 'confirm' | 'held' | 'failed';
  /** For people, without the row. */
  readonly because: string;
}

function short(commit: Sha): string {
  return commit.slice(0, 12);
}

/** The highest of what must not be passed by: of the same major and minor. Null: it passes none by. */
function passedBy<Known extends { readonly version: Version }>(
  known: readonly Known[],
  version: Version,
): Known | null {
  const [major, minor] = version.numbers;
  const same = known.filter(
    ({ version: { numbers } }) => numbers[0] === major && (version.numbers.length < 3 || numbers[1] === minor),
  );
  const highest = same.reduce<Known | null>(
    (found, each) => (found === null || compareVersions(each.version, found.version) > 0 ? each : found),
    null,
  );
  return highest === null || compareVersions(version, highest.version) > 0 ? null : highest;
}

function whyNotHere(role: BranchRole, branch: string, { raw, numbers }: Version): string | null {
  if (role.kind !== 'release' || role.binds === null) return null;
  const isBound = role.binds.every((bound, index) => bound === null || bound === numbers[index]);
  return isBound ? null : `${branch} cannot release ${raw}`;
}

function changesMore({ changed }: Transition, file: string): boolean {
  return !changed.known || changed.paths.some((path) => path !== file);
}

/** One transition to a version that can be released; `released`: what it must be above. */
export function decideRelease(
  facts: PushFacts,
  transition: Transition,
  version: Version,
  released: readonly Version[],
): ReleaseDecision {
  const { records, settings, role, branch, file, initiator, unrecorded = [] } = facts;
  const { commit, tree } = transition;
  const decided = (row: string, kind: ReleaseDecision['kind'], because: string): ReleaseDecision => {
    return { row, version, commit, kind, because };
  };
  const record = records.find((each) => isSameVersion(each.version, version));
  if (record && (record.commit === commit || record.tree === tree))
    return decided('V12', 'confirm', `${version.raw} is released already from ${short(record.commit)}`);
  if (record) return decided('V13', 'failed', `version already released from ${short(record.commit)}`);
  const above = settings.allowBackfill ? [] : released.map((each) => ({ version: each }));
  const highest = passedBy(above, version);
  if (highest !== null)
    return decided(
      'V14',
      'failed',
      `version goes backwards: ${highest.version.raw} is released already, and ${version.raw} is not above it`,
    );
  const bound = whyNotHere(role, branch, version);
  if (bound !== null) return decided('V15', 'failed', bound);
  // Where ledger, git and registry contradict each other nobody knows which is right (versions.md §1).
  const unknown = passedBy(settings.allowBackfill ? [] : unrecorded, version);
  if (unknown !== null)
    return decided(
      'V14',
      'held',
      `version goes backwards: ${unknown.where} is there, of which no ledger knows a release, and ${version.raw} is not above it`,
    );
  if (initiator.whyNot !== null) return decided('V16', 'held', initiator.whyNot);
  if (settings.versionOnly && changesMore(transition, file))
    return decided(
      'V17',
      'failed',
      `${short(commit)} changes more than ${file}, and \`release.versionOnly\` forbids that`,
    );
  return decided(version.kind === 'pre' ? 'V18' : 'V11', 'build', `release ${version.raw} from ${short(commit)}`);
}
