import type { ImageKnobs } from './gate/image-knobs.ts';
import type { Family } from './knobs.ts';
import type { Mutant, Shows } from './mutant.ts';

const always: Shows = () => true;

function on(...names: readonly Family[]): Shows {
  return ({ rates }) => names.some((name) => rates[name] > 0);
}

function where(fits: (images: ImageKnobs) => boolean): Shows {
  return ({ queues }) => queues?.images !== null && queues?.images !== undefined && fits(queues.images);
}

function within(
  name: string,
  what: string,
  shows: Shows,
  file: string,
  ...changes: readonly [string, string][]
): Mutant {
  const patches = changes.map(([from, to]) => ({ file: `core/promote/${file}`, from, to }));
  return { name, what, kind: 'images', shows, planted: {}, patches };
}

const uploads: Shows = where(({ mode }) => mode !== 'rebuild');

const inTags: readonly Mutant[] = [
  within(
    'tags-first',
    'tags move before all digests of their landing are there',
    where(({ mode, built }) => mode === 'intermediate' && built === 2),
    'advance-landing.ts',
    ['const tagged = isWhole\n', 'const tagged = isWhole || facts.now > 0\n'],
  ),
  within('older-over-newer', 'a tag belongs to the oldest landing that sets it', uploads, 'own-tags.ts', [
    'tags.set(keyOf(tag), { repository, tag, sequence, since,',
    'tags.set(keyOf(tag), { repository, tag, sequence: tags.get(keyOf(tag))?.sequence ?? sequence, since,',
  ]),
  within('reset-unrecorded', 'that a branch was reset is not recorded', on('branchReset'), 'plan-promotion.ts', [
    'if (recordReset(draft, facts, tip, entries)) return finish(facts.now + 1_000);',
    '',
  ]),
  within('any-digest', 'a tag that is there counts as set, whatever it names', always, 'advance-image.ts', [
    "return (found?.kind === 'found' && found.digest === digest) ||",
    "return (found?.kind === 'found' && digest.length > 0) ||",
  ]),
  within(
    'frozen-publishes',
    'a frozen branch publishes',
    (_knobs, story) => story.some(({ what, word }) => what === 'operate' && word === 'freeze'),
    'advance-landing.ts',
    ['if (ground.frozen !== null && !isActive) return', 'if (facts.now < 0) return'],
  ),
  within('unswept', 'tags that were set are never looked at again', always, 'plan-promotion.ts', [
    'sweeps: facts.now - record.sweptAt >= sweepMs,',
    'sweeps: facts.now < 0,',
  ]),
  within(
    'one-try',
    'an image that was in trouble is not tried again',
    on('registryAway', 'registryFails'),
    'trouble.ts',
    ['return at + (pausesMs', 'return at + 1e12 + (pausesMs'],
  ),
];

const inUploads: readonly Mutant[] = [
  within(
    'early-untag',
    'a change tag goes before its landing is promoted',
    uploads,
    'keep-uploads.ts',
    ['facts.candidates.has(queuedKey(upload)) || waits;', 'facts.candidates.has(queuedKey(upload));'],
    ['?.doneAt !== null;', '?.doneAt !== undefined;'],
  ),
  within(
    'queued-swept',
    'what the queue still names is swept at once',
    uploads,
    'keep-uploads.ts',
    ['return isQueued || facts.candidates.has(queuedKey(upload)) || waits;', 'return waits;'],
    ['facts.now - goneAt >= graceMs', 'facts.now - goneAt < graceMs'],
  ),
  within('left-over', 'the change tag of what is promoted stays', uploads, 'keep-uploads.ts', [
    'if (isPromoted(upload, landings, all) || facts.now - goneAt >= graceMs) {',
    'if (facts.now - goneAt >= graceMs && isPromoted(upload, landings, all)) {',
  ]),
  {
    name: 'delete-by-digest',
    what: 'where no tag can be taken away, what it names is deleted',
    kind: 'images',
    shows: where(({ mode, deletes }) => mode === 'tag' && !deletes),
    planted: { byDigest: true },
    patches: [],
  },
];

const inPushes: readonly Mutant[] = [
  {
    name: 'pushes-as-built',
    what: 'of pushes that stand on each other the one that was built last has the tags',
    kind: 'pushes',
    shows: always,
    planted: {},
    patches: [
      {
        file: 'core/promote/own-tags.ts',
        from: 'landing.sequence === above);',
        to: 'landing.sequence === -1 && above);',
      },
    ],
  },
];

/** Faults of promotion, which worlds with images must catch. */
export const promoteMutants: readonly Mutant[] = [...inTags, ...inUploads, ...inPushes];
