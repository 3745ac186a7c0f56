import { createChance, type Draws } from './chance.ts';
import { families } from './families.ts';
import { drawImages, imageFamilies } from './gate/image-knobs.ts';
import { drawBestFirst, drawQueues, type QueueKnobs, queueFamilies, severalFamilies } from './gate/knobs.ts';
import { asSeveral } from './gate/several.ts';
import { drawPushes, type PushKnobs } from './push/knobs.ts';
import { drawVersions } from './version/knobs.ts';

export type Family =
  | keyof typeof families
  | keyof typeof queueFamilies
  | keyof typeof severalFamilies
  | keyof typeof imageFamilies;

export interface Knobs {
  readonly seed: number;
  readonly repositories: number;
  readonly pulls: number;
  readonly workers: number;
  /** Until when faults happen and people act, in ms of the world. */
  readonly faultyMs: number;
  readonly actions: number;
  readonly redis: 'always' | 'everysec';
  readonly limits: { readonly pool: number; readonly perRepository: number; readonly perAuthor: number };
  readonly buildMs: number;
  readonly failingBuilds: number;
  readonly rates: Readonly<Record<Family, number>>;
  /** Null: a world of presubmits, in which nobody asks for a landing. */
  readonly queues: QueueKnobs | null;
}

const presubmitFamilies = Object.keys(families) as readonly (keyof typeof families)[];
const gateFamilies = Object.keys(queueFamilies) as readonly (keyof typeof queueFamilies)[];
const imageNames = Object.keys(imageFamilies) as readonly (keyof typeof imageFamilies)[];
const severalNames = Object.keys(severalFamilies) as readonly (keyof typeof severalFamilies)[];
export const familyNames: readonly Family[] = [...presubmitFamilies, ...gateFamilies, ...severalNames, ...imageNames];

function drawnFrom(draws: Draws, [low, high]: readonly [number, number]): number {
  return Number((low * (high / low) ** draws.unit()).toFixed(4));
}

function rateOf(draws: Draws, range: readonly [number, number], quiet: boolean): number {
  const on = draws.happens(0.35);
  const rate = drawnFrom(draws, range);
  return on && !quiet ? rate : 0;
}

/**
 * `queues`: changes are to land; `images`: so are images, in registries; `pushes`: people push besides;
 * `nightlies`: and a job runs by the clock; `versions`: and versions are released, and tagged. `schedules`: changes are to land,
 * and their candidates are built best first; `reuses`: and what passed on a tree counts again, best first or by the window; `lanes`: and the same, best first, in lanes; `batches`: slots are scarce, and several are tested by one build. Each kind has its own seeds: the same number is another world there.
 */
export type WorldKind =
  | 'presubmits'
  | 'queues'
  | 'images'
  | 'pushes'
  | 'nightlies'
  | 'versions'
  | 'schedules'
  | 'reuses'
  | 'lanes'
  | 'batches';

export const worldKinds: readonly WorldKind[] = [
  'presubmits',
  'queues',
  'images',
  'pushes',
  'nightlies',
  'versions',
  'schedules',
  'reuses',
  'lanes',
  'batches',
];

export function kindOf({ queues }: Pick<Knobs, 'queues'>): WorldKind {
  if (queues === null) return 'presubmits';
  if (queues.lanes) return 'lanes';
  if (queues.reuse) return 'reuses';
  if (queues.bestFirst) return queues.bestFirst.batches ? 'batches' : 'schedules';
  if (queues.images === null) return 'queues';
  const { pushes } = queues.images;
  if (pushes === null) return 'images';
  if (pushes.versions !== null) return 'versions';
  return pushes.nightly ? 'nightlies' : 'pushes';
}

/** The world that a seed stands for. One of ten has no faults at all. */
export function knobsOf(seed: number, kind: WorldKind = 'presubmits'): Knobs {
  if (kind === 'images') return imageWorldOf(seed);
  if (kind === 'pushes') return pushWorldOf(seed, {});
  if (kind === 'nightlies') return pushWorldOf(seed, { nightly: true });
  if (kind === 'versions')
    return pushWorldOf(seed, { versions: drawVersions(createChance(seed).stream('version knobs'), seed) });
  if (kind === 'schedules') return severalWorldOf(seed);
  if (kind === 'reuses') return reuseWorldOf(seed);
  if (kind === 'lanes') return laneWorldOf(seed);
  if (kind === 'batches') return batchWorldOf(seed);
  return kind === 'queues' ? queueWorldOf(seed) : presubmitWorldOf(seed);
}

function presubmitWorldOf(seed: number): Knobs {
  const draws = createChance(seed).stream('knobs');
  const quiet = draws.happens(0.1);
  const own = presubmitFamilies.map((name) => [name, rateOf(draws, families[name], quiet)] as const);
  const rates = Object.fromEntries([
    ...own,
    ...[...gateFamilies, ...severalNames, ...imageNames].map((name) => [name, 0] as const),
  ]);
  return {
    seed,
    repositories: draws.pick([1, 1, 2, 3]),
    pulls: draws.between(1, 5),
    workers: draws.pick([1, 1, 2]),
    faultyMs: draws.pick([4, 6, 8, 8, 12, 12, 16, 45]) * 60_000,
    actions: draws.between(2, 16),
    redis: draws.pick(['always', 'everysec']),
    limits: {
      pool: draws.pick([1, 2, 3, 8]),
      perRepository: draws.pick([1, 2, 8]),
      perAuthor: draws.pick([1, 2, 8]),
    },
    buildMs: draws.pick([5_000, 30_000, 120_000]),
    failingBuilds: draws.pick([0, 0.1, 0.5]),
    rates: rates as Record<Family, number>,
    queues: null,
  };
}

function queueWorldOf(seed: number): Knobs {
  const draws = createChance(seed).stream('queue knobs');
  const quiet = draws.happens(0.15);
  const all = { ...families, ...queueFamilies };
  const own = [...presubmitFamilies, ...gateFamilies].map((name) => [name, rateOf(draws, all[name], quiet)] as const);
  const rates = Object.fromEntries([...own, ...[...severalNames, ...imageNames].map((name) => [name, 0] as const)]);
  const queues = drawQueues(draws);
  return {
    seed,
    repositories: queues.branches === 1 ? draws.pick([1, 1, 2]) : 1,
    pulls: draws.between(1, 9),
    workers: draws.pick([1, 1, 2]),
    faultyMs: draws.pick([6, 8, 12, 12, 16, 30]) * 60_000,
    actions: draws.between(0, 14),
    redis: draws.pick(['always', 'everysec']),
    limits: {
      pool: draws.pick([2, 3, 8]),
      perRepository: draws.pick([2, 8]),
      perAuthor: draws.pick([2, 8]),
    },
    buildMs: draws.pick([5_000, 30_000, 60_000]),
    failingBuilds: 0,
    rates: rates as Record<Family, number>,
    queues,
  };
}

/** A world with queues in which images are built besides: drawn apart, so that those without stay as they are. */
function imageWorldOf(seed: number): Knobs {
  const draws = createChance(seed).stream('image knobs');
  const world = queueWorldOf(seed);
  const quiet = Object.values(world.rates).every((rate) => rate === 0);
  const rates = Object.fromEntries(imageNames.map((name) => [name, rateOf(draws, imageFamilies[name], quiet)]));
  const images = drawImages(draws, createChance(seed).stream('promoting'));
  return {
    ...world,
    // All its images have one place: a second repository would have to have others.
    repositories: 1,
    rates: { ...world.rates, ...rates },
    queues: world.queues && { ...world.queues, images },
  };
}

/** A world with queues, with images in every second one, whose candidates are built best first. */
function scheduleWorldOf(seed: number): Knobs {
  const draws = createChance(seed).stream('schedule knobs');
  const world = draws.happens(0.5) ? imageWorldOf(seed) : queueWorldOf(seed);
  return { ...world, queues: world.queues && { ...world.queues, bestFirst: drawBestFirst(draws) } };
}

/** What slows down all that is done. */
const alwaysThere: ReadonlySet<Family> = new Set([
  'crash',
  'lostRequest',
  'lostAnswer',
  'slowAnswer',
  'limited',
  'podPending',
]);

/** Every second world best first is such a one in which several are to land by one push. Little goes wrong besides: else they seldom come so far. */
function severalWorldOf(seed: number): Knobs {
  const world = scheduleWorldOf(seed);
  const draws = createChance(seed).stream('prefix knobs');
  if (!draws.happens(0.5)) return world;
  const quiet = Object.values(world.rates).every((rate) => rate === 0);
  const several = asSeveral(world, draws);
  if (quiet) return several;
  const own = severalNames.map((name) => {
    const rate = drawnFrom(draws, severalFamilies[name]);
    return [name, draws.happens(0.85) ? rate : 0] as const;
  });
  const dropped = familyNames.filter((name) => draws.happens(alwaysThere.has(name) ? 0.85 : 0.6));
  const { rates } = without(several, new Set(dropped));
  const unheard = several.queues?.bestFirst?.regrets ? { webhookNever: drawnFrom(draws, [0.3, 0.6]) } : {};
  return { ...several, rates: { ...rates, ...unheard, ...Object.fromEntries(own) } };
}

/** A world with queues, best first, in which more wait than there are slots, so that several are tested by one build. */
function batchWorldOf(seed: number): Knobs {
  const draws = createChance(seed).stream('batch knobs');
  const world = scheduleWorldOf(seed);
  const quiet = draws.happens(0.4);
  const bestFirst = {
    slots: draws.pick([1, 1, 1, 2, 3]),
    flakes: draws.pick([0, 0, 0.1, 0.3]),
    prefixes: true,
    batches: true,
    together: true,
  } as const;
  return {
    ...world,
    pulls: Math.max(world.pulls, draws.between(5, 9)),
    buildMs: draws.pick([30_000, 60_000, 120_000]),
    rates: quiet ? without(world, new Set(familyNames)).rates : world.rates,
    queues: world.queues && { ...world.queues, branches: 1, goodChanges: draws.pick([0.7, 0.9, 1, 1]), bestFirst },
  };
}

/** A world of any of these in which a pass counts for every candidate of the same tree. */
function reuseWorldOf(seed: number): Knobs {
  const draws = createChance(seed).stream('reuse knobs');
  const world = draws.happens(0.5)
    ? scheduleWorldOf(seed)
    : draws.happens(0.3)
      ? imageWorldOf(seed)
      : queueWorldOf(seed);
  const quiet = draws.happens(0.5);
  return {
    ...world,
    // Several changes, tested before anybody turns them round.
    pulls: Math.max(world.pulls, draws.between(2, 6)),
    buildMs: draws.pick([5_000, 5_000, 30_000]),
    faultyMs: draws.pick([8, 12, 16]) * 60_000,
    rates: quiet ? without(world, new Set(familyNames)).rates : world.rates,
    queues: world.queues && { ...world.queues, goodChanges: draws.pick([0.7, 1, 1]), reuse: true },
  };
}

/** A world of changes that are tested best first, and in lanes. */
function laneWorldOf(seed: number): Knobs {
  const joining = createChance(seed).stream('join knobs');
  const hidden = joining.happens(0.4) ? ({ hidden: true } as const) : {};
  const joins = joining.pick(hidden.hidden ? ['20s', '1m', '3m', '3m'] : ['20s', '2m', '1h', 'off']);
  const crowd = createChance(seed).stream('crowd knobs');
  const draws = createChance(seed).stream('lane knobs');
  const renaming = createChance(seed).stream('rename knobs');
  const renames = renaming.happens(0.15) ? ({ renames: true } as const) : {};
  const isCrowd = crowd.happens(0.4) || (renames.renames && renaming.happens(0.8));
  // So many at once that what passed with others inside finds that the branch has moved.
  const world = isCrowd ? asSeveral(scheduleWorldOf(seed), crowd) : scheduleWorldOf(seed);
  const batched =
    isCrowd && (crowd.happens(0.5) || renames.renames) ? { batches: true as const, slots: crowd.pick([1, 2, 3]) } : {};
  const quiet = draws.happens(0.4);
  const { queues } = world;
  const bestFirst = queues?.bestFirst;
  const images = queues?.images ? { ...queues.images, lanes: true as const } : null;
  const flakes = draws.pick([0, 0, 0, bestFirst?.flakes ?? 0]);
  return {
    ...world,
    pulls: Math.max(world.pulls, draws.between(3, 8)),
    buildMs: isCrowd ? world.buildMs : draws.pick([5_000, 30_000, 30_000]),
    rates: quiet ? without(world, new Set(familyNames)).rates : world.rates,
    queues:
      queues === null || bestFirst === undefined
        ? null
        : {
            ...queues,
            images,
            config: 'lanes',
            goodChanges: renames.renames ? 1 : draws.pick([0.6, 0.8, 1, 1]),
            bestFirst: { ...bestFirst, slots: Math.max(2, bestFirst.slots), flakes, ...batched },
            reuse: true,
            lanes: true,
            joins,
            ...hidden,
            ...renames,
          },
  };
}

/** A world with images in which people push besides: fewer changes, so that there is room for it. */
function pushWorldOf(seed: number, more: Partial<PushKnobs>): Knobs {
  const world = imageWorldOf(seed);
  const pushes = { ...drawPushes(createChance(seed).stream('push knobs')), ...more };
  const images = world.queues?.images;
  return {
    ...world,
    pulls: Math.min(world.pulls, 3),
    actions: Math.min(world.actions, 6),
    queues: world.queues && { ...world.queues, images: images ? { ...images, day: false, pushes } : null },
  };
}

/** The same world without these families. */
export function without(knobs: Knobs, dropped: ReadonlySet<Family>): Knobs {
  const rates = Object.fromEntries(familyNames.map((name) => [name, dropped.has(name) ? 0 : knobs.rates[name]]));
  return { ...knobs, rates: rates as Record<Family, number> };
}

/** One line for people: only what is on. */
export function describeKnobs(knobs: Knobs): string {
  const { rates, limits, queues, ...rest } = knobs;
  const { images, bestFirst, ...gate } = queues ?? { images: null };
  const { pushes, ...built } = images ?? { pushes: null };
  const { versions, ...pushed } = pushes ?? { versions: null };
  const plain = Object.entries({ ...rest, ...gate, ...bestFirst, ...built, ...pushed, ...versions }).map(
    ([name, value]) => `${name}=${value}`,
  );
  const on = familyNames.filter((name) => rates[name] > 0).map((name) => `${name}=${rates[name]}`);
  const most = `limits=${limits.pool}/${limits.perRepository}/${limits.perAuthor}`;
  return [...plain, most, ...on].join(' ');
}
