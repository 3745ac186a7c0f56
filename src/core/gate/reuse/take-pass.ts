import type { Job } from '../../../model/job.ts';
import type { JobRecord } from '../../../model/presubmit.ts';
import type { MadeCandidate, QueueItem } from '../../../model/queue.ts';
import type { Sha } from '../../../model/sha.ts';
import type { PassedBefore, RecordedVerdict } from '../../../model/verdict.ts';
import { lookKey } from '../../promote/facts.ts';
import { bestFirstOf } from '../best-first/settings.ts';
import { changeNameOf, type GateDraft } from '../draft.ts';
import { differenceKey, type QueueFacts } from '../facts.ts';
import { whyOther } from '../lanes/why-other.ts';
import type { JobGraph } from '../lanes/why-read.ts';
import { withoutOld } from './passes.ts';
import { verdictKey } from './verdict-key.ts';

/** For people: which run stands for this one, of this tree. */
export function passedBeforeWords({ number, verdict: { commit, tree, at } }: PassedBefore, here: Sha): string {
  const when = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  const as = `${commit.slice(0, 12)} of #${number} (${when} UTC)`;
  return tree === here
    ? `passed before on the same tree, as ${as}: not built again`
    : `passed as ${as}, and none of the files that its jobs read differs: not built again`;
}

/** A record as that run left it; null: that run knows nothing of it, or left it otherwise than as passed. */
function recordAs(record: JobRecord, pass: PassedBefore, here: Sha): JobRecord | null {
  const { status } = record;
  if (status.kind === 'skipped') return status.definite === true ? record : null;
  // It cannot even be begun.
  if (status.kind === 'ended' && status.result !== 'success') return null;
  const check = pass.verdict.checks.find(({ name }) => name === record.job);
  if (check?.conclusion === 'skipped')
    return { ...record, because: 'what it needs was skipped', status: { kind: 'skipped', definite: true } };
  if (check?.conclusion !== 'success') return null;
  const before = pass.builds[record.job];
  const passed = { kind: 'ended', result: 'success', builds: [] } as const;
  return before === undefined
    ? { ...record, status: passed }
    : { ...record, status: passed, before, because: passedBeforeWords(pass, here) };
}

function verdictAs(candidate: MadeCandidate, { verdict }: PassedBefore, { now, git }: QueueFacts): RecordedVerdict {
  const { commit, tree } = candidate;
  const before = { commit: verdict.commit, at: verdict.at };
  const reused = verdict.tree === tree ? before : { ...before, tree: verdict.tree };
  return { ...verdict, commit, tree, git, at: now, reused };
}

type Uploads = { readonly kind: 'there' | 'unknown' } | { readonly kind: 'gone' | 'away'; readonly because: string };

/** Whether the registry has all that the verdict names, asked in this pass (gate.md §4.1). */
function uploadsOf(draft: GateDraft, facts: QueueFacts, { branch }: QueueItem, { verdict }: PassedBefore): Uploads {
  let answer: Uploads = { kind: 'there' };
  for (const { staged, digest, name } of verdict.images ?? []) {
    const { repository } = staged;
    const look = facts.looks.get(lookKey(repository, digest));
    if (look === undefined) {
      draft.wants.looks.push({ branch, repository, reference: digest });
      answer = { kind: 'unknown' };
    } else if (look.kind === 'trouble')
      return { kind: 'away', because: `whether ${repository} still has the image ${name} is not known` };
    else if (look.kind === 'absent' || look.digest !== digest)
      return { kind: 'gone', because: `${repository} has the image ${name} no more` };
  }
  return answer;
}

function forget(draft: GateDraft, pass: PassedBefore): void {
  draft.record = { ...draft.record, passed: (draft.record.passed ?? []).filter((other) => other !== pass) };
}

interface Named {
  readonly key: string;
  readonly shape: string;
  readonly reuseMs: number;
}

function keyFor(
  draft: GateDraft,
  facts: QueueFacts,
  item: QueueItem,
  candidate: MadeCandidate,
  jobs: readonly Job[],
): Named | null {
  const { branch } = item;
  const settings = facts.branches.get(branch)?.settings;
  // What is tried again is evidence only if it is run.
  const isAgain = candidate.failures !== undefined || candidate.kept !== undefined;
  if (!settings || settings.reuseMs === 0 || isAgain) return null;
  const records = candidate.jobs ?? [];
  if (!records.some(({ status }) => status.kind === 'building' || status.kind === 'blocked')) return null;
  const jobOf = (record: JobRecord): Job | null => jobs.find(({ name }) => name === record.job) ?? null;
  const { environment } = facts;
  const { promotion, reuseMs } = settings;
  const answer = verdictKey({ branch, candidate, jobs: records, jobOf, promotion, environment, trust: 'approved' });
  if (answer.kind === 'key') return { key: answer.key, shape: answer.shape, reuseMs };
  // Whoever wanted it is told why it does not come.
  const isWanted = records.some((record) => jobOf(record)?.reusable === true);
  if (isWanted)
    draft.reasons.push(`${changeNameOf(draft.record, item)}: no other may take its verdict: ${answer.because}`);
  return null;
}

/** So many of the last passes of a change are compared with it. */
const mostCompared = 3;

/** Of this very change, a pass on another tree in which its jobs read the same files (lanes); null: there is none, or unread. */
function passInLanes(
  draft: GateDraft,
  facts: QueueFacts,
  { branch, number }: QueueItem,
  { commit, jobs, shape, guess }: MadeCandidate,
  { passes, graph }: { readonly passes: readonly PassedBefore[]; readonly graph: JobGraph },
): PassedBefore | 'unread' | null {
  if (bestFirstOf(draft.record, facts)?.lanes !== true || shape === undefined) return null;
  const isOwn = (pass: PassedBefore): boolean => pass.number === number || pass.verdict.commit === guess?.moved;
  const own = passes.filter((pass) => pass.shape === shape && isOwn(pass)).toReversed();
  for (const pass of own.slice(0, mostCompared)) {
    const between = { branch, from: pass.verdict.commit, to: commit };
    const difference = facts.differences.get(differenceKey(between));
    if (difference === undefined) {
      draft.wants.differences.push(between);
      return 'unread';
    }
    const because = whyOther(jobs ?? [], graph, difference);
    if (because === null) return pass;
    const as = pass.verdict.commit.slice(0, 12);
    draft.reasons.push(`#${number}: tested anew, though it passed as ${as}: ${because}`);
  }
  return null;
}

/**
 * A candidate of which it was just decided what is tested, with the verdict of a run that was the same, if there was one and all
 * that it uploaded is still there (gate.md §6 Reuse). Null: that is to be looked at first. Else it is tested, under its key.
 */
export function withPassBefore(
  draft: GateDraft,
  facts: QueueFacts,
  item: QueueItem,
  candidate: MadeCandidate,
  graph: JobGraph,
): MadeCandidate | null {
  const named = keyFor(draft, facts, item, candidate, graph.jobs);
  if (named === null) return candidate;
  const { key, shape, reuseMs } = named;
  const tested: MadeCandidate = { ...candidate, key, shape };
  const passes = withoutOld(draft.record.passed ?? [], { now: facts.now, reuseMs });
  const same = passes.find((each) => each.key === key);
  const pass = same ?? passInLanes(draft, facts, item, tested, { passes, graph });
  if (pass === 'unread') return null;
  const left = pass ? (candidate.jobs ?? []).map((record) => recordAs(record, pass, candidate.tree)) : [];
  if (!pass || left.includes(null)) return tested;
  const uploads = uploadsOf(draft, facts, item, pass);
  if (uploads.kind === 'unknown') return null;
  const name = changeNameOf(draft.record, item);
  if (uploads.kind === 'gone' || uploads.kind === 'away') {
    if (uploads.kind === 'gone') forget(draft, pass);
    const before = pass.verdict.commit.slice(0, 12);
    draft.reasons.push(`${name}: built, though the same tree passed as ${before}: ${uploads.because}`);
    return tested;
  }
  draft.reasons.push(`${name}: ${candidate.commit.slice(0, 12)} ${passedBeforeWords(pass, candidate.tree)}`);
  const taken = left.flatMap((record) => record ?? []);
  return { ...tested, jobs: taken, verdict: verdictAs(candidate, pass, facts) };
}
