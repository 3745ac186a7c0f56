import { isStartNews } from '../core/presubmit/advance-build.ts';
import { inlineCode } from '../core/text/safe-markdown.ts';
import type { BuildId } from '../model/build.ts';
import type { Effect } from '../model/effect.ts';
import type { BuildOrder } from '../model/order.ts';
import type { StartOutcome } from '../model/pod.ts';
import type { PresubmitRecord } from '../model/presubmit.ts';
import { fullName, type Project } from '../model/project.ts';
import type { ReportOrigin } from '../ports/reporter.ts';
import type { AppContext } from './context.ts';
import { secretsFor, whyNotWritten } from './give-secrets.ts';

/** What came of the effects that the record must learn of. */
export interface Performed {
  readonly starts: ReadonlyMap<BuildId, StartOutcome>;
  /** Ids of the record's outbox that reached the forge. */
  readonly sent: ReadonlySet<string>;
  /** A start had an outcome that must be learnt at once. */
  readonly news: boolean;
}

export const nothingPerformed: Performed = { starts: new Map(), sent: new Set(), news: false };

async function startBuild(context: AppContext, order: BuildOrder): Promise<StartOutcome> {
  const because = context.settings.whyNotRender(order);
  if (because !== null) return { kind: 'refused', because, fault: 'change' };
  // Not the change's fault, and no other attempt would do better.
  const unbound = whyNotWritten(context, order);
  if (unbound !== null) return { kind: 'refused', because: unbound };
  const manifest = context.settings.renderPod(order);
  return inMarkdown(await context.ports.executor.start(manifest, await secretsFor(context, order, manifest)));
}

/** A cluster says why in words of its own and of its operator, and may repeat the author's: none of them is markup (intake A21). */
export function inMarkdown(outcome: StartOutcome): StartOutcome {
  return 'because' in outcome ? { ...outcome, because: inlineCode(outcome.because) } : outcome;
}

/** Carries one effect out; gives what came of a start. */
export async function performOne(
  context: AppContext,
  project: Project,
  number: number,
  effect: Effect,
  origin: ReportOrigin,
): Promise<StartOutcome | null> {
  const { executor, forge, intake, reporter, signals } = context.ports;
  switch (effect.kind) {
    case 'start':
      return startBuild(context, effect.order);
    case 'stop':
      await executor.stop(effect.build);
      return null;
    case 'remove':
      await executor.remove(effect.build);
      return null;
    case 'report':
      await reporter.want(project, effect.report, origin);
      return null;
    case 'tell':
      await intake.accept(effect.event, [effect.queue]);
      await signals.wake(effect.queue);
      return null;
    case 'reply':
      await forge.reply(project, number, effect.to, effect.text);
      return null;
    case 'react':
      await forge.react(project, number, effect.comment, effect.reaction);
      return null;
  }
}

/** One line for the history and the log. */
export function describeEffect(effect: Effect): string {
  switch (effect.kind) {
    case 'start':
      return `start ${effect.order.build.id}`;
    case 'stop':
    case 'remove':
      return `${effect.kind} ${effect.build}`;
    case 'report':
      return `report ${effect.report.name}: ${effect.report.title}`;
    case 'tell':
      return `tell ${effect.queue}: ${effect.event.name}`;
    case 'reply':
      return `reply to ${effect.to.login}`;
    case 'react':
      return `react to ${effect.comment.source} ${effect.comment.id}`;
  }
}

function buildOf(effect: Effect): { readonly build?: BuildId } {
  if (effect.kind === 'start') return { build: effect.order.build.id };
  return effect.kind === 'stop' || effect.kind === 'remove' ? { build: effect.build } : {};
}

async function attempt(
  context: AppContext,
  record: PresubmitRecord,
  effect: Effect,
  origin: ReportOrigin,
): Promise<StartOutcome | 'done' | 'failed'> {
  const { log } = context.ports;
  const { project, number } = record;
  const told = { repository: fullName(project), number, effect: describeEffect(effect) };
  const fields = { subject: origin.subject, delivery: origin.deliveries, ...buildOf(effect), ...told };
  try {
    const outcome = await performOne(context, project, number, effect, origin);
    if (effect.kind !== 'report') log.info({ ...fields, ...(outcome ?? {}) }, 'effect performed');
    return outcome ?? 'done';
  } catch (cause) {
    log.warn({ ...fields, err: cause }, 'effect failed');
    const because = cause instanceof Error ? cause.message : 'unknown error';
    return effect.kind === 'start' ? inMarkdown({ kind: 'unavailable', because }) : 'failed';
  }
}

/** Starting a pod takes a second on some executors: a few at a time, so that a change with many images need not wait. */
const atOnce = 4;

/** Carries effects out, each on its own: one that fails is asked for again by a later pass. */
export async function performEffects(
  context: AppContext,
  record: PresubmitRecord,
  effects: readonly Effect[],
  origin: ReportOrigin,
): Promise<Performed> {
  const starts = new Map<BuildId, StartOutcome>();
  const sent = new Set<string>();
  let news = false;
  const perform = async (effect: Effect): Promise<void> => {
    const outcome = await attempt(context, record, effect, origin);
    if (effect.kind === 'start' && typeof outcome === 'object') {
      starts.set(effect.order.build.id, outcome);
      news ||= isStartNews(effect.order, outcome);
    }
    const owed = record.outbox.find((answering) => answering.effect === effect);
    if (owed && outcome === 'done') sent.add(owed.id);
  };
  const performAll = async (some: readonly Effect[]): Promise<void> => {
    const waiting = [...some];
    const worker = async (): Promise<void> => {
      for (let effect = waiting.shift(); effect !== undefined; effect = waiting.shift()) await perform(effect);
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, some.length) }, worker));
  };
  // What people wait for first.
  await performAll(effects.filter(({ kind }) => kind === 'start'));
  await performAll(effects.filter(({ kind }) => kind !== 'start'));
  const touchesPods = effects.some(({ kind }) => kind === 'start' || kind === 'stop' || kind === 'remove');
  if (touchesPods) context.pods.outdate();
  return { starts, sent, news };
}
