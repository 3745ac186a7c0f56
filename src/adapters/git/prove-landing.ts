import type { LedgerEntry } from '../../model/ledger.ts';
import type { Project } from '../../model/project.ts';
import type { ProofStep } from '../../model/setup.ts';
import { type Sha, toSha } from '../../model/sha.ts';
import type { Landing } from '../../ports/landing.ts';
import type { Clone } from './clones.ts';
import { commitObject, laterOf, ourselvesAt } from './commit-text.ts';
import { listRemoteRefs, type Remote } from './fetch-commits.ts';
import { isPushed, pushRefs, wordsOf } from './push-refs.ts';
import { branchRef, ledgerRef } from './read-branch.ts';
import { writeObject } from './write-object.ts';

/** Every scratch branch begins so; whatever is found there was left by a run that was killed. */
export const scratchPrefix = 'sluice-setup-verify/';

/** Where landing is tried. */
export interface ProofPlace {
  readonly clone: Clone;
  readonly project: Project;
  /** Over the same clone. */
  readonly landing: Landing;
  readonly connect: () => Promise<Remote>;
}

export interface ProofWish {
  /** The App, which begins the scratch ledger. */
  readonly app: number;
  /** Scratch commits have its tree, and stand on it. */
  readonly tip: Sha;
  /** Begins with `scratchPrefix`. */
  readonly branch: string;
  /** Ms since the epoch. */
  readonly now: number;
  readonly onStep: (what: ProofStep['what']) => void;
  readonly interrupted: AbortSignal;
}

const messages = ['a scratch branch', 'what lands on it', 'what comes too late'];

/** Commits one on another with the tip's tree; no workflow of the forge's starts for them. */
async function writeCommits({ clone }: ProofPlace, { tip, now }: ProofWish): Promise<readonly [Sha, Sha, Sha]> {
  const { tree } = await clone.objects.commit(tip);
  const committedAt = laterOf(Math.floor(now / 1_000), 0);
  const write = (index: number, parent: Sha): Promise<Sha> => {
    const message = Buffer.from(`sluice setup --verify: ${messages[index]}, to be removed at once [skip ci]\n`);
    const text = { author: ourselvesAt(committedAt), encoding: null, message };
    return writeObject(clone.folder, commitObject({ tree: toSha(tree), parents: [parent], committedAt, ...text }));
  };
  const start = await write(0, tip);
  const landed = await write(1, start);
  return [start, landed, await write(2, landed)];
}

function entriesOf({ project }: ProofPlace, { app, branch, now }: ProofWish) {
  const by = { id: 0, login: 'sluice setup --verify', kind: 'bot' } as const;
  const entry = (sequence: number, detail: LedgerEntry['detail']): LedgerEntry => ({
    schema: 1,
    sequence,
    repository: project.id,
    branch,
    at: now,
    detail,
  });
  return {
    owner: entry(1, { kind: 'owner', app }),
    landed: (sequence: number, from: Sha, commit: Sha): LedgerEntry => {
      const verdict = { commit, tree: commit, checks: [], configuration: '', git: '', at: now };
      return entry(sequence, { kind: 'landed', number: 0, head: commit, from, commit, method: 'merge', by, verdict });
    },
  };
}

async function create(
  { clone, connect }: ProofPlace,
  branch: string,
  at: Sha,
): Promise<{ held: boolean; because: string }> {
  const ref = branchRef(branch);
  const push = await pushRefs(
    clone.git,
    clone.folder,
    await connect(),
    [`--force-with-lease=${ref}:`],
    [`${at}:${ref}`],
  );
  return { held: isPushed(push, [ref]), because: wordsOf(push) };
}

/** Tries each step of a landing in order; what depends on one that failed is not tried. */
async function* tryLanding(place: ProofPlace, wish: ProofWish): AsyncGenerator<ProofStep> {
  const { landing, project } = place;
  const { branch, onStep } = wish;
  const [start, to, late] = await writeCommits(place, wish);
  const entries = entriesOf(place, wish);
  onStep('create');
  const made = await create(place, branch, start);
  yield { what: 'create', ...made };
  if (!made.held) return;
  onStep('begin-ledger');
  const begun = await landing.append(project, null, entries.owner);
  yield { what: 'begin-ledger', held: begun.kind === 'landed', because: begun.kind === 'landed' ? '' : begun.because };
  if (begun.kind !== 'landed') return;
  onStep('land');
  const push = { branch, from: start, to, ledger: begun.ledger, entry: entries.landed(2, start, to) };
  const landed = await landing.land(project, push);
  yield { what: 'land', held: landed.kind === 'landed', because: landed.kind === 'landed' ? '' : landed.because };
  if (landed.kind !== 'landed') return;
  const stale = async (what: ProofStep['what'], attempt: Parameters<Landing['land']>[1]): Promise<ProofStep> => {
    onStep(what);
    const outcome = await landing.land(project, attempt);
    const because = outcome.kind === 'landed' ? 'it landed' : outcome.because;
    return { what, held: outcome.kind === 'moved', because };
  };
  const { ledger } = landed;
  yield stale('stale-branch', { ...push, to: late, ledger, entry: entries.landed(3, start, late) });
  yield stale('stale-ledger', { ...push, from: to, to: late, entry: entries.landed(2, to, late) });
  onStep('read-back');
  const read = await landing.read(project, branch);
  const isSame = read.tip === to && read.ledger.kind === 'whole' && read.ledger.head === ledger;
  yield { what: 'read-back', held: isSame, because: `the branch is at ${read.tip}, not at ${to}` };
}

/** Takes away every scratch branch and ledger that is there, whoever left it; gives how many refs, and why some stayed. */
export async function removeScratch({
  clone,
  connect,
}: ProofPlace): Promise<{ count: number; because: string | null }> {
  const prefixes = [branchRef(scratchPrefix), ledgerRef(scratchPrefix)];
  const remote = await connect();
  const refs = [...(await listRemoteRefs(clone.git, clone.folder, remote, prefixes)).keys()];
  if (refs.length === 0) return { count: 0, because: null };
  const push = await pushRefs(
    clone.git,
    clone.folder,
    remote,
    [],
    refs.map((ref) => `:${ref}`),
  );
  const left = await listRemoteRefs(clone.git, clone.folder, remote, prefixes);
  const because = left.size === 0 ? null : `${[...left.keys()].join(', ')}: ${wordsOf(push)}`;
  return { count: refs.length - left.size, because };
}

/** Lands on a scratch branch as on a real one, sees that stale pushes are refused, and takes everything away in all cases. */
export async function proveLanding(place: ProofPlace, wish: ProofWish): Promise<readonly ProofStep[]> {
  const steps: ProofStep[] = [];
  try {
    for await (const step of tryLanding(place, wish)) {
      steps.push(step);
      if (wish.interrupted.aborted) break;
    }
  } finally {
    wish.onStep('remove');
    const { because } = await removeScratch(place);
    steps.push({ what: 'remove', held: because === null, because: because ?? '' });
  }
  return steps;
}
