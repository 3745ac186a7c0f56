import { describe, expect, it } from 'vitest';
import type { AppContext } from '../../src/app/context.ts';
import { whoIsOff, whyAway } from '../../src/app/why-off.ts';
import type { LineEntry } from '../../src/model/line.ts';
import type { RunnerWish } from '../../src/model/runner-pool.ts';
import type { PodListing } from '../../src/ports/executor.ts';

type Kind = AppContext['ports']['executor']['kind'];

const entry = {
  build: 'b-unit-1',
  state: 'waiting',
  trust: 'approved',
  wish: { trust: 'approved', architecture: null, pool: null },
} as unknown as LineEntry;

/** `away`: in words, the pool that is away of those that there are; null: all are there; left out: there is one place only. */
function contextWith(kind: Kind, listing: 'listed' | 'unlisted', away?: string | null): AppContext {
  const listSeen = away === undefined ? undefined : () => Promise.reject(new Error('not asked here'));
  const whyUnseen = (_: RunnerWish) => away ?? null;
  const seen: PodListing | null = listing === 'listed' ? { pods: [], unseen: [], whyUnseen } : null;
  const ports = { executor: { kind, listSeen } };
  return { ports, pods: { seen: async () => seen }, settings: {} } as unknown as AppContext;
}

describe('what an entry waits for that could not begin anyway', () => {
  it.each`
    kind            | listing       | away            | why
    ${'kubernetes'} | ${'listed'}   | ${undefined}    | ${null}
    ${'kubernetes'} | ${'listed'}   | ${null}         | ${null}
    ${'kubernetes'} | ${'listed'}   | ${'the pool a'} | ${'the pool a'}
    ${'kubernetes'} | ${'unlisted'} | ${undefined}    | ${'the cluster, whose pods cannot be listed now'}
    ${'kubernetes'} | ${'unlisted'} | ${null}         | ${'the cluster, whose pods cannot be listed now'}
    ${'podman'}     | ${'unlisted'} | ${undefined}    | ${'podman, whose pods cannot be listed now'}
    ${'process'}    | ${'unlisted'} | ${undefined}    | ${'the pods of this machine, which cannot be listed now'}
  `('$kind, $listing, of pools $away: $why', async ({ kind, listing, away, why }) => {
    expect((await whyAway(contextWith(kind, listing, away)))(entry)).toBe(why);
  });

  it('takes its slot from nobody while nothing is known of any pool: it keeps its place', async () => {
    expect((await whoIsOff(contextWith('kubernetes', 'unlisted')))(entry)).toBe(false);
    expect((await whoIsOff(contextWith('kubernetes', 'unlisted', null)))(entry)).toBe(false);
    expect((await whoIsOff(contextWith('kubernetes', 'listed', 'the pool a')))(entry)).toBe(true);
  });
});
