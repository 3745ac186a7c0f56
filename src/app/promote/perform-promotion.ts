import { isStartNews } from '../../core/presubmit/advance-build.ts';
import { lookKey, type PromoteFacts } from '../../core/promote/facts.ts';
import { failingOf } from '../../core/promote/trouble.ts';
import type { BuildId } from '../../model/build.ts';
import type { StartOutcome } from '../../model/pod.ts';
import { fullName } from '../../model/project.ts';
import type { PromoteEffect } from '../../model/promote-effect.ts';
import type { PromoteRecord } from '../../model/promotion.ts';
import type { Outcome } from '../../model/proposal.ts';
import { RegistryTrouble } from '../../model/registry.ts';
import type { ReportOrigin } from '../../ports/reporter.ts';
import type { AppContext } from '../context.ts';
import type { PassReaders } from '../observe-presubmit.ts';
import { describeEffect, inMarkdown, performOne } from '../perform.ts';
import { propose } from '../push/propose.ts';
import type { PassTools } from '../reconcile.ts';
import { foreignTags } from './foreign-tags.ts';
import { callerOf } from './promote-caller.ts';

/** What came of a pass's effects that the next round must know. */
export interface PromoteOutcomes {
  readonly tagged: PromoteFacts['tagged'];
  readonly untagged: PromoteFacts['untagged'];
  readonly starts: PromoteFacts['starts'];
  /** What became of proposals, by their branches. */
  readonly proposed: ReadonlyMap<string, Outcome>;
}

export const noPromotions: PromoteOutcomes = {
  tagged: new Map(),
  untagged: new Map(),
  starts: new Map(),
  proposed: new Map(),
};

/** One line for the history and the log. */
export function describePromoteEffect(effect: PromoteEffect): string {
  switch (effect.kind) {
    case 'copy':
      return `copy ${effect.from.repository}@${effect.from.digest} to ${effect.to}`;
    case 'tag':
      return `point ${effect.image.repository}:${effect.tag} at ${effect.image.digest}`;
    case 'untag':
      return `take ${effect.repository}:${effect.tag} away`;
    case 'cut':
      return `create the branch ${effect.branch} at ${effect.at}`;
    case 'close':
      return `close the branch ${effect.branch} at ${effect.at}`;
    case 'propose':
      return `propose ${effect.proposal.version} for ${effect.proposal.base}`;
    case 'append':
      return `write ${effect.entry.detail.kind} into the ledger`;
    case 'on':
      return `#${effect.number}: ${describeEffect(effect.effect)}`;
    case 'report':
      return `report ${effect.report.title}`;
  }
}

/** In whose name tags are set. */
type Promoter = Pick<PromoteRecord, 'project' | 'branch' | 'claims'>;

type Tagged = PromoteFacts['tagged'] extends ReadonlyMap<string, infer T> ? T : never;
type TagEffect = Extract<PromoteEffect, { kind: 'tag' }>;

/** Asked before each tag: why it may not be set now, though the plan says so; null: it may. */
type WhyNotTag = () => Promise<string | null>;

/** Sets tags that no other branch has, looked at once more: since the plan was made, another one may have saved that it has it. */
async function createTagger(
  context: AppContext,
  readers: PassReaders,
  record: Promoter,
  effects: readonly PromoteEffect[],
  whyNot: WhyNotTag,
): Promise<(effect: TagEffect) => Promise<Tagged>> {
  const wanted = effects.flatMap((effect) =>
    effect.kind === 'tag' ? [{ repository: effect.image.repository, reference: effect.tag }] : [],
  );
  const foreign = await foreignTags(context, readers, record, wanted);
  return async ({ image, tag }) => {
    const because = foreign.get(lookKey(image.repository, tag)) ?? null;
    if (because !== null) throw new RegistryTrouble('denied', because);
    const late = await whyNot();
    if (late !== null) throw new RegistryTrouble('away', late);
    return context.ports.registry.tag(image, tag, callerOf(record));
  };
}

/** Carries them out, each on its own; one that fails is asked for again. `learnt`: the next round sees something new. */
export async function performPromotion(
  context: AppContext,
  { copier, config, memory }: Pick<PassTools, 'copier' | 'config' | 'memory'>,
  record: Promoter,
  effects: readonly PromoteEffect[],
  origin: ReportOrigin,
  whyNotTag: WhyNotTag = async () => null,
): Promise<PromoteOutcomes & { readonly learnt: boolean }> {
  const { registry, landing, reporter, log } = context.ports;
  const setTag = await createTagger(context, { config, memory }, record, effects, whyNotTag);
  const tagged = new Map<string, Tagged>();
  const untagged = new Map<string, PromoteFacts['untagged'] extends ReadonlyMap<string, infer T> ? T : never>();
  const caller = callerOf(record);
  const starts = new Map<BuildId, StartOutcome>();
  const proposed = new Map<string, Outcome>();
  let learnt = false;
  for (const effect of effects) {
    const fields = {
      subject: origin.subject,
      repository: fullName(record.project),
      effect: describePromoteEffect(effect),
    };
    try {
      if (effect.kind === 'report') await reporter.want(record.project, effect.report, origin);
      if (effect.kind === 'on') {
        const came = await performOne(context, record.project, effect.number, effect.effect, origin);
        if (effect.effect.kind === 'start' && came) {
          starts.set(effect.effect.order.build.id, came);
          learnt ||= isStartNews(effect.effect.order, came);
        }
      }
      if (effect.kind === 'copy') copier.start(effect.from, effect.to, caller, origin.subject);
      if (effect.kind === 'propose')
        proposed.set(effect.proposal.head, await propose(context, record.project, effect.proposal));
      if (effect.kind === 'append') await landing.append(record.project, effect.ledger, effect.entry);
      if (effect.kind === 'tag') tagged.set(lookKey(effect.image.repository, effect.tag), await setTag(effect));
      if (effect.kind === 'untag')
        untagged.set(
          lookKey(effect.repository, effect.tag),
          await registry.untag(effect.repository, effect.tag, effect.digest, caller),
        );
      if (effect.kind !== 'report') log.info(fields, 'effect performed');
    } catch (cause) {
      log.warn({ ...fields, err: cause }, 'effect failed');
      const because = cause instanceof Error ? cause.message : 'unknown error';
      const trouble = cause instanceof RegistryTrouble ? cause.kind : 'away';
      if (effect.kind === 'tag')
        tagged.set(lookKey(effect.image.repository, effect.tag), { kind: 'failed', ...failingOf(because, trouble) });
      if (effect.kind === 'on' && effect.effect.kind === 'start')
        starts.set(effect.effect.order.build.id, inMarkdown({ kind: 'unavailable', because }));
    }
    learnt ||= ['tag', 'untag', 'append', 'propose'].includes(effect.kind);
  }
  if (effects.some(({ kind }) => kind === 'on')) context.pods.outdate();
  return { tagged, untagged, starts, proposed, learnt };
}
