import { gateCheckName } from '../gate/report-candidate.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import type { Draft } from './draft.ts';
import type { PresubmitFacts } from './facts.ts';

/**
 * What the queue says of the present head, in the words of the gate's own check run there: place, what it is tested with, what
 * is missing, or what became of it. Null: nobody looked.
 */
export function explainQueue({ record }: Pick<Draft, 'record'>, { forge }: PresubmitFacts): string | null {
  const { pull, gated } = record;
  const runs = forge?.gateRuns;
  if (!pull || !runs) return null;
  const name = gateCheckName(pull.baseRef);
  const newest = runs
    .filter((run) => run.name === name && run.commit === pull.head)
    .reduce<(typeof runs)[number] | null>((last, run) => (last === null || run.id > last.id ? run : last), null);
  if (newest !== null) return `${inlineCode(name)}: **${newest.title}**\n\n${newest.summary}`.trimEnd();
  return gated === true
    ? `${inlineCode(name)} says nothing of this head: comment \`/gate\` to ask for its landing; where somebody just did, ask again in a moment.`
    : 'Nobody has asked for its landing: somebody who may merge does so by `/gate`.';
}
