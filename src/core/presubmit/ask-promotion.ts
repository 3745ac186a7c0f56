import { definitionDigest } from '../../model/build.ts';
import type { ForgeEvent } from '../../model/forge-event.ts';
import { subjectIdOf } from '../../model/subject.ts';
import type { CommandLine } from '../parse-commands.ts';
import type { Answer, CommandSender } from './answer-command.ts';
import { whyNotMerge } from './ask-gate.ts';
import { type Draft, owe } from './draft.ts';
import type { PresubmitFacts } from './facts.ts';

/**
 * `/promote` (commands.md §3): what waits for a registry that was away is tried again at once. Promotion itself goes by the
 * ledger and needs nobody's word. Null: it is another command.
 */
export function answerPromote(
  draft: Draft,
  facts: PresubmitFacts,
  sender: CommandSender,
  command: CommandLine,
): Answer | null {
  if (command.word !== 'promote') return null;
  const { project, number, pull } = draft.record;
  const why = whyNotMerge(sender);
  if (why !== null) return { accepted: false, text: `Nothing was promoted: ${why}.` };
  if (!pull || pull.state === 'open')
    return {
      accepted: false,
      text: 'Nothing was promoted: this has not landed yet; what lands is promoted by itself.',
    };
  const { id, owner, name, installation } = project;
  const queue = subjectIdOf({ kind: 'promote', repository: id, branch: pull.baseRef });
  const event: ForgeEvent = {
    delivery: `promote-${definitionDigest([queue, number, sender.person.id, sender.at])}`,
    name: 'promote.asked',
    installation,
    repository: { id, owner, name },
    sender: sender.person,
    receivedAt: facts.now,
    detail: { kind: 'promote', by: sender.person },
  };
  owe(draft, { id: `tell/${event.delivery}`, effect: { kind: 'tell', queue, event } });
  return { accepted: true, text: null };
}
