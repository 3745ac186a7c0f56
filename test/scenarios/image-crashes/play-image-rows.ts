import type { Fault, SeenRequest } from '../../harness/registry-front.ts';
import { type ImageChange, type ImageCrash, type ImageCrashWorld, imageNames } from './image-crash-world.ts';
import type { ImageRow } from './image-rows.ts';

/** The change of each row. */
export type PlayedImages = ReadonlyMap<ImageRow, ImageChange>;

interface Part {
  readonly row: ImageRow;
  readonly change: ImageChange;
}

/** A worker copies three images at once, so no more rows stand still in copying; each change is two builds, so not many more in all. */
const mostCopies = 3;
const most = 6;

function crashesOf(rows: readonly ImageRow[]): readonly (readonly ImageRow[])[] {
  const copies = rows.filter(({ by }) => by === 'copy');
  const others = rows.filter(({ by }) => by !== 'copy');
  const count = Math.max(Math.ceil(copies.length / mostCopies), Math.ceil(rows.length / most));
  const of = (all: readonly ImageRow[], turn: number) => all.filter((_, index) => index % count === turn);
  return Array.from({ length: count }, (_, turn) => [...of(others, turn), ...of(copies, turn)]);
}

function pathOf({ line }: SeenRequest): string {
  return line.split(' ')[1] ?? '';
}

/** Sets the trap of a row; gives whether something stands in it. From then on nothing more of this image gets through. */
function arm(
  { staging, final, nameIn }: ImageCrashWorld,
  { row, change }: Part,
  dead: Promise<'go' | 'cut'>,
): () => boolean {
  const registries = { staging, final };
  const { front } = registries[row.registry];
  const isOf = ([method, rest]: ImageRow['request'], { line }: SeenRequest): boolean => {
    const start = `${method} /v2/${nameIn(row.registry, change.repo, row.image)}/`;
    return line.startsWith(start) && rest.test(line.slice(start.length));
  };
  let passing = row.passing;
  let stands = false;
  let isMet = false;
  const held = async (): Promise<Fault | null> => {
    stands = true;
    return (await dead) === 'go' ? null : { kind: 'reset' };
  };

  async function fault(asked: SeenRequest): Promise<Fault | null> {
    const { following, request, when } = row;
    // What comes after it, or beside it, stands still too.
    if (isMet) return (await dead) === 'go' ? null : { kind: 'reset' };
    const isMeant = isOf(request, asked) && (following === null || front.seen.some((seen) => isOf(following, seen)));
    if (!isMeant) return null;
    passing -= 1;
    if (passing >= 0) return null;
    isMet = true;
    if (when === 'before') return held();
    if (request[0] === 'DELETE') {
      await staging.untag(pathOf(asked));
      return held();
    }
    const until = () => {
      stands = true;
      return dead;
    };
    return { kind: 'late-reply', until };
  }
  // The other image is not kept from getting on: a worker copies only few at once.
  for (const registry of ['staging', 'final'] as const) {
    const name = nameIn(registry, change.repo, row.image);
    registries[registry].front.spoil({ on: new RegExp(` /v2/${name}/`), fault });
  }
  return () => stands;
}

/** Asks for the change of each, waits until the process stands at every one of these points, kills it, and starts anew. */
async function playCrash(world: ImageCrashWorld, crash: ImageCrash, parts: readonly Part[]): Promise<void> {
  const dead = Promise.withResolvers<void>();
  const stand = async (part: Part): Promise<void> => {
    const { row, change } = part;
    // An uploader outlives the worker, and goes on.
    const outcome = row.by === 'uploader' && crash === 'worker' ? 'go' : 'cut';
    const isThere = arm(
      world,
      part,
      dead.promise.then(() => outcome),
    );
    await world.github.comment(change.repo, change.number, 'boss', `/gate ${change.head}`);
    await world.until(`it stands still at: ${row.step}, ${row.moment}`, isThere);
  };
  await Promise.all(parts.filter(({ row }) => row.by !== 'copy').map(stand));
  await Promise.all(parts.filter(({ row }) => row.by === 'copy').map(stand));
  await world.kill(crash);
  for (const { front } of [world.staging, world.final]) front.calm();
  takeTagsAway(world);
  dead.resolve();
  await world.start();
}

/** This version of the registry knows no deletion of tags; the next one does. */
function takeTagsAway({ staging }: ImageCrashWorld): void {
  staging.front.spoil({
    on: /^DELETE .*\/manifests\/(?!sha256:)/,
    async fault(asked) {
      await staging.untag(pathOf(asked));
      return { kind: 'answer', status: 202 };
    },
  });
}

/** Plays every row; in the end each change has landed, people were told what became of its images, and what was staged is gone. */
export async function playImageRows(
  world: ImageCrashWorld,
  crash: ImageCrash,
  rows: readonly ImageRow[],
): Promise<PlayedImages> {
  const played = new Map<ImageRow, ImageChange>();
  takeTagsAway(world);
  for (const together of crashesOf(rows)) {
    const parts = await Promise.all(
      together.map(async (row) => ({ row, change: await world.openFor(rows.indexOf(row)) })),
    );
    await playCrash(world, crash, parts);
    for (const { row, change } of parts) {
      await world.until(`${row.step}, ${row.moment}: it is told what was published`, () => isTold(world, change));
      played.set(row, change);
    }
  }
  // What the queue still named when its image was published goes with the next sweep, minutes later.
  await world.kill('worker');
  await world.start();
  for (const [{ step, moment }, change] of played)
    await world.until(`${step}, ${moment}: its change tags are gone`, () => isCleared(world, change));
  await world.empty();
  return played;
}

async function isTold(world: ImageCrashWorld, { repo }: ImageChange): Promise<boolean> {
  const { tip, ledger } = await world.readMain(repo);
  if (tip === null || ledger.kind !== 'whole') return false;
  const landed = ledger.entries.findLast(({ detail }) => detail.kind === 'landed');
  if (landed === undefined) return false;
  const [check] = await world.conclusionsOn(repo, tip, 'sluice/promote');
  return check !== undefined && check !== 'null';
}

async function isCleared(world: ImageCrashWorld, { repo }: ImageChange): Promise<boolean> {
  const names = imageNames.map((image) => world.nameIn('staging', repo, image));
  const left = await Promise.all(names.map((name) => world.staging.tags(name)));
  return left.flat().length === 0;
}
