import type { Plan } from './cli/deps.ts';
import { type PresubmitFacts, plannedTree, treeKey } from './core/presubmit/facts.ts';
import { planPresubmit } from './core/presubmit/plan.ts';
import { emptyRecord } from './core/presubmit/take-facts.ts';
import { explainPromotion } from './core/promote/explain-promotion.ts';
import { factsOf, type LocalChange } from './local-change.ts';
import { decisionsOf } from './plan-decisions.ts';
import type { Source } from './ports/source.ts';

/** What the configuration itself makes worth saying: its mistakes, and jobs that only one side knows. */
function configNotes(facts: PresubmitFacts): readonly string[] {
  const { prepared } = facts;
  if (prepared?.merge.kind !== 'merged') return [];
  const config = facts.trees.get(treeKey(plannedTree(prepared, prepared.merge.tree)))?.config;
  if (config?.kind === 'usable') {
    const shadow =
      config.config.mode === 'shadow' ? ['Mode shadow: everything is reported neutral and blocks nothing'] : [];
    const promotion = explainPromotion(config.config);
    return [...shadow, ...config.notes, ...(promotion === null ? [] : [promotion])].map((note) => `${note}.`);
  }
  return (config?.problems ?? []).map(
    ({ file, line, column, message, hint }) =>
      `${file}:${line}:${column}: ${message}${hint === null ? '' : ` ${hint}`}`,
  );
}

/** The very pass that the server makes over a pull request, on a record that knows nothing yet. */
export async function planChange(
  source: Pick<Source, 'readText' | 'entries'>,
  change: LocalChange,
  now: number,
): Promise<Plan> {
  const facts = await factsOf(source, change, now);
  const plan = planPresubmit(emptyRecord(change.project, change.pull.number), facts);
  const decisions = decisionsOf(plan, facts);
  const replies = plan.effects.flatMap((effect) =>
    effect.kind === 'reply' ? [`The answer to ${effect.to.login} would be:\n${effect.text}`] : [],
  );
  const none = decisions.length === 0 ? ['No presubmit job is configured here.'] : [];
  return { decisions, notes: [...configNotes(facts), ...none, ...replies] };
}
