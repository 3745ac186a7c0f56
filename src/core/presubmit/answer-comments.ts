import type { Rights } from '../../model/person.ts';
import { type Comment, commentKey } from '../../model/pull-request.ts';
import { gateCheckName } from '../gate/report-candidate.ts';
import { compareSaid, type Said } from '../gate/said-order.ts';
import { type ParsedComment, parseCommands } from '../parse-commands.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { type Answer, answerCommand, type CommandSender } from './answer-command.ts';
import { keptSince, lacksOverride } from './ask-gate.ts';
import { type Draft, owe, oweReply } from './draft.ts';
import type { ForgeFacts, PresubmitFacts } from './facts.ts';
import { settingsUnread } from './standing.ts';

/** More than the commands of any comment. */
const mostLines = 32;

/** How many comments are known by key besides those that the forge still shows us. */
const kept = 200;

function isCommandSource(comment: Comment, facts: ForgeFacts, trustedApps: readonly number[]): boolean {
  // Never from edits, our own words, or bots that nobody listed (commands.md §3).
  if (comment.ours || comment.edited) return false;
  if (facts.pull?.state !== 'open' && !asksOnlyFor(comment, 'promote')) return false;
  return comment.author.kind === 'user' || trustedApps.includes(comment.author.id);
}

/** True when a comment holds something that must be answered, so that its author's rights are worth reading. */
export function holdsCommands(comment: Comment): boolean {
  if (comment.ours || comment.edited) return false;
  const parsed = parseCommands(comment.text);
  return parsed.commands.length + parsed.refused.length > 0;
}

function answerAll(
  draft: Draft,
  facts: PresubmitFacts,
  senderOf: (line: number) => CommandSender,
  parsed: ParsedComment,
): Answer[] {
  const refused = parsed.refused.map(
    ({ line, because }): Answer => ({ accepted: false, text: `${inlineCode(line)}: ${because}.` }),
  );
  return [...parsed.commands.map((command, line) => answerCommand(draft, facts, senderOf(line), command)), ...refused];
}

function markHandled(draft: Draft, comment: Comment): void {
  const { since, handled } = draft.record.comments;
  const next = [...handled.filter((key) => key !== commentKey(comment)), commentKey(comment)];
  draft.record = { ...draft.record, comments: { since: Math.max(since, comment.createdAt), handled: next } };
}

function answerComment(draft: Draft, facts: PresubmitFacts, comment: Comment, rights: Rights): void {
  const senderOf = (line: number): CommandSender => ({ person: comment.author, rights, ...saidIn(comment, line) });
  const answers = answerAll(draft, facts, senderOf, parseCommands(comment.text));
  const texts = new Set(answers.map((answer) => answer.text).filter((text) => text !== null));
  const key = commentKey(comment);
  if (texts.size > 0) oweReply(draft, comment.author, [...texts].join('\n\n'));
  const reaction = answers.some((answer) => answer.accepted) ? '+1' : 'eyes';
  owe(draft, {
    id: `react/${key}`,
    effect: { kind: 'react', comment: { source: comment.source, id: comment.id }, reaction },
  });
}

/** A bot's comment while it is not known which bots are listed: it is looked at again. */
function mayBeListed(comment: Comment, facts: PresubmitFacts): boolean {
  return comment.author.kind === 'bot' && holdsCommands(comment) && settingsUnread(facts) !== null;
}

/** True where it holds one of these commands, whoever wrote it. */
export function asksFor(comment: Comment, ...words: readonly string[]): boolean {
  return parseCommands(comment.text).commands.some(({ word }) => words.includes(word));
}

/** True where every command in it is this one: it has a meaning where the others have none any more. */
function asksOnlyFor(comment: Comment, word: string): boolean {
  const { commands, refused } = parseCommands(comment.text);
  return refused.length === 0 && commands.length > 0 && commands.every((command) => command.word === word);
}

/** When its commands were said; those of one comment, which are answered in turn, stand `line` apart. */
function saidIn({ createdAt, id }: Comment, line = 0): Said {
  return { at: createdAt, order: id * mostLines + line };
}

/** Somebody asked for its landing, or took it out, after this comment. */
function isSaidLater({ comments }: ForgeFacts, comment: Comment): boolean {
  return comments.some(
    (other) => !other.ours && compareSaid(saidIn(other), saidIn(comment)) > 0 && asksFor(other, 'gate', 'dequeue'),
  );
}

/**
 * A landing that was asked for and answered, of which nothing stands on the forge but our reaction: all was lost before its
 * check run was there to keep it. It is answered again.
 */
function isLostRequest(draft: Draft, forge: ForgeFacts, comment: Comment): boolean {
  const { pull } = draft.record;
  if (!pull || !asksFor(comment, 'gate')) return false;
  // One for another branch too: it was asked for there, before it was retargeted.
  const ofGate = gateCheckName('');
  const isKept = (forge.checkRuns ?? []).some(({ commit, name }) => commit === pull.head && name.startsWith(ofGate));
  return !isKept && !isSaidLater(forge, comment);
}

/** The same of a word that takes it out: the check run on this head still keeps the request, as if it had never been said. */
function isLostDequeue(draft: Draft, forge: ForgeFacts, comment: Comment): boolean {
  if (!asksFor(comment, 'dequeue') || isSaidLater(forge, comment)) return false;
  const kept = keptSince(draft, forge);
  return kept !== null && compareSaid(kept, saidIn(comment)) <= 0;
}

/** The same of a word that lets a check pass: the check run of the request that it was said of keeps none. */
function isLostOverride(draft: Draft, forge: ForgeFacts, comment: Comment): boolean {
  return asksFor(comment, 'override') && lacksOverride(draft, forge, saidIn(comment));
}

/** Everything was lost before what was answered stood on the forge. */
function isLost(draft: Draft, forge: ForgeFacts, comment: Comment): boolean {
  return [isLostRequest, isLostDequeue, isLostOverride].some((ask) => ask(draft, forge, comment));
}

/** Answers every comment that was not looked at before, oldest first, each exactly once. */
export function answerComments(draft: Draft, facts: PresubmitFacts): void {
  const { forge } = facts;
  if (!forge?.pull) return;
  for (const comment of forge.comments) {
    const key = commentKey(comment);
    if (draft.record.comments.handled.includes(key) || mayBeListed(comment, facts)) continue;
    const isAgain = forge.reacted.has(key) && isLost(draft, forge, comment);
    if (isAgain && forge.checkRuns === null) continue;
    markHandled(draft, comment);
    if (
      (forge.reacted.has(key) && !isAgain) ||
      !isCommandSource(comment, forge, facts.trust.trustedApps) ||
      !holdsCommands(comment)
    )
      continue;
    const rights = forge.rights.get(comment.author.id) ?? { known: false, because: 'they were not read' };
    answerComment(draft, facts, comment, rights);
  }
  forgetOld(draft, forge);
}

/** A key may go only once its comment is not shown any more, however many there are: else it would be answered again. */
function forgetOld(draft: Draft, forge: ForgeFacts): void {
  const { comments } = draft.record;
  const shown = new Set(forge.comments.map(commentKey));
  const old = comments.handled.filter((key) => !shown.has(key)).slice(-kept);
  const handled = [...old, ...comments.handled.filter((key) => shown.has(key))];
  draft.record = { ...draft.record, comments: { ...comments, handled } };
}
