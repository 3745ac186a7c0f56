import { createWantedLine } from '../../src/adapters/redis/wanted-line.ts';
import type { LineEntry, LineLimits } from '../../src/model/line.ts';
import { pause } from './dice.ts';
import type { TestRedis } from './redis.ts';
import type { ServedProcess } from './served-process.ts';

export const pool = 'default';

/** Which of these limits do those who hold a slot break now. */
export function brokenLimits(entries: readonly LineEntry[], limits: LineLimits): string[] {
  const holding = entries.filter(({ state }) => state !== 'waiting');
  const most = (what: string, of: (entry: LineEntry) => number, limit: number): string[] => {
    const counts = new Map<number, number>();
    for (const entry of holding) counts.set(of(entry), (counts.get(of(entry)) ?? 0) + 1);
    return [...counts].flatMap(([name, count]) => (count > limit ? [`${what} ${name} holds ${count}`] : []));
  };
  return [
    ...most('the pool', () => 0, limits.pool),
    ...most('repository', ({ repository }) => repository, limits.perRepository),
    ...most('author', ({ author }) => author, limits.perAuthor),
  ];
}

/** Looks at the line every now and then, also while Redis comes and goes; `end` gives what was ever broken and how often it looked. */
export function watchLine(
  redis: TestRedis,
  limits: LineLimits,
): { end(): Promise<{ broken: string[]; looks: number }> } {
  const line = createWantedLine(redis.open({ commandTimeout: 1000 }));
  const broken: string[] = [];
  let looks = 0;
  let ending = false;
  const loop = async (): Promise<void> => {
    while (!ending) {
      // Redis may be away just now.
      const entries = await line.read(pool).then(
        (found) => found.entries,
        () => null,
      );
      if (entries !== null) looks += 1;
      broken.push(...brokenLimits(entries ?? [], limits));
      await pause(50);
    }
  };
  const looking = loop();
  return {
    async end() {
      ending = true;
      await looking;
      return { broken, looks };
    },
  };
}

export interface Grant {
  readonly build: string;
  readonly at: number;
}

/** The first grant of each build, as the workers logged them. */
export function grantsIn(workers: readonly ServedProcess[]): Grant[] {
  const first = new Map<string, Grant>();
  for (const line of workers.flatMap((worker) => worker.output().split('\n'))) {
    if (!line.includes('"build granted a slot"')) continue;
    const { build, time } = JSON.parse(line) as { build: string; time: string };
    const at = Date.parse(time);
    if (at < (first.get(build)?.at ?? Number.POSITIVE_INFINITY)) first.set(build, { build, at });
  }
  return [...first.values()].sort((a, b) => a.at - b.at);
}

/** One script logs its grants one after another. */
const sameTurnMs = 50;

/** Builds of one repository and one author, whom every limit meets alike, are granted by age: those that were not. */
export function passedOver(grants: readonly Grant[], entries: readonly LineEntry[]): string[] {
  const known = new Map(entries.map((entry) => [entry.build as string, entry]));
  const older = (a: LineEntry, b: LineEntry) => a.since < b.since || (a.since === b.since && a.build < b.build);
  return grants.flatMap((late, index) => {
    const mine = known.get(late.build);
    if (!mine) return [];
    return grants.slice(0, index).flatMap((early) => {
      const other = known.get(early.build);
      if (!other || other.repository !== mine.repository || other.author !== mine.author) return [];
      const isWrong = other.priority >= mine.priority && older(mine, other) && late.at - early.at > sameTurnMs;
      return isWrong ? [`${early.build} before ${late.build}, which is older`] : [];
    });
  });
}
