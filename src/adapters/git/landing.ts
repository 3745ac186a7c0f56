import type { LedgerEntry } from '../../model/ledger.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { BranchReading, CandidateOutcome, Landing, LandingOutcome, LandingPush } from '../../ports/landing.ts';
import { createNameCheck } from './branch-names.ts';
import { bringCommit, candidateNamed, headOf } from './bring-commit.ts';
import { publishCandidates, sweepCandidates } from './candidate-refs.ts';
import type { Clone, Clones } from './clones.ts';
import { type Remote, readRemoteRefs } from './fetch-commits.ts';
import { toCloneUrl } from './git-environment.ts';
import { guardEntry, guardPush } from './guard-landing.ts';
import { judgeLanding } from './judge-landing.ts';
import { writeLedgerCommit } from './ledger-commit.ts';
import type { LedgerSigner } from './ledger-key.ts';
import { makeCandidate } from './make-candidate.ts';
import { findMergeBase } from './merge-base.ts';
import { pushRefs } from './push-refs.ts';
import { nothingVerified, type VerifiedLedger, verifyLedger } from './read-ledger.ts';
import { gitFailure } from './run-git.ts';

export interface LandingOptions {
  /** The clones that a Source reads too. */
  readonly clones: Clones;
  /** A token that may push to this project; null: none is needed. Asked anew for each push. */
  readonly pushCredentials: (project: Project) => Promise<string | null>;
  readonly signer: LedgerSigner;
}

/** A Landing over bare clones; the ledger of each branch is kept under `refs/sluice/ledger/`. */
export function createLanding({ clones, pushCredentials, signer }: LandingOptions): Landing {
  const isBranchName = createNameCheck();
  const verified = new Map<string, VerifiedLedger>();

  async function pushRemote(project: Project, clone: Clone): Promise<Remote> {
    const { pushMs: timeoutMs, maxPackBytes } = clone.limits;
    return { url: toCloneUrl(project.cloneUrl), token: await pushCredentials(project), timeoutMs, maxPackBytes };
  }

  async function cloneFor(project: Project, branch: string): Promise<Clone> {
    const clone = await clones.of(project);
    if (!(await isBranchName(clone, branch))) throw new TypeError(`not a branch: ${JSON.stringify(branch)}`);
    return clone;
  }

  async function read(project: Project, branch: string): Promise<BranchReading> {
    const clone = await cloneFor(project, branch);
    const key = `${project.id} ${branch}`;
    // Taken before the remote is asked: what another read verifies meanwhile may be newer than what this one sees.
    const before = verified.get(key) ?? nothingVerified;
    const { tip, head } = await fetchBranch(clone, branch);
    const ledger = await verifyLedger({ objects: clone.objects, signer }, project, branch, head, before);
    if (ledger.kind === 'whole' && (verified.get(key) ?? nothingVerified) === before) verified.set(key, ledger);
    return { tip, ledger };
  }

  async function land(project: Project, push: LandingPush): Promise<LandingOutcome> {
    const clone = await cloneFor(project, push.branch);
    await demandCommits(clone, [push.to]);
    await guardPush(clone.objects, push);
    const { branch, from, to } = push;
    const moves = [{ ref: `refs/heads/${branch}`, from, to }];
    const outcome = await pushEntry(project, clone, push.ledger, push.entry, moves);
    if (outcome.kind === 'landed') clone.tips.moved(branch, from, to);
    return outcome;
  }

  async function pushEntry(
    project: Project,
    clone: Clone,
    ledger: Sha | null,
    entry: LedgerEntry,
    others: readonly Move[],
  ): Promise<LandingOutcome> {
    if (ledger !== null) await demandCommits(clone, [ledger]);
    await guardEntry(clone.objects, signer, project, ledger, entry);
    const to = await writeLedgerCommit(clone.folder, signer, ledger, entry);
    const moves = [...others, { ref: ledgerRef(entry.branch), from: ledger, to }];
    const options = ['--atomic', ...moves.map((move) => `--force-with-lease=${move.ref}:${move.from ?? ''}`)];
    const refspecs = moves.map((move) => `${move.to}:${move.ref}`);
    const pushed = await pushRefs(clone.git, clone.folder, await pushRemote(project, clone), options, refspecs);
    return judgeLanding(
      pushed,
      moves.map(({ ref }) => ref),
      to,
    );
  }

  return {
    read,
    land,
    async make(project, request) {
      const clone = await clones.of(project);
      return (await missingFor(clone, request)) ?? makeCandidate(placeOf(clone), request);
    },
    async publish(project, commits) {
      if (commits.length === 0) return;
      const clone = await clones.of(project);
      await publishCandidates(clone, await pushRemote(project, clone), commits);
    },
    append: async (project, ledger, entry) =>
      pushEntry(project, await cloneFor(project, entry.branch), ledger, entry, []),
    async sweep(project, keep) {
      const clone = await clones.of(project);
      return sweepCandidates(clone, await pushRemote(project, clone), keep);
    },
    async contains(project, tip, commit) {
      if (tip === commit) return true;
      const clone = await clones.of(project);
      await demandCommits(clone, [tip, commit]);
      return (await findMergeBase(clone.git, clone.objects, clone.folder, tip, commit)) === commit;
    },
    async gitVersion() {
      const asked = await clones.git('/nonexistent', ['version']);
      const version = /^git version (\S+)/.exec(asked.stdout.toString())?.[1];
      if (asked.code !== 0 || version === undefined) throw gitFailure('ask git for its version', asked);
      return version;
    },
  };
}

/** A ref that goes from one commit to another; null: it is not there yet. */
interface Move {
  readonly ref: string;
  readonly from: Sha | null;
  readonly to: Sha;
}

function ledgerRef(branch: string): string {
  return `refs/sluice/ledger/${branch}`;
}

function placeOf({ git, objects, folder, limits }: Clone) {
  return { git, objects, clone: folder, maxOutputBytes: limits.maxOutputBytes };
}

async function fetchBranch(clone: Clone, branch: string): Promise<{ tip: Sha | null; head: Sha | null }> {
  const remote = clone.remote();
  const names = { tip: `refs/heads/${branch}`, head: ledgerRef(branch) };
  const refs = await readRemoteRefs(clone.git, clone.folder, await remote(), Object.values(names));
  const [tip, head] = [refs.get(names.tip) ?? null, refs.get(names.head) ?? null];
  const kept = [
    { from: tip, keptAs: 'refs/sluice/base' },
    { from: head, keptAs: names.head },
  ];
  const wanted = [];
  for (const { from, keptAs } of kept)
    if (from !== null && (await clone.objects.info(from)) === null) wanted.push({ from, keptAs });
  if (wanted.length > 0 && (await clone.fetch(wanted, remote)) === 'refused')
    throw new Error(`cannot fetch ${branch} and its ledger: the remote no longer has what it named`);
  return { tip, head };
}

/** Throws where one of them is not to be had. */
async function demandCommits(clone: Clone, commits: readonly Sha[]): Promise<void> {
  const remote = clone.remote();
  for (const commit of commits)
    if (!(await bringCommit(clone, remote, candidateNamed(commit))))
      throw new Error(`the remote of ${clone.folder} has no ${commit}`);
}

async function missingFor(
  clone: Clone,
  { number, parent, head }: { readonly number: number; readonly parent: Sha; readonly head: Sha },
): Promise<CandidateOutcome | null> {
  const remote = clone.remote();
  if (!(await bringCommit(clone, remote, candidateNamed(parent))))
    return { kind: 'missing', because: `${parent}, which it is to stand on, is not to be had` };
  if (!(await bringCommit(clone, remote, headOf(number, head))))
    return { kind: 'missing', because: `its head ${head} is not to be had` };
  return null;
}
