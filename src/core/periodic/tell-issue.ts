import { definitionDigest } from '../../model/build.ts';
import type { IssueWish, ObservedIssue } from '../../model/issue.ts';
import type { Nightly, NightlyIssue } from '../../model/periodic.ts';
import type { PeriodicDraft, PeriodicFacts } from './facts.ts';
import { isClosedByUs, markOf, readMark } from './issue-mark.ts';
import { goneWords, greenWords, type IssueWords, redWords } from './issue-words.ts';

/** What one issue is to be, and whether it is open. */
type Words = IssueWords & Pick<IssueWish, 'isOpen'>;

export function toldOf({ title, body, isOpen }: Words): string {
  return definitionDigest([title, body, isOpen]);
}

/** After a loss: the issue that stands on the forge, and what its body kept of what was red or green. */
function takeFound(draft: PeriodicDraft, nightly: Nightly, found: ObservedIssue | null): Nightly {
  if (found === null) return { ...nightly, issue: null };
  const { number, isOpen } = found;
  const kept = readMark(found.body, nightly.key);
  const dismissed = !isOpen && kept?.kind === 'red';
  const known = { ...nightly, issue: { number, told: '', isOpen, dismissed } };
  if (kept?.kind === 'green') return { ...known, green: nightly.green ?? kept.run };
  if (kept === null || kept.streak.last.commit === nightly.green?.commit) return known;
  const { streak } = kept;
  const { green, red } = nightly;
  if (green !== null && green.at > streak.last.at) return { ...known, recovered: streak };
  if (red !== null && red.last.commit !== streak.last.commit)
    return { ...known, red: { ...streak, last: red.last, count: streak.count + 1 } };
  // It says all that is known, and more.
  const same = { ...known, red: streak };
  const told = toldOf({ ...redWords(draft.record, same, streak), isOpen: true });
  return { ...same, issue: { ...same.issue, told } };
}

/** What was written in this pass is known from now on. */
function takeWritten(nightly: Nightly, facts: PeriodicFacts): Nightly {
  const written = facts.written.get(nightly.key);
  if (written === undefined) return nightly;
  if (written === 'gone') return { ...nightly, issue: null };
  if (written === 'refused') return { ...nightly, issue: { number: 0, told: '', isOpen: false, dismissed: true } };
  const isOpen = nightly.red !== null;
  const { recovered: _closed, ...rest } = nightly;
  return { ...(isOpen ? nightly : rest), issue: { ...written, isOpen, dismissed: false } };
}

function wordsFor(draft: PeriodicDraft, nightly: Nightly, isGone: boolean): Words | null {
  const { red, issue, green } = nightly;
  const isOpen = issue !== null && issue !== 'unasked' && issue.isOpen;
  if (isGone) return isOpen ? { ...goneWords(draft.record, nightly), isOpen: false } : null;
  if (red !== null) return { ...redWords(draft.record, nightly, red), isOpen: true };
  return isOpen && green !== null ? { ...greenWords(draft.record, nightly), isOpen: false } : null;
}

/** One that a person closed meanwhile: it stays closed until the next failure after a success. */
function dismissedBy(nightly: Nightly, issue: NightlyIssue): Nightly {
  return { ...nightly, issue: { ...issue, isOpen: false, dismissed: nightly.red !== null } };
}

function tell(draft: PeriodicDraft, facts: PeriodicFacts, nightly: Nightly, words: Words): Nightly {
  const { key } = nightly;
  const issue = nightly.issue === 'unasked' ? null : nightly.issue;
  if (words.isOpen && issue?.dismissed) return nightly;
  if (issue?.told === toldOf(words)) return nightly;
  const found = facts.issues.get(key);
  if (found === undefined) {
    // However it was left: nothing is opened a second time, or against whoever closed it.
    draft.wants.issues.push(key);
    return nightly;
  }
  // What we did and could not note is no wish of a person.
  if (found !== null && !found.isOpen && issue?.isOpen && !isClosedByUs(found.body, key)) {
    draft.reasons.push(`#${found.number} was closed by a person, and stays so`);
    return dismissedBy(nightly, issue);
  }
  if (found === null && !words.isOpen) return { ...nightly, issue: null };
  draft.issues.push({ key, mark: markOf(key), number: found?.number ?? null, ...words });
  return nightly;
}

/**
 * Sees to the one issue of a nightly: opened by a failure after a success, edited by each further one, closed by the next success
 * or when the nightly is gone. Nothing is written that stands there already.
 */
export function tellIssue(
  draft: PeriodicDraft,
  facts: PeriodicFacts,
  given: Nightly,
  { isGone, shadow }: { readonly isGone: boolean; readonly shadow: boolean },
): Nightly {
  if (shadow) return given;
  let nightly = takeWritten(given, facts);
  if (nightly.issue === 'unasked') {
    const found = facts.issues.get(nightly.key);
    if (found === undefined) draft.wants.issues.push(nightly.key);
    if (found === undefined) return nightly;
    nightly = takeFound(draft, nightly, found);
  }
  const { issue, red } = nightly;
  // A success ends what a person wished of the failures before it.
  if (red === null && issue !== null && issue !== 'unasked' && issue.dismissed && nightly.green !== null)
    nightly = { ...nightly, issue: { ...issue, dismissed: false } };
  const words = wordsFor(draft, nightly, isGone);
  return words === null ? nightly : tell(draft, facts, nightly, words);
}
