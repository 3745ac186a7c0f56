import type { PromotePlan } from '../../core/promote/facts.ts';
import type { PromoteRecord, PromotionSettings } from '../../model/promotion.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';

function triesOf({ landings }: PromoteRecord): number {
  return landings.reduce(
    (sum, { images }) => sum + images.reduce((all, { trouble }) => all + (trouble?.tries ?? 0), 0),
    0,
  );
}

/** Counts what a saved pass brought: what was published, and what is tried again. */
export function measurePromotion(
  { ports: { metrics } }: AppContext,
  subject: SubjectId,
  settings: PromotionSettings | null,
  before: PromoteRecord,
  { record: after, moved }: Pick<PromotePlan, 'record' | 'moved'>,
): void {
  for (const _tag of moved) metrics.tagMoved();
  for (const { sequence, landedAt, doneAt, images } of after.landings) {
    const was = before.landings.find((landing) => landing.sequence === sequence);
    if (doneAt === null || !was || was.doneAt !== null || images.every(({ state }) => state.kind === 'superseded'))
      continue;
    metrics.landingPublished(settings?.mode ?? 'tag', Math.max(0, doneAt - landedAt) / 1000);
  }
  for (let count = triesOf(after) - triesOf(before); count > 0; count -= 1) metrics.promotionTried();
  const open = after.landings.filter(({ doneAt }) => doneAt === null);
  const oldestAt = open.length === 0 ? null : Math.min(...open.map(({ landedAt }) => landedAt));
  metrics.promotionsWait(subject, open.length, oldestAt);
}
