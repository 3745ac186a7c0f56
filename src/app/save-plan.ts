import { pickStarts } from '../core/line/order-line.ts';
import type { PresubmitFacts } from '../core/presubmit/facts.ts';
import { lineEntries, type PresubmitPlan, planPresubmit } from '../core/presubmit/plan.ts';
import type { PresubmitRecord } from '../model/presubmit.ts';
import type { SubjectId } from '../model/subject.ts';
import type { SaveRequest } from '../ports/store.ts';
import type { AppContext } from './context.ts';
import type { Dispatcher } from './dispatch.ts';
import { linesBeside } from './lines-beside.ts';
import { describeEffect } from './perform.ts';
import { isLineWhole } from './restore-line.ts';
import { whoIsOff } from './why-off.ts';

/** A plan, what it was made from, and where it is to be saved. */
export interface Planned {
  readonly id: SubjectId;
  readonly before: PresubmitRecord;
  /** The version that was loaded. */
  readonly expected: number;
  readonly facts: PresubmitFacts;
  readonly plan: PresubmitPlan;
  /** Deliveries that it takes up. */
  readonly taken: readonly string[];
}

async function save(
  context: AppContext,
  planned: Planned,
  line: SaveRequest['line'] | null = null,
): Promise<'saved' | 'conflict'> {
  const { documents, clock, log } = context.ports;
  const { id, expected, plan, taken } = planned;
  const told = plan.effects.filter((effect) => effect.kind !== 'report').map(describeEffect);
  const worthTelling = plan.reasons.length + told.length > 0;
  const saved = await documents.save({
    subject: id,
    expected,
    document: plan.record,
    index: { line: plan.line, wakeAt: plan.wakeAt, settled: plan.settled },
    decision: worthTelling ? { at: clock.now(), reasons: plan.reasons, effects: told } : null,
    taken,
    ...(line ? { line } : {}),
  });
  if (saved === 'saved' && plan.reasons.length + taken.length > 0)
    log.info({ subject: id, delivery: taken, reasons: plan.reasons, effects: told }, 'decided');
  return saved;
}

/** Pools in whose line something of this subject came, went or changed. */
function touchedPools({ before, plan }: Planned): readonly string[] {
  const was = new Map(lineEntries(before).map((entry) => [entry.build, entry]));
  const is = new Map(plan.line.map((entry) => [entry.build, entry]));
  const changed = [...was.values(), ...is.values()].filter(
    ({ build, pool }) => was.get(build)?.state !== is.get(build)?.state || was.get(build)?.pool !== pool,
  );
  return [...new Set(changed.map(({ pool }) => pool))];
}

/** The plan that follows when builds of it have slots: what they need to start was looked at a moment ago. Null: none has. */
function planOn(context: AppContext, planned: Planned, line: PresubmitFacts['line']): Planned | null {
  const { facts, plan } = planned;
  const isNews = [...line].some(([build, { granted }]) => granted && facts.line.get(build)?.granted !== true);
  if (!isNews || !facts.forge) return null;
  const news = { ...facts, now: context.ports.clock.now(), line, inbox: [] };
  return { ...planned, before: plan.record, facts: news, plan: planPresubmit(plan.record, news) };
}

/** One plan for both steps: what the first asks of the world, the second asks again. */
function joined(first: Planned, second: Planned): Planned {
  const { plan } = second;
  return { ...second, plan: { ...plan, reasons: [...first.plan.reasons, ...plan.reasons] } };
}

/** The one pool in which this plan wants something new; null: there is none, or its start needs another look. */
function poolToStartIn(planned: Planned): string | null {
  const [pool, second] = touchedPools(planned);
  const wants = planned.plan.line.some(({ state }) => state === 'waiting');
  return pool !== undefined && second === undefined && wants && planned.facts.forge !== null ? pool : null;
}

/**
 * Where what a plan newly wants would get a slot right away, both are saved as one, on the line as it was seen. Null: that
 * is not so, or the line changed meanwhile, and nothing was saved.
 */
async function saveStarted(context: AppContext, planned: Planned, pool: string): Promise<Planned | null> {
  const { id, facts, plan } = planned;
  const wanted = plan.line.filter(({ state }) => state === 'waiting');
  // What is saved is compared with one line alone.
  if ((await linesBeside(context, pool)).length > 0) return null;
  const { version, entries } = await context.ports.line.read(pool);
  if (!(await isLineWhole(context))) return null;
  const others = entries.filter(({ subject }) => subject !== id);
  const own = plan.line.filter((entry) => entry.pool === pool).map((entry) => ({ ...entry, subject: id }));
  const starts = new Set(pickStarts([...others, ...own], context.settings.limits, await whoIsOff(context)));
  const line = new Map(facts.line);
  for (const { build } of wanted) if (starts.has(build)) line.set(build, { granted: true, ahead: 0 });
  const next = planOn(context, planned, line);
  if (next === null) return null;
  const both = joined(planned, next);
  return (await save(context, both, { pool, version })) === 'saved' ? both : null;
}

/** Saves the plan, has the lines served that it changed, and saves what follows from that. */
async function saveThenStart(context: AppContext, dispatcher: Dispatcher, planned: Planned): Promise<Planned | null> {
  if ((await save(context, planned)) === 'conflict') return null;
  const line = new Map(planned.facts.line);
  for (const pool of touchedPools(planned)) {
    const held = await dispatcher.serve(pool, planned.id);
    for (const { build } of planned.plan.line) if (held.has(build)) line.set(build, { granted: true, ahead: 0 });
  }
  const next = planOn(context, planned, line);
  if (next === null) return planned;
  const follows = { ...next, expected: planned.expected + 1, taken: [] };
  return (await save(context, follows)) === 'saved' ? follows : null;
}

/**
 * Saves a plan, and in the same pass the start of what it wanted where there are slots for it. Gives what is to be
 * performed; null: another worker was faster, and everything is to be looked at again.
 */
export async function savePlan(context: AppContext, dispatcher: Dispatcher, planned: Planned): Promise<Planned | null> {
  const pool = poolToStartIn(planned);
  const started = pool === null ? null : await dispatcher.alone(() => saveStarted(context, planned, pool));
  return started ?? saveThenStart(context, dispatcher, planned);
}
