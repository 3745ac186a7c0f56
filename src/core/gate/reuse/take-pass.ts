import type { Job } from '../../../model/job.ts';
import type { JobRecord } from '../../../model/presubmit.ts';
import type { MadeCandidate, QueueItem } from '../../../model/queue.ts';
import type { PassedBefore, RecordedVerdict } from '../../../model/verdict.ts';
import { lookKey } from '../../promote/facts.ts';
import { changeNameOf, type GateDraft } from '../draft.ts';
import type { QueueFacts } from '../facts.ts';
import { withoutOld } from './passes.ts';
import { verdictKey } from './verdict-key.ts';

/** For people: which run stands for this one. */
export function passedBeforeWords({ number, verdict: { commit, at } }: PassedBefore): string {
  const when = new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  return `passed before on the same tree, as ${commit.slice(0, 12)} of #${number} (${when} UTC): not built again`;
}

/** A record as that run left it; null: that run knows nothing of it, or left it otherwise than as passed. */
function recordAs(record: JobRecord, pass: PassedBefore): JobRecord | null {
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
    : { ...record, status: passed, before, because: passedBeforeWords(pass) };
}

function verdictAs(candidate: MadeCandidate, { verdict }: PassedBefore, { now, git }: QueueFacts): RecordedVerdict {
  const { commit, tree } = candidate;
  return { ...verdict, commit, tree, git, at: now, reused: { commit: verdict.commit, at: verdict.at } };
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

function keyFor(
  draft: GateDraft,
  facts: QueueFacts,
  item: QueueItem,
  candidate: MadeCandidate,
  jobs: readonly Job[],
): { readonly key: string; readonly reuseMs: number } | null {
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
  if (answer.kind === 'key') return { key: answer.key, reuseMs };
  // Whoever wanted it is told why it does not come.
  const isWanted = records.some((record) => jobOf(record)?.reusable === true);
  if (isWanted)
    draft.reasons.push(`${changeNameOf(draft.record, item)}: no other may take its verdict: ${answer.because}`);
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
  jobs: readonly Job[],
): MadeCandidate | null {
  const named = keyFor(draft, facts, item, candidate, jobs);
  if (named === null) return candidate;
  const { key, reuseMs } = named;
  const tested: MadeCandidate = { ...candidate, key };
  const pass = withoutOld(draft.record.passed ?? [], { now: facts.now, reuseMs }).find((each) => each.key === key);
  const left = pass ? (candidate.jobs ?? []).map((record) => recordAs(record, pass)) : [];
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
  draft.reasons.push(`${name}: ${candidate.commit.slice(0, 12)} ${passedBeforeWords(pass)}`);
  const taken = left.flatMap((record) => record ?? []);
  return { ...tested, jobs: taken, verdict: verdictAs(candidate, pass, facts) };
}
