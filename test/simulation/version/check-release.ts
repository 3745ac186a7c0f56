import type { LedgerEntry, ReleaseDetail } from '../../../src/model/ledger.ts';
import type { Person } from '../../../src/model/person.ts';
import type { Sha } from '../../../src/model/sha.ts';
import type { Repository } from '../forge-world.ts';
import { gitOf } from '../gate/move-branch.ts';
import { mayWrite, type Watched } from '../ground-truth.ts';
import { isBuiltOf } from '../push/check-entry.ts';
import { deedsOf, type VersionDeed } from './acts.ts';
import { releaseBranches } from './lines.ts';
import {
  canBeReleased,
  compare,
  isOfSameMinor,
  isTransition,
  type PlainVersion,
  plainVersion,
  versionAt,
} from './model.ts';
import { recordedReleases } from './recorded-releases.ts';

/** Clocks of processes may be wrong by so much. */
const skewMs = 10_000;

interface Ask {
  readonly by: Person;
  readonly at: number;
  /** It does not count until somebody presses the button (versions.md V24). */
  readonly isHeld: boolean;
  readonly isPress: boolean;
  /** Whoever looked at another time may have found it to be asked for at another commit. */
  readonly isDoubtful: boolean;
}

/** Whoever pushed the commit to a release branch, with its version new there; of our own landing, who asked for it. */
function pushesOf(repository: Repository, commit: Sha): readonly Ask[] {
  const git = gitOf(repository);
  if (!isTransition(git, commit)) return [];
  const names: readonly string[] = Object.values(releaseBranches);
  return git.moves
    .filter(
      ({ branch, from, to }) =>
        names.includes(branch) && git.model.contains(to, commit) && !git.model.contains(from, commit),
    )
    .map(({ by, at, ours, to }) => {
      const landed = [...git.entries.values()].find(({ detail }) => detail.kind === 'landed' && detail.commit === to);
      const asked = ours && landed?.detail.kind === 'landed' ? landed.detail.by : by;
      return { by: asked, at, isHeld: false, isPress: false, isDoubtful: false };
    });
}

/** Nothing of this commit is its own: what another branch holds no more when it is looked at is pushed by who cut it (versions.md §5). */
function isPlainCut({ branches, git }: Repository, { name, at }: VersionDeed, commit: Sha): boolean {
  return [...branches].some(
    ([branch, tip]) => branch !== name && tip.since(at).every((each) => git?.model.contains(each, commit)),
  );
}

/** Another branch held it when, or after, this one was cut: looked at then, what was asked for is the tip alone. */
function wasPlainCut({ branches, git }: Repository, { name, at }: VersionDeed, commit: Sha): boolean {
  return [...branches].some(
    ([branch, tip]) => branch !== name && tip.since(at).some((each) => git?.model.contains(each, commit)),
  );
}

/** What it holds besides its tip came with it where no other branch held that. */
function brings(repository: Repository, deed: VersionDeed, commit: Sha): boolean {
  if (deed.commit === commit) return true;
  const git = gitOf(repository);
  const isIn = deed.kind === 'cut' && isTransition(git, commit) && git.model.contains(deed.commit, commit);
  return isIn && !isPlainCut(repository, deed, commit);
}

/** Everything by which anybody asked for this commit as this version. */
export function asksFor(
  { sim }: Pick<Watched, 'sim'>,
  repository: Repository,
  commit: Sha,
  version: PlainVersion,
): readonly Ask[] {
  const onCut = sim.knobs.queues?.images?.pushes?.versions?.onCut ?? 'hold';
  const isMeant = (name: string): boolean => plainVersion(name)?.text === version.text;
  const done = deedsOf(repository)
    .filter(
      (deed) =>
        brings(repository, deed, commit) && (deed.kind === 'cut' || isMeant(deed.name.replace('sluice/release/', ''))),
    )
    .filter(({ kind, by, at }) => kind !== 'press' || mayWrite(repository, by.id, at - 60_000))
    .map((deed): Ask => {
      const isHeld = deed.kind === 'cut' && onCut === 'hold' && isPlainCut(repository, deed, commit);
      const isDoubtful = deed.kind === 'cut' && deed.commit !== commit && wasPlainCut(repository, deed, commit);
      return { by: deed.by, at: deed.at, isHeld, isPress: deed.kind === 'press', isDoubtful };
    });
  return [...pushesOf(repository, commit), ...done];
}

export function mayRelease({ sim }: Pick<Watched, 'sim'>, { login }: Person): boolean {
  const initiators = sim.knobs.queues?.images?.pushes?.versions?.initiators ?? null;
  return initiators === null || initiators.includes(login);
}

/** V16: whoever may release pushed it, tagged it or pressed the button, and the ledger names such a person. */
function checkRight(watched: Watched, repository: Repository, detail: ReleaseDetail, version: PlainVersion): void {
  const { sim } = watched;
  const asks = asksFor(watched, repository, detail.commit, version);
  const counting = asks.filter(({ by, isHeld }) => !isHeld && mayRelease(watched, by));
  const what = `${detail.version} of ${detail.commit.slice(0, 8)}`;
  if (asks.every(({ isPress }) => isPress)) sim.violate('releases', `${what} is released, for which nobody asked`);
  else if (counting.length === 0)
    sim.violate('releases', `${what} is released for ${asks.map(({ by }) => by.login).join(', ')}, who may not`);
  const isRestricted = sim.knobs.queues?.images?.pushes?.versions?.initiators !== null;
  if (isRestricted && !counting.some(({ by }) => by.id === detail.by?.id))
    sim.violate(
      'releases',
      `${what} is recorded as released by ${detail.by?.login ?? 'nobody'}, who may not or did not`,
    );
  if (asks.some(({ isPress }) => isPress)) sim.note('release: let through by the button');
}

/** V14: nothing goes below what was in a ledger before anybody asked for it. */
function checkHeight(watched: Watched, repository: Repository, detail: ReleaseDetail, version: PlainVersion): void {
  const asks = asksFor(watched, repository, detail.commit, version);
  const above = recordedReleases(repository).filter(
    ({ plain }) => isOfSameMinor(plain, version) && compare(plain, version) > 0,
  );
  const first = above.sort((one, other) => one.at - other.at)[0];
  if (first && asks.length > 0 && asks.every(({ at }) => first.at + skewMs < at))
    watched.sim.violate(
      'order',
      `${detail.version} is released after ${first.version}, which was there before anybody asked`,
    );
}

function checkContent(watched: Watched, repository: Repository, detail: ReleaseDetail): PlainVersion | null {
  const { sim } = watched;
  const { commit, tree, images, version } = detail;
  const git = gitOf(repository);
  const there = versionAt(git, commit);
  if (there === null || !canBeReleased(there) || there.text !== version.replace(/^v/, '')) {
    sim.violate('releases', `${version} is released from ${commit}, which is ${there?.text}`);
    return null;
  }
  if (git.model.get(commit)?.tree !== tree) sim.violate('ledger', `${version} is recorded with the tree ${tree}`);
  const names: readonly string[] = Object.values(releaseBranches);
  const held = names.flatMap((name) => repository.branches.get(name)?.all() ?? []);
  if (!held.some((tip) => git.model.contains(tip, commit)))
    sim.violate('releases', `${version} is released from ${commit}, which no release branch ever held`);
  if (images.length === 0) sim.violate('releases', `${version} is released without an image`);
  for (const image of images) {
    const gated = [...git.entries.values()].some(
      ({ detail: landed }) =>
        landed.kind === 'landed' &&
        landed.commit === commit &&
        landed.verdict.images?.some(({ digest }) => digest === image.digest),
    );
    if (!gated && !isBuiltOf(watched, commit, image))
      sim.violate('S3', `${image.name} of ${version} is ${image.digest.slice(0, 19)}, which nobody built of ${commit}`);
  }
  return there;
}

const pinned = ({ images }: ReleaseDetail): string =>
  images
    .map(({ name, repository, digest, tags }) => `${repository}/${name}@${digest} ${tags.join()}`)
    .sort()
    .join('\n');

/** What the ledger is told of a release: once each, by the right, of the right commit, and never contradicted (versions.md §1, §6.3). */
export function checkRelease(watched: Watched, repository: Repository, { detail, branch }: LedgerEntry): void {
  if (detail.kind !== 'releasing' && detail.kind !== 'released') return;
  const { sim } = watched;
  const version = checkContent(watched, repository, detail);
  if (version === null) return;
  const same = recordedReleases(repository).filter(({ plain }) => plain.text === version.text);
  const twice = same.find(({ kind }) => kind === detail.kind);
  if (twice) sim.violate('releases', `${detail.version} is ${detail.kind} on ${branch}, and was so on ${twice.ledger}`);
  const begun = same.find(({ kind }) => kind === 'releasing');
  if (detail.kind === 'released' && (begun?.commit !== detail.commit || pinned(begun) !== pinned(detail)))
    sim.violate('releases', `${detail.version} is released otherwise than it was begun`);
  sim.note(`release: ${detail.kind}`);
  if (detail.kind === 'released') return;
  checkRight(watched, repository, detail, version);
  checkHeight(watched, repository, detail, version);
}
