import type { GateRequest } from '../../../model/gate-request.ts';
import type { Sha } from '../../../model/sha.ts';
import { type EntryQuestion, type Finding, heldUp, met, named, quoted, unmet } from './question.ts';

/** The label that keeps a change from landing; on the forge, so that it survives pushes and a lost Redis. */
export const holdLabel = 'sluice/hold';

/** The forge takes labels that differ in case only for one. */
export function isHeld(labels: readonly string[]): boolean {
  return labels.some((label) => label.toLowerCase() === holdLabel);
}

/** Permissions with which somebody may ask for a landing. */
export const mayMerge: ReadonlySet<string> = new Set(['write', 'maintain', 'admin']);

function askAgain(head: Sha): string {
  return `Somebody who may merge can write ${named(`/gate ${head}`)}.`;
}

function judgeOpen({ view: { pull }, branch }: EntryQuestion): Finding[] {
  if (pull.state === 'merged') return [unmet('merged', 'It is merged already: there is nothing left to land.')];
  if (pull.state === 'closed')
    return [unmet('closed', 'The pull request is closed. Open it again, then ask for its landing again.')];
  if (pull.baseRef !== branch) {
    const text = `It goes to ${named(pull.baseRef)} now, and this queue is that of ${named(branch)}. Ask for its landing there.`;
    return [unmet('retargeted', text)];
  }
  return [met('closed', `It is open and goes to ${named(branch)}.`)];
}

function judgeDraft({ view: { pull } }: EntryQuestion): Finding {
  return pull.draft
    ? unmet('draft', 'It is a draft. Mark it as ready for review.')
    : met('draft', 'It is not a draft.');
}

function judgeRequester({ by }: GateRequest, { rights }: EntryQuestion): Finding {
  if (!rights.known) {
    const text = `Whether ${named(by.login)}, who asked for it, may merge could not be read: ${quoted(rights.because)}. It is read again by itself.`;
    return heldUp('requester', text);
  }
  if (mayMerge.has(rights.permission))
    return met('requester', `${named(by.login)} asked for it and may merge (${rights.permission}).`);
  const has = rights.permission === 'none' ? 'no permission' : `only ${rights.permission} permission`;
  const text = `${named(by.login)}, who asked for it, has ${has} here. Somebody with write permission can ask with ${named('/gate')}.`;
  return unmet('requester', text);
}

function judgeHead(question: EntryQuestion): Finding[] {
  const { request } = question;
  const { head } = question.view.pull;
  if (request === null) return [unmet('not-asked', `Nobody asks for the landing of this head. ${askAgain(head)}`)];
  if (request.head !== head) {
    const text = `It was asked for at ${named(request.head)}, and the head is ${named(head)} now: what was pushed since was not asked for. ${askAgain(head)}`;
    return [unmet('head-moved', text)];
  }
  return [
    met('head-moved', `It was asked for at exactly this head, ${named(head)}.`),
    judgeRequester(request, question),
  ];
}

function judgeHold({ held }: EntryQuestion): Finding[] {
  return held ? [heldUp('held', `It is held. ${named('/unhold')} lets it go on.`)] : [];
}

/** With a green head, the forge itself would merge what is not yet tested on this ground (gate.md §4.4). */
function judgeAutoMerge({ view, settings }: EntryQuestion): Finding[] {
  if (settings.landing !== 'merge-endpoint' || !view.autoMerge) return [];
  const text =
    'Auto-merge is switched on: the forge could merge it as soon as its checks are green, untested. Switch auto-merge off.';
  return [heldUp('auto-merge', text)];
}

/** Open, not a draft, asked for at this exact head by somebody who may merge, not held. */
export function judgeRequest(question: EntryQuestion): Finding[] {
  return [
    ...judgeOpen(question),
    judgeDraft(question),
    ...judgeHead(question),
    ...judgeHold(question),
    ...judgeAutoMerge(question),
  ];
}
