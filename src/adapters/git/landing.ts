import type { LandingPush } from '../../model/ledger.ts';
import type { Project } from '../../model/project.ts';
import { type Sha, toSha } from '../../model/sha.ts';
import type { CandidateOutcome, CandidateRequest, Landing, LandingOutcome } from '../../ports/landing.ts';
import { createNameCheck } from './branch-names.ts';
import { bringCommit, candidateNamed, demandCommit, headOf } from './bring-commit.ts';
import { publishCandidates, sweepCandidates } from './candidate-refs.ts';
import { changeFile } from './change-file.ts';
import type { Clone, Clones } from './clones.ts';
import { closeBranch } from './close-branch.ts';
import type { Remote } from './fetch-commits.ts';
import { listRemoteRefs } from './fetch-commits.ts';
import { toCloneUrl } from './git-environment.ts';
import { guardPush } from './guard-landing.ts';
import { judgeLanding } from './judge-landing.ts';
import { knowsCandidate } from './know-candidate.ts';
import type { LedgerSigner } from './ledger-key.ts';
import { makeCandidate } from './make-candidate.ts';
import { findMergeBase } from './merge-base.ts';
import { presentIn } from './object-reader.ts';
import { type EntryPlace, pushEntries } from './push-entry.ts';
import { pushRefs } from './push-refs.ts';
import { branchRef, createBranchReader, ledgerRef } from './read-branch.ts';
import { type Git, gitFailure } from './run-git.ts';
import { changesWorkflows } from './workflow-changes.ts';

export interface LandingOptions {
  /** The clones that a Source reads too. */
  readonly clones: Clones;
  /**
   * A token that may push to this project; null: none is needed. Asked anew for each push; `workflows`: for one that changes
   * the forge's own workflows.
   */
  readonly pushCredentials: (project: Project, workflows: boolean) => Promise<string | null>;
  readonly signer: LedgerSigner;
}

/** A Landing over bare clones; the ledger of each branch is kept under `refs/sluice/ledger/`. */
export function createLanding({ clones, pushCredentials, signer }: LandingOptions): Landing {
  const isBranchName = createNameCheck();
  const readBranch = createBranchReader(signer);

  async function placeFor(project: Project): Promise<PushPlace> {
    const clone = await clones.of(project);
    const { pushMs: timeoutMs, maxPackBytes } = clone.limits;
    const url = toCloneUrl(project.cloneUrl);
    const connect = async (workflows = false) => {
      const token = await pushCredentials(project, workflows);
      return { url, token, timeoutMs, maxPackBytes };
    };
    return { clone, project, signer, connect };
  }

  async function placeAt(project: Project, branch: string): Promise<PushPlace> {
    const place = await placeFor(project);
    if (!(await isBranchName(place.clone, branch))) throw new TypeError(`not a branch: ${JSON.stringify(branch)}`);
    return place;
  }

  return {
    read: async (project, branch) => readBranch((await placeAt(project, branch)).clone, project, branch),
    make: async (project, request) => make(await clones.of(project), request),
    async publish(project, commits) {
      if (commits.length === 0) return;
      const { clone, connect } = await placeFor(project);
      try {
        await publishCandidates(clone, await connect(), commits);
      } catch (cause) {
        // Which of their commits the forge has not seen yet only it knows; doing it again changes nothing.
        if (!(cause instanceof Error && wantsWorkflows.test(cause.message))) throw cause;
        await publishCandidates(clone, await connect(true), commits);
      }
    },
    land: async (project, push) => land(await placeAt(project, push.branch), push),
    append: async (project, ledger, entry) => pushEntries(await placeAt(project, entry.branch), ledger, [entry], []),
    async cut(project, branch, at) {
      const place = await placeAt(project, branch);
      await demandCommit(place.clone, at);
      return createBranch(place, branch, at);
    },
    async offer(project, branch, change) {
      const place = await placeAt(project, branch);
      await demandCommit(place.clone, change.at);
      return createBranch(place, branch, await changeFile(place.clone, change));
    },
    async close(project, branch, at, kept) {
      const { clone, connect } = await placeAt(project, branch);
      return closeBranch(clone, await connect(), branch, at, kept);
    },
    async sweep(project, keep) {
      const { clone, connect } = await placeFor(project);
      return sweepCandidates(clone, await connect(), keep);
    },
    async contains(project, tip, commit) {
      if (tip === commit) return true;
      const clone = await clones.of(project);
      await demandCommit(clone, tip);
      // All that it holds came with it: what a reset took back long ago may not be to be had any more.
      if (!(await presentIn(clone.objects, [commit])).has(commit)) return false;
      return (await findMergeBase(clone.git, clone.objects, clone.folder, tip, commit)) === commit;
    },
    async firstParents(project, commit, most) {
      const clone = await clones.of(project);
      const found: Sha[] = [];
      for (let at = commit; found.length < most; ) {
        await demandCommit(clone, at);
        const [parent] = (await clone.objects.commit(at)).parents;
        if (parent === undefined) break;
        at = toSha(parent);
        found.push(at);
      }
      return found;
    },
    async ledgers(project) {
      const clone = await clones.of(project);
      const found = await listRemoteRefs(clone.git, clone.folder, await clone.remote()(), [ledgerRef('')]);
      return [...found.keys()].map((name) => name.slice(ledgerRef('').length));
    },
    knowsCandidate: async (project, number, digits) =>
      knowsCandidate(await clones.of(project), project, number, digits),
    async treeOf(project, commit) {
      const clone = await clones.of(project);
      await demandCommit(clone, commit);
      return toSha((await clone.objects.commit(commit)).tree);
    },
    gitVersion: versionReader(clones.git),
  };
}

/** GitHub's words for a push that changes workflows. */
const wantsWorkflows = /without `workflows` permission/;

interface PushPlace extends EntryPlace {
  readonly connect: (workflows?: boolean) => Promise<Remote>;
}

/** One that is there stays as it is. */
async function createBranch({ clone, connect }: PushPlace, branch: string, at: Sha): ReturnType<Landing['cut']> {
  const ref = branchRef(branch);
  // An empty old id: only where there is none.
  const lease = [`--force-with-lease=${ref}:`];
  const pushed = await pushRefs(clone.git, clone.folder, await connect(), lease, [`${at}:${ref}`]);
  const outcome = judgeLanding(pushed, [ref], at);
  if (outcome.kind === 'refused') return { kind: 'refused', because: outcome.because };
  if (outcome.kind === 'unknown') throw new Error(`cannot create the branch ${branch}: ${outcome.because}`);
  return { kind: 'asked' };
}

async function land(place: PushPlace, push: LandingPush): Promise<LandingOutcome> {
  const { branch, from, to } = push;
  const { objects, tips } = place.clone;
  await demandCommit(place.clone, to);
  await guardPush(objects, push);
  const workflows = await changesWorkflows(objects, from, to);
  const connect = () => place.connect(workflows);
  const { inside = [], entry } = push;
  const [first = entry, ...later] = [...inside, entry];
  const outcome = await pushEntries(
    { ...place, connect },
    push.ledger,
    [first, ...later],
    [{ ref: branchRef(branch), from, to }],
  );
  if (outcome.kind === 'landed') tips.moved(branch, from, to);
  return outcome;
}

async function make(clone: Clone, request: CandidateRequest): Promise<CandidateOutcome> {
  const { number, parent, head } = request;
  const remote = clone.remote();
  if (!(await bringCommit(clone, remote, candidateNamed(parent))))
    return { kind: 'missing', because: `${parent}, which it is to stand on, is not to be had` };
  if (!(await bringCommit(clone, remote, headOf(number, head))))
    return { kind: 'missing', because: `its head ${head} is not to be had` };
  const { git, objects, folder, limits } = clone;
  return makeCandidate({ git, objects, clone: folder, maxOutputBytes: limits.maxOutputBytes }, request);
}

/** It is asked in every pass of every queue, and changes when somebody installs another one. */
const versionKeptMs = 10_000;

function versionReader(git: Git): () => Promise<string> {
  let known: { readonly version: string; readonly at: number } | null = null;
  return async () => {
    const at = performance.now();
    if (known === null || at - known.at >= versionKeptMs) known = { version: await readVersion(git), at };
    return known.version;
  };
}

async function readVersion(git: Git): Promise<string> {
  const asked = await git('/nonexistent', ['version']);
  const version = /^git version (\S+)/.exec(asked.stdout.toString())?.[1];
  if (asked.code !== 0 || version === undefined) throw gitFailure('ask git for its version', asked);
  return version;
}
