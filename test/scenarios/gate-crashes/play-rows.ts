import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import type { CrashedChange } from './crash-points.ts';
import type { CrashRow } from './crash-rows.ts';
import { type CrashKind, type CrashWorld, gateFile } from './crash-world.ts';

/** What became of the change of a row; null: the process never stood where it was to die. */
export type Played = ReadonlyMap<CrashRow, CrashedChange | null>;

interface Part {
  readonly row: CrashRow;
  readonly change: CrashedChange;
}

/**
 * Who stands still at Redis stands still altogether, so one such row of each process at most dies in one crash; of the
 * others, which each stand still in a repository of their own, as many as there are.
 */
export function crashesOf(rows: readonly CrashRow[]): readonly (readonly CrashRow[])[] {
  const isLast = ({ point }: CrashRow) => point.at === 'redis' && point.of === 'worker';
  const lasts = rows.filter(isLast);
  const others = rows.filter((row) => !isLast(row));
  const webs = others.filter(({ point }) => point.at === 'redis');
  const free = others.filter(({ point }) => point.at !== 'redis');
  const count = Math.max(lasts.length, webs.length, 1);
  return Array.from({ length: count }, (_, turn) => [
    ...free.filter((_row, index) => index % count === turn),
    ...lasts.slice(turn, turn + 1),
    ...webs.slice(turn, turn + 1),
  ]);
}

/** Asks for the change of each, waits until the process stands at every one of these points, kills it, and starts anew. */
async function playCrash(world: CrashWorld, kind: CrashKind, parts: readonly Part[]): Promise<Set<CrashRow>> {
  const { github } = world;
  const reached = new Set<CrashRow>();
  const dead = Promise.withResolvers<'cut'>();
  const succeeded = Promise.withResolvers<void>();
  const crash = { dead: dead.promise, succeeded: succeeded.promise, reached };
  const isLast = ({ row }: Part) => row.point.at === 'redis';
  await Promise.all(parts.filter((part) => !isLast(part)).map((part) => stand(world, part, crash)));
  for (const part of parts.filter(isLast)) await stand(world, part, crash);
  await world.kill(
    kind,
    parts.some(({ row }) => row.point.at === 'redis' && row.point.of === 'web'),
  );
  github.faults.clear();
  dead.resolve('cut');
  for (const { row, change } of parts) if (row.point.at === 'build') await endBuild(world, change);
  await world.start();
  succeeded.resolve();
  return reached;
}

interface Stand {
  readonly dead: Promise<'cut'>;
  readonly succeeded: Promise<void>;
  readonly reached: Set<CrashRow>;
}

async function stand(world: CrashWorld, { row, change }: Part, { dead, succeeded, reached }: Stand): Promise<void> {
  const { github, evidence } = world;
  const { point } = row;
  const isThere = () => reached.add(row);
  const { repo, number, head } = change;
  let looks: () => boolean | Promise<boolean> = () => reached.has(row);
  if (point.at === 'forge') point.arm({ github, change, reached: isThere, dead, succeeded });
  if (point.at === 'build') {
    await writeFile(gateFile(evidence, change.text), '');
    looks = async () => (await isRunning(world, change)) && isThere().size > 0;
  }
  if (point.at === 'redis') {
    const proxy = world.proxies[point.of];
    proxy.pass({ kind: 'hold', what: point.what, words: point.words(change) });
    void proxy.held.then(isThere);
  }
  await github.comment(repo, number, 'boss', `/gate ${head}`);
  await world.until(`it stands still at: ${row.step}, ${row.moment}`, looks);
}

async function isRunning({ github }: CrashWorld, { repo, head }: CrashedChange): Promise<boolean> {
  const check = (await github.checkRuns(repo, head)).find(({ name }) => name === 'sluice/gate/main');
  return /`unit` \| running/.test(check?.summary ?? '');
}

async function endBuild(world: CrashWorld, { text }: CrashedChange): Promise<void> {
  const file = gateFile(world.evidence, text);
  if (existsSync(file)) await rm(file);
  await world.until('the build to have ended', async () => {
    const pods = await world.pods.list();
    return pods.every(({ phase }) => phase === 'succeeded' || phase === 'failed');
  });
}

/** Plays every row; in the end each change was told its fate. */
export async function playRows(world: CrashWorld, kind: CrashKind, rows: readonly CrashRow[]): Promise<Played> {
  const played = new Map<CrashRow, CrashedChange | null>();
  for (const crash of crashesOf(rows)) {
    const parts = await Promise.all(
      crash.map(async (row) => ({ row, change: await world.openFor(rows.indexOf(row)) })),
    );
    const reached = await playCrash(world, kind, parts);
    for (const { row, change } of parts) {
      await world.until(`${row.step}, ${row.moment}: its change was told its fate`, () => isTold(world, change));
      played.set(row, reached.has(row) ? change : null);
    }
  }
  await world.empty();
  return played;
}

async function isTold({ github }: CrashWorld, { repo, head }: CrashedChange): Promise<boolean> {
  const check = (await github.checkRuns(repo, head)).find(({ name }) => name === 'sluice/gate/main');
  return check?.status === 'completed';
}

const sweep = { method: 'POST', path: /\/git-receive-pack$/, body: /[0-9a-f]{40} 0{40} refs\/sluice\/candidate\// };

/** Kills whoever begins to take candidates away, before the first is gone and the next one after; each comes minutes later. */
export async function playSweeps(world: CrashWorld, kind: CrashKind): Promise<void> {
  await world.kill(kind, false);
  for (const when of ['before', 'after'] as const) {
    const reached = Promise.withResolvers<void>();
    const dead = Promise.withResolvers<'cut'>();
    const until = () => {
      reached.resolve();
      return dead.promise;
    };
    world.github.faults.add({ ...sweep, does: { kind: 'hold', when, until } });
    await world.start();
    await reached.promise;
    await world.kill(kind, false);
    dead.resolve('cut');
  }
  await world.start();
}
