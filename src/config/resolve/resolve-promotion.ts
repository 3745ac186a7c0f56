import type { PromotionMode, PromotionSettings } from '../../model/promotion.ts';
import { quote } from '../problems/finding.ts';
import type { WrittenPromotion } from '../schema/later.ts';
import type { Report } from './read-entries.ts';

/** The server's own staging place: null where it has none, undefined where no server is known, as to `sluice check`. */
export type ServerStaging = string | null | undefined;

/** What counts where a project says nothing of promotion (images.md §2). */
export const promotionDefaults: PromotionSettings = { mode: 'tag', staging: null, executor: 'worker' };

function modeOf(written: WrittenPromotion, server: ServerStaging): { mode: PromotionMode; because: string } {
  if (written.mode !== undefined) return { mode: written.mode, because: 'the file says so' };
  if (written.staging !== undefined) return { mode: 'intermediate', because: 'the file names a staging place' };
  if (server) return { mode: 'intermediate', because: 'the server has a staging place' };
  const because = 'the file names no staging place';
  return server === null
    ? { mode: 'tag', because: `${because} and the server has none` }
    : { mode: 'tag', because: `${because}; with one of the server's (SLUICE_STAGING) it is intermediate` };
}

/** `promotion:` with what was left out filled in: a staging place, the file's or the server's, makes the mode `intermediate`. */
export function resolvePromotion(written: WrittenPromotion, server: ServerStaging): PromotionSettings {
  const { mode, because } = modeOf(written, server);
  const staging = mode === 'intermediate' ? (written.staging ?? server ?? null) : null;
  const unused = written.staging !== undefined && mode !== 'intermediate' ? '; its `staging` is not used' : '';
  return {
    mode,
    staging,
    executor: written.executor ?? promotionDefaults.executor,
    because: `${because}${unused}`,
  };
}

/** Whether the mode has the place that it needs; nothing is said where the server's is not known. */
export function checkPromotion(written: WrittenPromotion, server: ServerStaging, report: Report): void {
  if (written.mode !== 'intermediate' || written.staging !== undefined || server !== null) return;
  report({
    path: ['promotion', 'mode'],
    at: 'value',
    message: `${quote('intermediate')} needs a staging place, and neither the file nor the server names one`,
    hint: 'write `staging: registry.acme.io/staging` beside it, or `mode: tag`',
  });
}
