import type { Person } from '../../../model/person.ts';
import { pullRequestRules, readingOf, type Tally, tallyReviews } from './count-approvals.ts';
import { type EntryQuestion, type Finding, heldUp, met, named, namedList, unmet } from './question.ts';

function logins(people: readonly Person[]): string {
  return namedList(people.map(({ login }) => login));
}

const whyUncounted = {
  own: 'is the author',
  'pushed-last': 'pushed last',
  'older-head': 'approved an older head',
  'no-write': 'has no write permission',
} as const;

function uncountedNote({ uncounted }: Tally): string {
  const notes = uncounted.slice(0, 5).map(({ by, because }) => `${named(by.login)} ${whyUncounted[because]}`);
  return notes.length === 0 ? '' : ` Not counted: ${notes.join(', ')}.`;
}

function judgeObjections({ objecting, mayObject }: Tally): Finding[] {
  const found: Finding[] = [];
  if (objecting.length > 0) {
    const text = `Changes were requested by ${logins(objecting)}. They can approve it, or their review can be dismissed.`;
    found.push(unmet('changes-requested', text));
  }
  if (mayObject.length > 0) {
    const text = `Changes were requested by ${logins(mayObject)}, and whether they may write could not be read. It is read again by itself.`;
    found.push(heldUp('changes-requested', text));
  }
  return found;
}

function judgeNumber(question: EntryQuestion, tally: Tally): Finding[] {
  const rules = pullRequestRules(question.rules);
  const needed = Math.max(question.settings.approvals, ...rules.map(({ approvals }) => approvals));
  const { counted, unreadable } = tally;
  if (needed <= 0) return [];
  const have = `${counted.length} of ${needed} approvals`;
  const by = counted.length === 0 ? '' : ` (${logins(counted)})`;
  if (counted.length >= needed) return [met('approvals', `It has ${have}${by}.`)];
  if (counted.length + unreadable.length >= needed) {
    const text = `It has ${have}${by}; whether ${logins(unreadable)} may write could not be read. It is read again by itself.`;
    return [heldUp('approvals', text)];
  }
  const whose = 'Somebody with write permission who is not its author can approve exactly this head.';
  return [unmet('approvals', `It has ${have}${by}.${uncountedNote(tally)} ${whose}`)];
}

function judgeLastPush({ view, rules }: EntryQuestion): Finding[] {
  if (!pullRequestRules(rules).some(({ lastPushApproval }) => lastPushApproval)) return [];
  const { lastPusher } = view;
  if (lastPusher === null) {
    const text =
      'Who pushed last could not be read, and somebody else must approve that push. It is read again by itself.';
    return [heldUp('last-push', text)];
  }
  const { counted, unreadable } = tallyReviews(view, { exactHead: true, othersThanPusher: true });
  const who = named(lastPusher.login);
  if (counted.length > 0) return [met('last-push', `The last push, by ${who}, is approved by ${logins(counted)}.`)];
  if (unreadable.length > 0) {
    const text = `The last push, by ${who}, is approved by ${logins(unreadable)}, and whether they may write could not be read. It is read again by itself.`;
    return [heldUp('last-push', text)];
  }
  const text = `The last push was by ${who}. Somebody else with write permission, who is not the author, can approve exactly this head.`;
  return [unmet('last-push', text)];
}

function judgeCodeOwners({ view, rules }: EntryQuestion): Finding[] {
  if (!pullRequestRules(rules).some(({ codeOwner }) => codeOwner)) return [];
  if (view.codeOwnersApproved === null) {
    const text =
      'Code owners must approve it, and the forge does not say whether they have. It is read again by itself.';
    return [heldUp('code-owners', text)];
  }
  return view.codeOwnersApproved
    ? [met('code-owners', 'Its code owners have approved it.')]
    : [unmet('code-owners', 'Its code owners must approve it. Ask one of them for a review.')];
}

function judgeThreads({ view, rules }: EntryQuestion): Finding[] {
  if (!pullRequestRules(rules).some(({ threads }) => threads)) return [];
  const { unresolved } = view;
  if (unresolved === null) {
    const text =
      'Every conversation must be resolved, and they could not be counted. They are counted again by themselves.';
    return [heldUp('threads', text)];
  }
  if (unresolved === 0) return [met('threads', 'Every conversation is resolved.')];
  const count = unresolved === 1 ? 'One conversation is' : `${unresolved} conversations are`;
  return [heldUp('threads', `${count} not resolved. Answer and resolve what is open.`)];
}

/** Reviews, as the branch's rules and the project's settings ask for them; of several demands the highest counts. */
export function judgeApprovals(question: EntryQuestion): Finding[] {
  const tally = tallyReviews(question.view, readingOf(question.settings, question.rules));
  return [
    ...judgeObjections(tally),
    ...judgeNumber(question, tally),
    ...judgeLastPush(question),
    ...judgeCodeOwners(question),
    ...judgeThreads(question),
  ];
}
