import { describeKnobs, kindOf } from './knobs.ts';
import type { Product } from './product.ts';
import { shrink } from './shrink.ts';
import { describeAction } from './story.ts';
import { type Outcome, type Plan, playWorld } from './world.ts';

const lastLines = 40;

function linesOf(plan: Plan, outcome: Outcome): string[] {
  const faults = [...outcome.happened].map(([where, fate]) => `  ${where}: ${fate}`);
  return [
    `knobs: ${describeKnobs(plan.knobs)}`,
    'story:',
    ...plan.story.map((action) => `  ${describeAction(action)}`),
    ...(faults.length > 0 ? ['calls that failed:', ...faults] : []),
    `the last ${lastLines} of ${outcome.trace.length} lines of the trace:`,
    ...outcome.trace.slice(-lastLines).map((line) => `  ${line.slice(0, 300)}`),
  ];
}

/** What went wrong in this world, as short as it can be told, and how to see it again. */
export async function tellStory(plan: Plan, product: Product): Promise<string> {
  const { violation } = await playWorld(plan, product);
  if (!violation) return `seed ${plan.knobs.seed}: nothing is wrong`;
  const small = await shrink(plan, product, violation.invariant);
  const outcome = await playWorld(small, product, true);
  const found = outcome.violation ?? violation;
  return [
    `seed ${plan.knobs.seed} breaks ${found.invariant} after ${Math.round(found.at / 1000)} s: ${found.what}`,
    `all knobs: ${describeKnobs(plan.knobs)}`,
    ...linesOf(small, outcome),
    `again: node test/simulation/soak.ts --worlds 1 --kind ${kindOf(plan.knobs)} --seed ${plan.knobs.seed}`,
  ].join('\n');
}
