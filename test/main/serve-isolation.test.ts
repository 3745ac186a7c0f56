import { describe, expect, it } from 'vitest';
import type { LocalEngine } from '../../src/choose-executor.ts';
import { readMachine } from '../../src/machine.ts';
import { isolationOf, isolationWords } from '../../src/serve-isolation.ts';

type Kind = LocalEngine['executor']['kind'];

const prove = { SLUICE_ISOLATION: 'prove', SLUICE_ISOLATION_TARGETS: 'pod api=10.96.0.1:443' };

function read(kind: Kind, env: Readonly<Record<string, string>>) {
  const engine = { executor: { kind }, ...(kind === 'kubernetes' ? { namespace: 'builds' } : {}) };
  return isolationOf(readMachine(env), engine as unknown as LocalEngine, 'https://github.acme.io');
}

describe('how a server knows that unapproved code is shut in', () => {
  it('is a canary in its own namespace, where the operator says so', () => {
    const isolation = read('kubernetes', { ...prove, SLUICE_ISOLATION_ACCEPTED: 'pod' });
    expect(isolation).toMatchObject({
      kind: 'proved',
      place: 'namespace builds',
      accepted: ['pod'],
      control: { host: 'github.acme.io', port: 443 },
    });
    expect(isolationWords(isolation, 'kubernetes').join()).toMatch(
      /does not reach pod, api; accepted all the same: pod/,
    );
  });

  it.each`
    kind            | env                                   | said                                       | started
    ${'kubernetes'} | ${{}}                                 | ${/Not proved to be shut in.*=prove/}      | ${/No canary tries .* each of their check runs says so/}
    ${'kubernetes'} | ${{ SLUICE_ISOLATION: 'off' }}        | ${/Not proved to be shut in/}              | ${/No canary tries/}
    ${'process'}    | ${{ SLUICE_ACCEPT_UNTRUSTED: '1' }}   | ${/Not shut in:.*SLUICE_ACCEPT_UNTRUSTED/} | ${/^$/}
    ${'process'}    | ${{}}                                 | ${null}                                    | ${/^$/}
    ${'podman'}     | ${{ SLUICE_BUILD_NETWORK: 'closed' }} | ${null}                                    | ${/No canary tries the network/}
  `('is nothing with $kind and $env, and that is said', ({ kind, env, said, started }) => {
    const isolation = read(kind, env);
    if (said === null) expect(isolation).toBeNull();
    else expect(isolation).toMatchObject({ kind: 'unproved', said: expect.stringMatching(said) });
    expect(isolationWords(isolation, kind).join()).toMatch(started);
  });

  it('is refused with every mistake, and where there is no cluster to try it in', () => {
    const wrong = { ...prove, SLUICE_ISOLATION_TARGETS: 'pod=1 api' };
    expect(() => read('kubernetes', wrong)).toThrow(/entry 1: .*\nSLUICE_ISOLATION_TARGETS, entry 2: /);
    expect(() => read('podman', prove)).toThrow(/builds with podman are no pods of a cluster: leave it out/);
  });
});
