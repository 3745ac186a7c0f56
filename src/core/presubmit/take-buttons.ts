import type { ForgeEvent } from '../../model/forge-event.ts';
import { gateCheckName } from '../gate/report-candidate.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { type Answer, answerCommand, approve, type CommandSender } from './answer-command.ts';
import { type Draft, oweReply } from './draft.ts';
import type { PresubmitFacts } from './facts.ts';

type Button = Extract<ForgeEvent['detail'], { kind: 'check-button' }>;

/** On the gate's check it asks for the landing of the head that the check is on. */
function askAgain(draft: Draft, facts: PresubmitFacts, sender: CommandSender, { check, head }: Button): Answer {
  const baseRef = draft.record.pull?.baseRef ?? '';
  if (check === gateCheckName(baseRef))
    return answerCommand(draft, facts, sender, { word: 'gate', args: [head], rest: '' });
  const text = `Nothing was queued: this change goes to ${inlineCode(baseRef)} now. Comment \`/gate ${head}\` to ask for its landing there.`;
  return { accepted: false, text };
}

function press(draft: Draft, facts: PresubmitFacts, sender: CommandSender, button: Button): Answer {
  const head = draft.record.change?.head;
  if (button.head !== head) {
    return {
      accepted: false,
      text: `Nothing was started: ${inlineCode(button.head.slice(0, 12))} is not the present head any more.`,
    };
  }
  if (button.button === 'rerun-all') return answerCommand(draft, facts, sender, { word: 'retest', args: [], rest: '' });
  if (button.button === 'rerun' && button.check.startsWith(gateCheckName('')))
    return askAgain(draft, facts, sender, button);
  if (button.button === 'rerun' && button.check === 'sluice/version')
    return { accepted: false, text: 'Nothing was started: `sluice/version` only tells what merging would do.' };
  if (button.button === 'rerun') {
    const args = button.check === 'sluice' ? ['all'] : [button.check];
    return answerCommand(draft, facts, sender, { word: 'test', args, rest: '' });
  }
  // The head of the check run on which it was pressed is the approved one (commands.md §2).
  if (button.identifier === 'approve') return approve(draft, facts, sender, button.head);
  if (button.identifier === 'dequeue')
    return answerCommand(draft, facts, sender, { word: 'dequeue', args: [], rest: '' });
  if (button.identifier === 'cancel')
    return answerCommand(draft, facts, sender, { word: 'cancel', args: [button.check], rest: '' });
  return { accepted: false, text: `The button ${inlineCode(button.identifier ?? '')} does nothing yet.` };
}

/** Does what people pressed on our check runs, by the same rules as the commands; the answer to a refusal is a reply. */
export function takeButtons(draft: Draft, facts: PresubmitFacts): void {
  const { forge } = facts;
  if (!forge?.pull) return;
  for (const event of facts.inbox) {
    if (event.detail.kind !== 'check-button' || !event.sender) continue;
    const rights = forge.rights.get(event.sender.id) ?? { known: false, because: 'they were not read' };
    const answer = press(draft, facts, { person: event.sender, rights, at: event.receivedAt }, event.detail);
    if (answer.accepted || answer.text === null) continue;
    oweReply(draft, event.sender, answer.text);
  }
}
