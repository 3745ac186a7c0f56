import type { Mutant, Shows } from './mutant.ts';

const always: Shows = () => true;

const isRestricted: Shows = ({ queues }) => queues?.images?.pushes?.versions?.initiators != null;

function within(name: string, what: string, shows: Shows, file: string, from: string, to: string): Mutant {
  return { name, what, kind: 'versions', shows, planted: {}, patches: [{ file, from, to }] };
}

/** Faults of versions, tags and releases, which worlds with them must catch. */
export const versionMutants: readonly Mutant[] = [
  within(
    'anybody-releases',
    'whoever pushes a version may release it',
    isRestricted,
    'app/release/may-release.ts',
    'if (!found.listed) return notInitiator',
    'if (!found.listed && grounds.length === 0) return notInitiator',
  ),
  within(
    'lent-right',
    'who pushes something on top of a version counts as who pushed it',
    isRestricted,
    'app/push/who-pushed.ts',
    '(await holds(landing, project, before, commit)) === false) return by',
    '(await holds(landing, project, before, commit)) !== null) return by',
  ),
  within(
    'late-tag-right',
    'late word of where a tag was lends the right of who set it there to who moved it since',
    isRestricted,
    'app/release/reconcile-tags.ts',
    'tags.get(tag) === detail.after',
    'tags.has(tag)',
  ),
  within(
    'broken-file-presses',
    'a file that says nothing usable lets anybody press the button who may push',
    isRestricted,
    'app/release/observe-release.ts',
    "state.kind === 'invalid' ? wish.commit : tip",
    "state.kind === 'invalid' ? tip : tip",
  ),
  within(
    'version-takes-tags',
    'a landing of which nothing is published takes the tags of its branch away from what has them',
    always,
    'core/promote/own-tags.ts',
    '.filter(({ tags: own }) => own.length > 0)',
    '.filter(({ tags: own }) => own.length >= 0)',
  ),
  within(
    'latest-goes-back',
    'each release takes the moving tags, whatever is released above it',
    always,
    'core/release/publish-release.ts',
    'image.moving.filter((tag) => may.includes(tag))',
    'image.moving.filter((tag) => may.includes(tag) || tag.length > 0)',
  ),
  within(
    'version-alone-builds',
    'a push of nothing but the version builds dev images',
    (_knobs, story) =>
      story.some(({ what, word }) => what === 'version push' && /^version [\w.-]+ onto main$/.test(word)),
    'core/version/decide-push.ts',
    "if (isOnlySkipped(delta, facts)) return decision('V6'",
    "if (isOnlySkipped(delta, facts) && !delta.known) return decision('V6'",
  ),
  within(
    'released-again',
    'what the ledger says is released is recorded once more',
    always,
    'core/release/publish-release.ts',
    "if (recorded.kind === 'released') return",
    "if (recorded.kind === 'released' && images.length === 0) return",
  ),
];
