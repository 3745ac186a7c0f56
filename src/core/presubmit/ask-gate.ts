import { definitionDigest } from '../../model/build.ts';
import type { ObservedCheckRun } from '../../model/check-run.ts';
import type { ForgeEvent, GateCommand } from '../../model/forge-event.ts';
import { isSha, type Sha } from '../../model/sha.ts';
import { subjectIdOf } from '../../model/subject.ts';
import { type KeptChange, readChangeMark } from '../gate/entry/change-mark.ts';
import { gateCheckName } from '../gate/report-candidate.ts';
import { compareSaid, type Said, saidAt } from '../gate/said-order.ts';
import { judgeTrust } from '../may-run.ts';
import type { CommandLine } from '../parse-commands.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import type { Answer, CommandSender } from './answer-command.ts';
import { type Draft, owe, setChange } from './draft.ts';
import type { ForgeFacts, PresubmitFacts } from './facts.ts';

type Told = Omit<GateCommand, 'number'>;

function tellBranch(draft: Draft, facts: Pick<PresubmitFacts, 'now'>, branch: string, told: Told, name: string): void {
  const { project, number } = draft.record;
  const queue = subjectIdOf({ kind: 'queue', repository: project.id, branch });
  const { id, owner, name: repository, installation } = project;
  const event: ForgeEvent = {
    delivery: `queue-${definitionDigest([queue, number, name])}`,
    name: `gate.${told.command}`,
    installation,
    repository: { id, owner, name: repository },
    sender: told.by,
    receivedAt: facts.now,
    detail: { kind: 'gate', number, ...told },
  };
  owe(draft, { id: `tell/${event.delivery}`, effect: { kind: 'tell', queue, event } });
}

/**
 * Owes the queue of the base branch one word; the same word again is the same delivery, which is taken once. The queue of
 * an earlier base branch is told to look, once.
 */
function tell(draft: Draft, facts: Pick<PresubmitFacts, 'now'>, told: Told, name: string): void {
  const { pull, gatedOn } = draft.record;
  if (pull === null) return;
  const { baseRef } = pull;
  if (gatedOn !== undefined && gatedOn !== baseRef)
    tellBranch(draft, facts, gatedOn, hint(facts.now), `moved ${baseRef} ${facts.now}`);
  draft.record = { ...draft.record, gated: true, gatedOn: baseRef };
  tellBranch(draft, facts, baseRef, told, name);
}

function hint(at: number): Told {
  return { command: 'hint', head: null, by: null, permission: '', at, words: '' };
}

function no(text: string): Answer {
  return { accepted: false, text };
}

const yes: Answer = { accepted: true, text: null };
const mayMerge = ['write', 'maintain', 'admin'];

/** Why this person may not; null: may. Rights that could not be read are never enough. */
export function whyNotMerge({ person, rights }: CommandSender, wanted: readonly string[] = mayMerge): string | null {
  if (!rights.known) return `the rights of ${person.login} could not be read (${rights.because}). Please try again`;
  if (wanted.includes(rights.permission)) return null;
  const has = rights.permission === 'none' ? 'no' : `only ${rights.permission}`;
  return `${person.login} has ${has} permission here; it needs ${wanted[0]} permission`;
}

function gateLine(head: string): string {
  return `\`\`\`text\n/gate ${head}\n\`\`\``;
}

/** The gate's check runs on the present head, of whichever branch, as far as they were read. */
function allGateRuns({ record: { pull } }: Draft, forge: ForgeFacts | null): readonly ObservedCheckRun[] {
  const runs = forge?.checkRuns ?? forge?.gateRuns ?? [];
  return runs.filter(({ commit, name }) => commit === pull?.head && name.startsWith(gateCheckName('')));
}

/** Those of its present base branch. */
function gateRunsOf(draft: Draft, forge: ForgeFacts | null): readonly ObservedCheckRun[] {
  const { pull } = draft.record;
  return pull === null ? [] : allGateRuns(draft, forge).filter(({ name }) => name === gateCheckName(pull.baseRef));
}

/** When what our check runs on this head keep was asked for; null: they keep no request. */
export function keptSince(draft: Draft, forge: ForgeFacts | null): Said | null {
  const kept = gateRunsOf(draft, forge).flatMap((run) => readChangeMark(run, run.name) ?? []);
  return (
    kept
      .map(({ request }) => saidAt(request))
      .sort(compareSaid)
      .at(-1) ?? null
  );
}

/** What the open check runs on this head keep that was asked for before this was said: by then it was the head. */
function keptBefore(draft: Draft, forge: ForgeFacts | null, said: Said): readonly KeptChange[] {
  return gateRunsOf(draft, forge)
    .filter(({ state }) => state.status !== 'completed')
    .flatMap((run) => readChangeMark(run, run.name) ?? [])
    .filter(({ request }) => compareSaid(saidAt(request), said) < 0);
}

/**
 * The check run of a request that this override came after keeps neither it nor a later one. One that came before any request
 * is lost where no check run on this head keeps it, unless the head came later.
 */
export function lacksOverride(draft: Draft, forge: ForgeFacts, said: Said): boolean {
  const lacks = ({ overrides }: KeptChange): boolean => overrides.every(({ at }) => at < said.at);
  const before = keptBefore(draft, forge, said);
  if (before.length > 0) return before.every(lacks);
  const seen = (forge.checkRuns ?? []).filter(
    ({ commit, name }) => commit === draft.record.pull?.head && !name.startsWith(gateCheckName('')),
  );
  const isLater = seen.length > 0 && seen.every(({ startedAt }) => startedAt !== null && startedAt > said.at);
  return !isLater && gateRunsOf(draft, forge).every((run) => [readChangeMark(run, run.name) ?? []].flat().every(lacks));
}

/**
 * What was asked for then has ended, and we forgot that with an old backup of our state: its own check run, or a later one,
 * says so; that of another branch too, where it was asked for before it was retargeted.
 */
function hasEnded(draft: Draft, forge: ForgeFacts | null, at: number): boolean {
  const kept = keptSince(draft, forge);
  if (kept !== null && kept.at >= at) return kept.at > at;
  const own = allGateRuns(draft, forge).filter(
    ({ externalId }) => externalId.endsWith(`/${at}`) || externalId.includes(`/${at}.`),
  );
  return own.length > 0 && own.every(({ state }) => state.status === 'completed');
}

/** Asks for the landing of exactly one head (gate.md §2). */
function askToLand(draft: Draft, facts: PresubmitFacts, sender: CommandSender, wanted: string): Answer {
  const { pull, change } = draft.record;
  const why = whyNotMerge(sender);
  if (why !== null) return no(`Nothing was queued: ${why}.`);
  if (!pull || !change || change.head !== pull.head)
    return no('Nothing was queued: the head is not known yet. Please try again.');
  const line = `To ask for the present head:\n${gateLine(pull.head)}`;
  if (wanted !== '' && !isSha(wanted))
    return no(`Nothing was queued: ${inlineCode(wanted)} is not a full commit SHA. ${line}`);
  if (wanted !== '' && wanted !== pull.head)
    return no(`Nothing was queued: ${inlineCode(wanted)} is not the present head. ${line}`);
  // A bare one counts for the head that we knew when it was said (in whole seconds, rounded down), and only if that is still it.
  if (wanted === '' && (change.seenAt === undefined || change.seenAt >= sender.at))
    return no(
      `Nothing was queued: the head came after that was said, or at the same time, or the App did not see the pull request then. ${line}`,
    );
  if (hasEnded(draft, facts.forge, sender.at)) return yes;
  tell(draft, facts, toldBy(sender, 'gate', pull.head, ''), `gate ${pull.head} ${whoAndWhen(sender)}`);
  return yes;
}

/** One word of one person: of the same second, those of another comment are others. */
function whoAndWhen({ person, at, order = 0 }: CommandSender): string {
  return [person.id, at, ...(order === 0 ? [] : [order])].join(' ');
}

function toldBy(sender: CommandSender, command: GateCommand['command'], head: Sha | null, words: string): Told {
  const permission = sender.rights.known ? sender.rights.permission : 'unknown';
  return { command, head, by: sender.person, permission, ...saidAt(sender), words };
}

function say(
  draft: Draft,
  facts: PresubmitFacts,
  sender: CommandSender,
  command: GateCommand['command'],
  words: string,
): Answer {
  const head = draft.record.change?.head ?? null;
  tell(draft, facts, toldBy(sender, command, head, words), `${command} ${words} ${whoAndWhen(sender)}`);
  return yes;
}

/** A trusted person only: it holds others up. */
function hold(draft: Draft, facts: PresubmitFacts, sender: CommandSender, command: CommandLine): Answer {
  const trust = judgeTrust(sender.person, sender.rights, facts.trust);
  const isHold = command.word === 'hold';
  if (!trust.trusted) return no(`Nothing was ${isHold ? 'held' : 'let go'}: ${trust.because}.`);
  return say(draft, facts, sender, isHold ? 'hold' : 'unhold', command.rest.slice(0, 200));
}

function dequeue(draft: Draft, facts: PresubmitFacts, sender: CommandSender): Answer {
  const isAuthor = draft.record.pull?.author.id === sender.person.id;
  const why = isAuthor ? null : whyNotMerge(sender);
  if (why !== null) return no(`Nothing was taken out of the queue: ${why}.`);
  const { change } = draft.record;
  const { by, permission, ...rest } = toldBy(sender, 'dequeue', null, '');
  if (change) setChange(draft, { ...change, dequeued: { by, permission, ...saidAt(rest) } });
  return say(draft, facts, sender, 'dequeue', '');
}

function priority(draft: Draft, facts: PresubmitFacts, sender: CommandSender, lane: string): Answer {
  const why = whyNotMerge(sender);
  if (why !== null) return no(`Nothing was moved: ${why}.`);
  if (!['hotfix', 'normal', 'bulk'].includes(lane))
    return no(`Nothing was moved: ${inlineCode(lane)} is no lane; write \`/priority hotfix\`, \`normal\` or \`bulk\`.`);
  return say(draft, facts, sender, 'priority', lane);
}

function override(draft: Draft, facts: PresubmitFacts, sender: CommandSender, checks: readonly string[]): Answer {
  const why = whyNotMerge(sender, ['admin']);
  if (why !== null) return no(`Nothing was overridden: ${why}.`);
  if (checks.length === 0) return no('Nothing was overridden: name the check, as in `/override "build / linux"`.');
  // Void after a push (commands.md §3), however late the command is heard.
  const seenAt = draft.record.change?.seenAt ?? Number.POSITIVE_INFINITY;
  if (seenAt >= sender.at && keptBefore(draft, facts.forge, sender).length === 0)
    return no(
      'Nothing is overridden: that was said before the present head came, or before it was found again after a loss. If it is meant for the present head, please say it again.',
    );
  for (const check of checks) say(draft, facts, sender, 'override', check);
  return yes;
}

/** Carries out what is meant for the queue: who may is asked here, and again when it matters. Null: it is no such command. */
export function answerGateCommand(
  draft: Draft,
  facts: PresubmitFacts,
  sender: CommandSender,
  command: CommandLine,
): Answer | null {
  switch (command.word) {
    case 'gate':
      return askToLand(draft, facts, sender, command.args[0] ?? '');
    case 'dequeue':
      return dequeue(draft, facts, sender);
    case 'hold':
    case 'unhold':
      return hold(draft, facts, sender, command);
    case 'priority':
      return priority(draft, facts, sender, command.args[0] ?? '');
    case 'override':
      return override(draft, facts, sender, command.args);
    default:
      return null;
  }
}

/** Lets the queue know that something was heard of a change that it may hold. */
export function hintQueue(draft: Draft, facts: PresubmitFacts): void {
  // An operator asks the queue itself; the pull request hears of it beside.
  const isAsked = facts.inbox.some(({ detail }) => detail.kind === 'gate');
  if ((draft.record.gated !== true && !isAsked) || !facts.forge) return;
  for (const { delivery } of facts.inbox) tell(draft, facts, hint(facts.now), `hint ${delivery}`);
}

/** Makes the request that a check run of ours on the present head keeps again, under its own time. */
function askAgainAs(draft: Draft, facts: PresubmitFacts, run: ObservedCheckRun): void {
  const kept = readChangeMark(run, run.name);
  if (kept === null) return;
  const { by, permission, at, head } = kept.request;
  // One that was made green for the forge to merge, and may not have been merged, is told in a new one.
  const runs = (kept.runs ?? 0) + (run.state.status === 'completed' ? 1 : 0);
  const told = { head, by, permission, ...saidAt(kept.request), found: true, ...(runs === 0 ? {} : { runs }) };
  tell(draft, facts, { ...told, command: 'gate', words: '' }, `again ${head} ${at} ${facts.now}`);
  // A queue that lost the request lost what was said of it later, too.
  const taken = draft.record.change?.dequeued;
  if (taken !== undefined && compareSaid(saidAt(kept.request), saidAt(taken)) < 0)
    tell(draft, facts, { ...taken, head, command: 'dequeue', words: '' }, `out ${head} ${taken.at} ${facts.now}`);
  if (kept.lane !== 'normal')
    tell(draft, facts, { ...told, command: 'priority', words: kept.lane }, `lane ${head} ${at} ${facts.now}`);
  for (const { check, by: admin } of kept.overrides)
    tell(
      draft,
      facts,
      { ...told, by: admin, command: 'override', words: check },
      `override ${check} ${at} ${facts.now}`,
    );
}

/**
 * After a loss: the request that our own check run on this head keeps is made again, under its own time. That of a pull request
 * which is closed by now too: the queue says what became of it.
 */
export function restoreRequest(draft: Draft, facts: PresubmitFacts): void {
  for (const run of gateRunsOf(draft, facts.forge)) askAgainAs(draft, facts, run);
}

/**
 * What our own check run shows as asked for and not ended may be unknown to the queue, which an old backup was put back to:
 * it is made again, and a queue that knows it does nothing. Only where the check runs were read.
 */
export function repeatRequest(draft: Draft, facts: PresubmitFacts): void {
  if (!facts.forge?.checkRuns) return;
  for (const run of gateRunsOf(draft, facts.forge)) if (run.state.status !== 'completed') askAgainAs(draft, facts, run);
}
