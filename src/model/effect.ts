import type { BuildId } from './build.ts';
import type { CheckRunReport } from './check-run.ts';
import type { ForgeEvent } from './forge-event.ts';
import type { BuildOrder } from './order.ts';
import type { Person } from './person.ts';
import type { Comment } from './pull-request.ts';
import type { SubjectId } from './subject.ts';

/** One idempotent request to the world, as plain data. Any of them may be lost or repeated: the next pass asks again. */
export type Effect =
  | { readonly kind: 'start'; readonly order: BuildOrder }
  | { readonly kind: 'stop'; readonly build: BuildId }
  /** The pod and what it left; its log stays. */
  | { readonly kind: 'remove'; readonly build: BuildId }
  | { readonly kind: 'report'; readonly report: CheckRunReport }
  /** One word to a queue: put into its inbox, once. */
  | { readonly kind: 'tell'; readonly queue: SubjectId; readonly event: ForgeEvent }
  | { readonly kind: 'reply'; readonly to: Person; readonly text: string }
  | { readonly kind: 'react'; readonly comment: Pick<Comment, 'source' | 'id'>; readonly reaction: '+1' | 'eyes' };
