import { isStartNews } from '../../core/presubmit/advance-build.ts';
import type { BuildId } from '../../model/build.ts';
import type { GateEffect } from '../../model/gate-effect.ts';
import type { LandingAnswer, LandingOutcome } from '../../model/landing.ts';
import type { StartOutcome } from '../../model/pod.ts';
import { fullName } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { MergeEndpointOutcome } from '../../ports/gate-forge.ts';
import type { ReportOrigin } from '../../ports/reporter.ts';
import type { AppContext } from '../context.ts';
import { describeEffect, inMarkdown, performOne } from '../perform.ts';
import type { QueueOutcomes } from './observe-queue.ts';

/** One line for the history and the log. */
export function describeGateEffect(effect: GateEffect): string {
  switch (effect.kind) {
    case 'on':
      return `#${effect.number}: ${describeEffect(effect.effect)}`;
    case 'publish':
      return `publish ${effect.commits.map((commit) => commit.slice(0, 12)).join(', ')}`;
    case 'land':
      return `land #${effect.number} as ${effect.push.to.slice(0, 12)}`;
    case 'merge':
      return `have #${effect.number} merged by the forge`;
    case 'append':
      return `write ${effect.entry.detail.kind} into the ledger`;
    case 'label':
      return `${effect.present ? 'put on' : 'take off'} the label ${effect.label} of #${effect.number}`;
    case 'close':
      return `close #${effect.number}`;
  }
}

type Came = StartOutcome | LandingOutcome | MergeEndpointOutcome | 'done' | 'failed';

async function perform(context: AppContext, effect: GateEffect, origin: ReportOrigin): Promise<Came> {
  const { landing, gateForge } = context.ports;
  switch (effect.kind) {
    case 'on':
      return (await performOne(context, effect.project, effect.number, effect.effect, origin)) ?? 'done';
    case 'publish':
      await landing.publish(effect.project, effect.commits);
      return 'done';
    case 'land':
      return landing.land(effect.project, effect.push);
    case 'merge': {
      const { project, number, head, method, message } = effect;
      return gateForge.merge(project, number, head, method, message);
    }
    case 'append':
      return landing.append(effect.project, effect.ledger, effect.entry);
    case 'label':
      await gateForge.setLabel(effect.project, effect.number, effect.label, effect.present);
      return 'done';
    case 'close':
      await gateForge.close(effect.project, effect.number);
      return 'done';
  }
}

async function attempt(context: AppContext, effect: GateEffect, origin: ReportOrigin): Promise<Came> {
  const { log } = context.ports;
  const fields = {
    subject: origin.subject,
    delivery: origin.deliveries,
    repository: fullName(effect.project),
    effect: describeGateEffect(effect),
  };
  try {
    const came = await perform(context, effect, origin);
    const isQuiet = effect.kind === 'on' && effect.effect.kind === 'report';
    if (!isQuiet) log.info({ ...fields, ...(typeof came === 'object' ? came : {}) }, 'effect performed');
    return came;
  } catch (cause) {
    log.warn({ ...fields, err: cause }, 'effect failed');
    const because = cause instanceof Error ? cause.message : 'unknown error';
    if (effect.kind === 'land' || effect.kind === 'merge') return { kind: 'unknown', because };
    return effect.kind === 'on' && effect.effect.kind === 'start'
      ? inMarkdown({ kind: 'unavailable', because })
      : 'failed';
  }
}

/** What goes first: what somebody waits for. Landing is never queued behind other writes (gate.md §4.3). */
const order: readonly GateEffect['kind'][] = ['land', 'merge', 'append', 'publish', 'on', 'label', 'close'];

/** Carries a queue's effects out, each on its own; one that fails is asked for again by a later pass. */
export async function performQueue(
  context: AppContext,
  effects: readonly GateEffect[],
  origin: ReportOrigin,
): Promise<QueueOutcomes & { readonly learnt: boolean }> {
  const starts = new Map<BuildId, StartOutcome>();
  const published = new Set<Sha>();
  let landing: LandingAnswer | null = null;
  let learnt = false;
  const sorted = [...effects].sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind));
  for (const effect of sorted) {
    const came = await attempt(context, effect, origin);
    if (effect.kind === 'publish' && came === 'done') for (const commit of effect.commits) published.add(commit);
    if (effect.kind === 'land' && typeof came === 'object')
      landing = { commit: effect.push.to, outcome: came as LandingOutcome };
    if (effect.kind === 'merge' && typeof came === 'object')
      landing = { commit: effect.candidate, outcome: came as MergeEndpointOutcome };
    if (effect.kind === 'on' && effect.effect.kind === 'start' && typeof came === 'object') {
      starts.set(effect.effect.order.build.id, came as StartOutcome);
      learnt ||= isStartNews(effect.effect.order, came as StartOutcome);
    }
    const isNews =
      effect.kind === 'publish' || effect.kind === 'land' || effect.kind === 'merge' || effect.kind === 'append';
    learnt ||= isNews && came !== 'failed';
  }
  const touchesPods = effects.some(({ kind }) => kind === 'on');
  if (touchesPods) context.pods.outdate();
  return { starts, published, landing, learnt };
}
