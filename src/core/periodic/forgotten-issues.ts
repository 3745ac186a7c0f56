import type { IssueWish, OpenIssue } from '../../model/issue.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { keyOfIssue, markOf, writeMark } from './issue-mark.ts';
import type { WantedNightly } from './nightlies-of.ts';

/**
 * What is to be written into our open issues of nightlies that the file does not name any more, where all that was known of them
 * is lost: closed with the reason; what they said stays. Should such a nightly come back, it begins as one that never failed.
 */
export function forgottenIssues(
  branch: string,
  wanted: readonly Pick<WantedNightly, 'key'>[],
  open: readonly OpenIssue[],
): readonly IssueWish[] {
  const known = new Set(wanted.map(({ key }) => key));
  return open.flatMap(({ number, title, body }): IssueWish[] => {
    const key = keyOfIssue(body);
    if (key === null || known.has(key)) return [];
    const said = body.slice(0, body.lastIndexOf(markOf(key))).trimEnd();
    const note = `It is not in the file of ${inlineCode(branch)} any more: nothing runs, and this issue is closed.`;
    const told = [said, note, writeMark({ key, red: null, green: null })].join('\n\n');
    return [{ mark: markOf(key), number, title, body: told, isOpen: false }];
  });
}
