import { isStartNews } from '../../core/presubmit/advance-build.ts';
import type { CloseFacts } from '../../core/push/close-branches.ts';
import type { BuildId } from '../../model/build.ts';
import type { StartOutcome } from '../../model/pod.ts';
import { fullName } from '../../model/project.ts';
import type { PromoteEffect } from '../../model/promote-effect.ts';
import type { Outcome } from '../../model/proposal.ts';
import type { PushRecord } from '../../model/push.ts';
import type { ReportOrigin } from '../../ports/reporter.ts';
import type { AppContext } from '../context.ts';
import { inMarkdown, performOne } from '../perform.ts';
import { describePromoteEffect } from '../promote/perform-promotion.ts';
import { tellPromotion } from '../promote/tell-promotion.ts';
import { close } from './close.ts';
import { propose } from './propose.ts';

/** What came of the effects of a run. */
export interface Performed {
  readonly starts: ReadonlyMap<BuildId, StartOutcome>;
  /** Why branches could not be created, by name. */
  readonly uncut: ReadonlyMap<string, string>;
  /** What became of proposals, by their branches. */
  readonly proposed: ReadonlyMap<string, Outcome>;
  /** What became of branches that were to be closed, by name. */
  readonly closed: CloseFacts['closed'];
  /** Something was learnt that the next round sees. */
  readonly learnt: boolean;
}

/** Carries them out, each on its own; one that fails is asked for again. */
export async function performRun(
  context: AppContext,
  record: Pick<PushRecord, 'project' | 'branch'>,
  effects: readonly PromoteEffect[],
  origin: ReportOrigin,
): Promise<Performed> {
  const { landing, reporter, log } = context.ports;
  const { project, branch } = record;
  const starts = new Map<BuildId, StartOutcome>();
  const uncut = new Map<string, string>();
  const proposed = new Map<string, Outcome>();
  const closed = new Map<string, CloseFacts['closed'] extends ReadonlyMap<string, infer T> ? T : never>();
  let learnt = false;
  for (const effect of effects) {
    const fields = { subject: origin.subject, repository: fullName(project), effect: describePromoteEffect(effect) };
    try {
      if (effect.kind === 'report') await reporter.want(project, effect.report, origin);
      if (effect.kind === 'on') {
        const came = await performOne(context, project, effect.number, effect.effect, origin);
        if (effect.effect.kind === 'start' && came) {
          starts.set(effect.effect.order.build.id, came);
          learnt ||= isStartNews(effect.effect.order, came);
        }
      }
      if (effect.kind === 'cut') {
        const came = await landing.cut(project, effect.branch, effect.at);
        if (came.kind === 'refused') uncut.set(effect.branch, came.because);
        learnt = true;
      }
      if (effect.kind === 'close') {
        closed.set(effect.branch, await close(context, project, effect));
        learnt = true;
      }
      if (effect.kind === 'propose') {
        proposed.set(effect.proposal.head, await propose(context, project, effect.proposal));
        learnt = true;
      }
      if (effect.kind === 'append') {
        await landing.append(project, effect.ledger, effect.entry);
        await tellPromotion(context, project, branch, `pushed ${effect.entry.sequence}`);
        learnt = true;
      }
      if (effect.kind !== 'report') log.info(fields, 'effect performed');
    } catch (cause) {
      log.warn({ ...fields, err: cause }, 'effect failed');
      const because = cause instanceof Error ? cause.message : 'unknown error';
      if (effect.kind === 'on' && effect.effect.kind === 'start')
        starts.set(effect.effect.order.build.id, inMarkdown({ kind: 'unavailable', because }));
    }
  }
  if (effects.some(({ kind }) => kind === 'on')) context.pods.outdate();
  return {
    starts,
    uncut,
    proposed,
    closed,
    learnt,
  };
}
