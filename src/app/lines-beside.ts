import { sharesRunners } from '../core/line/runner-slots.ts';
import type { LineEntry } from '../model/line.ts';
import type { LineVersion } from '../ports/store.ts';
import type { AppContext } from './context.ts';

export interface LineBeside extends LineVersion {
  readonly entries: readonly LineEntry[];
}

type Needs = {
  readonly ports: Pick<AppContext['ports'], 'line'>;
  readonly settings: Pick<AppContext['settings'], 'limits'>;
};

/**
 * The other lines, where their builds may be made in a place that has so many slots and no more (`atOnce`); none where no place
 * is limited, and no line but this one is read.
 */
export async function linesBeside({ ports, settings }: Needs, pool: string): Promise<readonly LineBeside[]> {
  if (!sharesRunners(settings.limits)) return [];
  const others = (await ports.line.pools()).filter((other) => other !== pool);
  return Promise.all(others.map(async (other) => ({ pool: other, ...(await ports.line.read(other)) })));
}

/** What is in them. */
export function entriesIn(lines: readonly LineBeside[]): readonly LineEntry[] {
  return lines.flatMap(({ entries }) => entries);
}
