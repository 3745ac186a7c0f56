import type { ForgeEvent } from '../model/forge-event.ts';
import type { Sha } from '../model/sha.ts';
import { headTopic, type Topic } from '../model/topic.ts';
import { isTagCheck } from './release/plan-tags.ts';
import { releaseNamedBy } from './release/release-check.ts';

/** Where an event leads. */
export type Route =
  | { readonly kind: 'presubmit'; readonly repository: number; readonly numbers: readonly number[] }
  /** A fork's pull request: the event names none, the head finds it. */
  | { readonly kind: 'find-by-head'; readonly repository: number; readonly head: Sha }
  /** Re-run was pressed: whoever owns the check run on that commit, else the pull requests; `externalId` null: all of them there. */
  | {
      readonly kind: 'find-owner';
      readonly repository: number;
      readonly head: Sha;
      readonly externalId: string | null;
      readonly numbers: readonly number[];
    }
  /** It concerns whoever waits to hear of this, and most often nobody does. */
  | { readonly kind: 'heard'; readonly topic: Topic }
  /** Somebody pressed a button on the check run of a release. */
  | { readonly kind: 'release'; readonly repository: number; readonly name: string }
  /** A git tag was set, moved or taken away. */
  | { readonly kind: 'tags'; readonly repository: number }
  | { readonly kind: 'resync' }
  /** A branch moved: what is built of it is decided by a pass over it, and what it brought can be fetched ahead of need. */
  | {
      readonly kind: 'branch-moved';
      readonly repository: number;
      readonly branch: string;
      readonly before: Sha;
      readonly after: Sha;
    }
  | { readonly kind: 'ignored'; readonly because: string };

/** Which subjects an event concerns; never decides anything else (events are hints, intake §2.6). */
export function routeEvent(event: ForgeEvent): Route {
  const { detail, repository } = event;
  if (detail.kind === 'ignored') return { kind: 'ignored', because: detail.because };
  if (detail.kind === 'repositories') return { kind: 'resync' };
  if (!repository) return { kind: 'ignored', because: `${event.name} names no repository` };
  switch (detail.kind) {
    case 'pull-request':
      return { kind: 'presubmit', repository: repository.id, numbers: [detail.number] };
    case 'check-button': {
      if (isTagCheck(detail.externalId)) return { kind: 'tags', repository: repository.id };
      const name = releaseNamedBy(detail.check);
      if (name !== null) return { kind: 'release', repository: repository.id, name };
      const { head, numbers, button } = detail;
      if (button !== 'action') {
        const externalId = button === 'rerun-all' ? null : detail.externalId;
        return { kind: 'find-owner', repository: repository.id, head, externalId, numbers };
      }
      return numbers.length > 0
        ? { kind: 'presubmit', repository: repository.id, numbers }
        : { kind: 'find-by-head', repository: repository.id, head };
    }
    case 'head':
      return { kind: 'heard', topic: headTopic(repository.id, detail.head) };
    case 'gate':
    case 'promote':
    case 'release':
      return { kind: 'ignored', because: 'it is meant for one subject and was put there' };
    case 'push': {
      const branch = /^refs\/heads\/(.+)$/s.exec(detail.ref)?.[1];
      if (detail.ref.startsWith('refs/tags/')) return { kind: 'tags', repository: repository.id };
      if (branch === undefined) return { kind: 'ignored', because: 'it is a push to neither a branch nor a tag' };
      const { before, after } = detail;
      return { kind: 'branch-moved', repository: repository.id, branch, before, after };
    }
  }
}
