import { describe, expect, it } from 'vitest';
import { chooseRunner, coveredBy, wishOf } from '../../../src/core/pod/choose-runner.ts';
import type { RunnerPool } from '../../../src/model/runner-pool.ts';
import type { TrustClass } from '../../../src/model/trust.ts';

/** As `name: untrusted approved @ amd64 arm64`; with a `!` before it, for jobs that name it. */
function pool(text: string): RunnerPool {
  const [called = '', rest = ''] = text.split(': ');
  const name = called.replace('!', '');
  const [trust = '', architectures] = rest.split(' @ ');
  return {
    name,
    trust: trust.split(' ') as TrustClass[],
    architectures: architectures?.split(' ') ?? null,
    kubeconfig: null,
    context: null,
    namespace: name,
    nodeSelector: {},
    tolerations: [],
    runtimeClass: null,
    hostUsers: null,
    priorityClass: null,
    byName: called !== name,
    atOnce: null,
  };
}

const pools = [
  '!gpu: trusted @ amd64',
  'shut: untrusted',
  'arm: approved trusted @ arm64',
  'big: trusted @ amd64',
  'rest: approved trusted @ amd64 s390x',
].map(pool);

describe('the pool of a pod', () => {
  it.each`
    trust          | architecture | expected
    ${'untrusted'} | ${null}      | ${'shut'}
    ${'untrusted'} | ${'riscv64'} | ${'shut'}
    ${'approved'}  | ${'arm64'}   | ${'arm'}
    ${'approved'}  | ${'amd64'}   | ${'rest'}
    ${'trusted'}   | ${'amd64'}   | ${'big'}
    ${'trusted'}   | ${'s390x'}   | ${'rest'}
    ${'trusted'}   | ${null}      | ${'arm'}
    ${'approved'}  | ${'riscv64'} | ${'no pool of this server has approved code built on `riscv64`: there is `arm64`, `amd64`, `s390x`'}
  `('of $trust code for $architecture is $expected', ({ trust, architecture, expected }) => {
    const choice = chooseRunner(pools, { trust, architecture, pool: null });
    expect(choice.kind === 'pool' ? choice.pool.name : choice.because).toBe(expected);
  });

  it.each`
    pool       | trust          | architecture | expected
    ${'gpu'}   | ${'trusted'}   | ${'amd64'}   | ${'gpu'}
    ${'gpu'}   | ${'trusted'}   | ${null}      | ${'gpu'}
    ${'rest'}  | ${'trusted'}   | ${'amd64'}   | ${'rest'}
    ${'gpu'}   | ${'trusted'}   | ${'arm64'}   | ${'arm'}
    ${'gpu'}   | ${'approved'}  | ${'amd64'}   | ${'rest'}
    ${'gpu'}   | ${'untrusted'} | ${'amd64'}   | ${'shut'}
    ${'other'} | ${'trusted'}   | ${'amd64'}   | ${'big'}
  `('that a job names, $pool, has $trust code for $architecture in $expected', ({ expected, ...wish }) => {
    const choice = chooseRunner(pools, wish);
    expect(choice.kind === 'pool' ? choice.pool.name : choice.because).toBe(expected);
  });

  it('is none where nobody takes such code: never one of another class', () => {
    const choice = chooseRunner(pools.slice(2), { trust: 'untrusted', architecture: null, pool: 'big' });
    expect(choice).toEqual({ kind: 'none', because: 'no pool of this server takes untrusted code' });
  });

  it('is chosen by what the pod itself says, and by nothing that a repository may write', () => {
    const spec = { nodeSelector: { 'kubernetes.io/arch': 'arm64' } };
    const pod = (labels: object) => ({ metadata: { labels }, spec }) as unknown as Parameters<typeof wishOf>[0];
    expect(wishOf(pod({ 'sluice.dev/trust': 'trusted' }))).toEqual({
      trust: 'trusted',
      architecture: 'arm64',
      pool: null,
    });
    expect(wishOf(pod({ 'sluice.dev/trust': 'trusted', 'sluice.dev/pool': 'gpu' }))).toMatchObject({ pool: 'gpu' });
    expect(wishOf(pod({ 'sluice.dev/trust': 'root' }))).toBeNull();
    expect(wishOf(pod({}))).toBeNull();
  });
});

describe('a pool that never gets a pod', () => {
  it.each([
    ['b: trusted', ['a: trusted'], 'a'],
    ['b: trusted @ arm64', ['a: trusted approved'], 'a'],
    ['b: trusted @ arm64 amd64', ['a: trusted @ arm64', 'c: trusted @ amd64'], 'a'],
    ['b: trusted', ['a: trusted @ arm64'], null],
    ['b: trusted approved', ['a: trusted'], null],
    ['b: trusted @ arm64', ['a: trusted @ amd64'], null],
    ['!b: trusted', ['a: trusted'], null],
    ['b: trusted', ['!a: trusted'], null],
  ])('%s behind %j is covered by %s', (own, before, by) => {
    expect(coveredBy(pool(own), before.map(pool))?.name ?? null).toBe(by);
  });
});
