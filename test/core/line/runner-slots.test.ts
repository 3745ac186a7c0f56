import { describe, expect, it } from 'vitest';
import { pickStarts, placesIn } from '../../../src/core/line/order-line.ts';
import { sharesRunners } from '../../../src/core/line/runner-slots.ts';
import type { BuildId } from '../../../src/model/build.ts';
import type { LineEntry, LineLimits } from '../../../src/model/line.ts';
import type { RunnerPool } from '../../../src/model/runner-pool.ts';
import type { SubjectId } from '../../../src/model/subject.ts';
import type { TrustClass } from '../../../src/model/trust.ts';

const bare = { kubeconfig: null, context: null, runtimeClass: null, hostUsers: null, priorityClass: null };
const plain = { ...bare, namespace: 'x', architectures: null, nodeSelector: {}, tolerations: [], byName: false };
const place = (name: string, atOnce: number | null, ...trust: TrustClass[]): RunnerPool => ({
  ...plain,
  name,
  trust,
  atOnce,
});
const limits: LineLimits = {
  pool: 10,
  perRepository: 10,
  perAuthor: 10,
  runners: [
    { ...place('arm', 1, 'trusted'), architectures: ['arm64'] },
    place('strangers', 2, 'untrusted'),
    place('ours', null, 'approved', 'trusted'),
  ],
};

function entry(build: string, since: number, over: Partial<LineEntry>): LineEntry {
  const subject = `presubmit/1/${since}` as SubjectId;
  const fixed = { subject, pool: 'default', priority: 100, repository: 1, author: since, state: 'waiting' as const };
  return { build: build as BuildId, since, ...fixed, ...over };
}

const three = (over: Partial<LineEntry>): LineEntry[] => [1, 2, 3].map((since) => entry(`b${since}`, since, over));

describe('a place of pods that has a size', () => {
  it.each<[string, Partial<LineEntry>, number]>([
    ['code that nobody approved', { trust: 'untrusted' }, 2],
    ['what runs elsewhere', { trust: 'approved' }, 3],
    ['nodes of its architecture', { trust: 'trusted', architecture: 'arm64' }, 1],
    ['the same code on other nodes', { trust: 'trusted', architecture: 'amd64' }, 3],
    ['an entry of an earlier version', {}, 3],
  ])('lets so many of %s start at once: %j, %i', (_, over, starts) => {
    expect(pickStarts(three(over), limits)).toHaveLength(starts);
  });

  it('is passed over when it is full, and who waits for it is told so', () => {
    const holding = ['b7', 'b8'].map((build, at) => entry(build, at, { trust: 'untrusted', state: 'active' }));
    const line = [...holding, ...three({ trust: 'untrusted' }), entry('landed', 9, { trust: 'trusted' })];
    expect(pickStarts(line, limits)).toEqual(['landed']);
    const places = placesIn(line, limits);
    expect(places.get('b1' as BuildId)?.waitsFor).toBe('one of the 2 slots of the pool strangers');
    expect(places.get('landed' as BuildId)?.waitsFor).toBeUndefined();
  });

  it('counts what other lines have there, and not what waits in them', () => {
    const elsewhere = (state: LineEntry['state']) => entry('b9', 1, { trust: 'untrusted', pool: 'big', state });
    const line = three({ trust: 'untrusted' });
    const full = [elsewhere('active'), entry('b8', 1, { trust: 'untrusted', pool: 'small', state: 'granted' })];
    expect(pickStarts(line, limits, undefined, [elsewhere('waiting')])).toHaveLength(2);
    expect(pickStarts(line, limits, undefined, [elsewhere('granted')])).toEqual(['b1']);
    expect(pickStarts(line, limits, undefined, full)).toEqual([]);
    expect(placesIn(line, limits, undefined, full).get('b1' as BuildId)?.waitsFor).toMatch(/2 slots .* strangers/);
  });

  it.each<[string, readonly RunnerPool[] | undefined, boolean]>([
    ['there is one place', undefined, false],
    ['none has a size', [place('ours', null, 'trusted')], false],
    ['one that jobs name has', [{ ...place('big', 2, 'trusted'), byName: true }], false],
    ['one of a class of trust has', limits.runners, true],
  ])('is shared by several lines or not: %s', (_, runners, shares) => {
    expect(sharesRunners(runners === undefined ? {} : { runners })).toBe(shares);
  });

  it('that cannot be looked at is told first, also to who has a slot already', () => {
    const line = [entry('b1', 1, { trust: 'untrusted', state: 'granted' }), ...three({ trust: 'untrusted' }).slice(1)];
    const places = placesIn(line, limits, () => 'the pool strangers, whose pods cannot be listed now');
    expect([...places.values()].map(({ waitsFor }) => waitsFor)).toEqual(
      line.map(() => 'the pool strangers, whose pods cannot be listed now'),
    );
  });
});
