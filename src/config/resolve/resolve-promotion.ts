import type { PromotionSettings } from '../../model/promotion.ts';

/** What counts where a project says nothing of promotion (images.md §2). */
export const promotionDefaults: PromotionSettings = { mode: 'tag', staging: null, executor: 'worker' };
