import type { Person, Rights } from '../../model/person.ts';
import { isSha } from '../../model/sha.ts';
import { judgeTrust } from '../may-run.ts';
import { nearestNames } from '../nearest-names.ts';
import type { CommandLine } from '../parse-commands.ts';
import type { StartRequest } from '../select-jobs.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { answerGateCommand } from './ask-gate.ts';
import { answerPromote } from './ask-promotion.ts';
import { type Draft, isJudged, isUnfinished, jobRecordOf, putJob, retireJob } from './draft.ts';
import { explainJobs, listJobs } from './explain-jobs.ts';
import { explainQueue } from './explain-queue.ts';
import type { PresubmitFacts } from './facts.ts';
import { askMayRun, judgeStanding, type Standing, settingsUnread } from './standing.ts';
import { decideJob, presubmitJobs, skipJob, startJob, startSkippedBehind } from './start-jobs.ts';

export interface CommandSender {
  readonly person: Person;
  readonly rights: Rights;
  /** When it was said (ms). */
  readonly at: number;
  /** Among what was said at the same time: the greater is the later; left out: it is no comment. */
  readonly order?: number;
}

/** `text` null: the thumbs-up is answer enough. */
export interface Answer {
  readonly accepted: boolean;
  readonly text: string | null;
}

type Ready = Extract<Standing, { kind: 'ready' }>;

function no(text: string): Answer {
  return { accepted: false, text };
}

/** The line to copy for approving the present head. */
export function approveLine(head: string): string {
  return `\`\`\`text\n/ok-to-test ${head}\n\`\`\``;
}

/** Why nothing of this head may be started, for the person who asked; null when it may. */
function refuse(draft: Draft, facts: PresubmitFacts, sender: CommandSender, standing: Standing): string | null {
  const asked = askMayRun(draft.record, facts, { kind: 'person', person: sender.person, rights: sender.rights });
  if (!asked || standing.kind === 'unread') return `Nothing was started: ${standing.because}. Please try again.`;
  if (!asked.run && asked.kind === 'unapproved') {
    const head = draft.record.change?.head ?? '';
    return `Nothing was started: this head is not approved (${asked.because}). Somebody with write permission can approve it:\n${approveLine(head)}`;
  }
  if (!asked.run) return `Nothing was started: ${asked.because}.`;
  if (standing.kind === 'conflict') {
    const paths = standing.paths.slice(0, 20).map(inlineCode).join(', ');
    return `Nothing was started: ${standing.because}${paths === '' ? '' : `: ${paths}`}.`;
  }
  if (standing.kind !== 'ready') return `Nothing was started: ${standing.because}.`;
  return null;
}

function startNamed(
  draft: Draft,
  facts: PresubmitFacts,
  standing: Ready,
  names: readonly string[],
  sender: CommandSender,
): Answer {
  const jobs = presubmitJobs(standing);
  const known = jobs.map((job) => job.name);
  const problems: string[] = [];
  const started: string[] = [];
  for (const name of new Set(names)) {
    const job = jobs.find((candidate) => candidate.name === name);
    if (!job) {
      const near = nearestNames(name, known).map(inlineCode).join(', ');
      problems.push(`There is no presubmit job ${inlineCode(name)}${near === '' ? '' : `; did you mean ${near}?`}`);
      continue;
    }
    const decision = decideJob(draft, job, { kind: 'named', names: [name] }, standing);
    if (decision.decision !== 'run') problems.push(`${inlineCode(name)} was not started: ${decision.because}.`);
    else {
      started.push(name);
      startJob(
        draft,
        facts,
        standing,
        job,
        { kind: 'named', names: [name] },
        `${sender.person.login} asked for it by name`,
      );
    }
  }
  startSkippedBehind(draft, facts, standing, started);
  return { accepted: started.length > 0, text: problems.length > 0 ? problems.join('\n') : null };
}

function startMany(
  draft: Draft,
  facts: PresubmitFacts,
  standing: Ready,
  request: StartRequest,
  sender: CommandSender,
): Answer {
  const reasons: string[] = [];
  const started: string[] = [];
  for (const job of presubmitJobs(standing)) {
    const decision = decideJob(draft, job, request, standing);
    if (decision.decision === 'run') {
      started.push(job.name);
      startJob(draft, facts, standing, job, request, `${sender.person.login} asked, and ${decision.because}`);
      continue;
    }
    reasons.push(`* ${inlineCode(job.name)}: ${decision.because}`);
    const earlier = jobRecordOf(draft, job.name);
    if (decision.decision === 'skip' && (!earlier || !isJudged(earlier))) skipJob(draft, standing, job, decision);
  }
  startSkippedBehind(draft, facts, standing, started);
  if (started.length > 0) return { accepted: true, text: null };
  return no(`Nothing was to be started:\n${reasons.join('\n') || '* there is no presubmit job'}`);
}

function answerTest(draft: Draft, facts: PresubmitFacts, sender: CommandSender, command: CommandLine): Answer {
  const standing = judgeStanding(draft.record, facts);
  if (command.args.length === 0 || command.args.includes('?')) {
    return { accepted: true, text: listJobs(draft, standing) };
  }
  const refused = refuse(draft, facts, sender, standing);
  if (refused !== null || standing.kind !== 'ready') return no(refused ?? 'Nothing was started.');
  if (!command.args.includes('all')) return startNamed(draft, facts, standing, command.args, sender);
  const many = startMany(draft, facts, standing, { kind: 'automatic' }, sender);
  const others = command.args.filter((name) => name !== 'all' && !isUnfinished(jobRecordOf(draft, name)));
  const named = startNamed(draft, facts, standing, others, sender);
  const texts = [many.text, named.text].filter((text) => text !== null);
  return { accepted: many.accepted || named.accepted, text: texts.length > 0 ? texts.join('\n') : null };
}

function answerRetest(draft: Draft, facts: PresubmitFacts, sender: CommandSender, optionalToo: boolean): Answer {
  const standing = judgeStanding(draft.record, facts);
  const refused = refuse(draft, facts, sender, standing);
  if (refused !== null || standing.kind !== 'ready') return no(refused ?? 'Nothing was started.');
  return startMany(draft, facts, standing, { kind: 'retest', optionalToo }, sender);
}

function answerCancel(draft: Draft, facts: PresubmitFacts, sender: CommandSender, names: readonly string[]): Answer {
  const asked = askMayRun(draft.record, facts, { kind: 'person', person: sender.person, rights: sender.rights });
  if (!asked?.run) return no(`Nothing was cancelled: ${asked?.because ?? 'the forge could not be read'}.`);
  const jobs = draft.record.change?.jobs ?? [];
  const running = jobs.filter(isUnfinished);
  const chosen = running.filter((job) => names.length === 0 || names.includes(job.job));
  for (const job of chosen) {
    const because = `cancelled by ${sender.person.login}`;
    retireJob(draft, job, because);
    putJob(draft, { ...job, because, readBack: true, status: { kind: 'ended', result: 'aborted', builds: [] } });
  }
  const missing = names.filter((name) => !chosen.some((job) => job.job === name));
  const text = missing.map(
    (name) =>
      `${inlineCode(name)} is not running (${jobRecordOf(draft, name) ? 'it has ended' : 'there is no such job on this head'}).`,
  );
  if (chosen.length === 0 && text.length === 0) text.push('Nothing is running on this head.');
  return { accepted: chosen.length > 0, text: text.length > 0 ? text.join('\n') : null };
}

/** Records the approval of exactly the present head (commands.md §3; intake A2). */
export function approve(draft: Draft, facts: PresubmitFacts, sender: CommandSender, wanted: string): Answer {
  const head = draft.record.change?.head;
  if (head === undefined || head !== draft.record.pull?.head)
    return no('Nothing was approved: the head is not known yet. Please try again.');
  const trust = judgeTrust(sender.person, sender.rights, facts.trust);
  const unread = settingsUnread(facts);
  if (!trust.trusted && unread !== null) return no(`Nothing was approved: ${unread}. Please try again.`);
  if (!trust.trusted) return no(`Nothing was approved: ${trust.because}; approving needs write permission.`);
  const line = `To approve the present head:\n${approveLine(head)}`;
  if (wanted === '')
    return no(`Nothing was approved: the commit must be named, so that you approve what you looked at. ${line}`);
  if (!isSha(wanted))
    return no(
      `Nothing was approved: ${inlineCode(wanted)} is not a full commit SHA (short ones can be forged). ${line}`,
    );
  if (wanted !== head) return no(`Nothing was approved: ${inlineCode(wanted)} is not the present head. ${line}`);
  const permission = sender.rights.known ? sender.rights.permission : 'listed';
  const approval = { head, by: sender.person, permission, at: sender.at };
  const others = draft.record.approvals.filter((other) => other.head !== head || other.by.id !== sender.person.id);
  draft.record = { ...draft.record, awake: true, approvals: [...others, approval].slice(-20) };
  draft.reasons.push(`${sender.person.login} approved ${head.slice(0, 12)}`);
  return { accepted: true, text: null };
}

/** The answer to `/why`: of one job, or of all and of the landing. */
function explain(draft: Draft, facts: PresubmitFacts, name: string | null): string {
  const jobs = explainJobs(draft, judgeStanding(draft.record, facts), name);
  const queue = name === null ? explainQueue(draft, facts) : null;
  return queue === null ? jobs : `${jobs}\n\n${queue}`;
}

/** Carries one command out on the draft and says what its sender should read. */
export function answerCommand(
  draft: Draft,
  facts: PresubmitFacts,
  sender: CommandSender,
  command: CommandLine,
): Answer {
  const told = answerPromote(draft, facts, sender, command) ?? answerGateCommand(draft, facts, sender, command);
  if (told !== null) return told;
  switch (command.word) {
    case 'test':
      return answerTest(draft, facts, sender, command);
    case 'retest':
      return answerRetest(draft, facts, sender, true);
    case 'retest-required':
      return answerRetest(draft, facts, sender, false);
    case 'cancel':
      return answerCancel(draft, facts, sender, command.args);
    case 'ok-to-test':
      return approve(draft, facts, sender, command.args[0] ?? '');
    default:
      return { accepted: true, text: explain(draft, facts, command.args[0] ?? null) };
  }
}
