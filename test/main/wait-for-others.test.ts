import { describe, expect, it } from 'vitest';
import { cliError } from '../../src/cli/exit-codes.ts';
import { waitForOthers } from '../../src/wait-for-others.ts';
import { keepingLog } from '../harness/redis.ts';

/** A clock that only sleeping moves, and a start that answers from then on. */
function started({ inCluster, answersAtMs }: { readonly inCluster: boolean; readonly answersAtMs: number }) {
  let now = 0;
  let tries = 0;
  const log = keepingLog();
  const ending = new AbortController();
  const clock = {
    now: () => now,
    elapsed: () => now,
    sleep: async (milliseconds: number) => {
      now += milliseconds;
    },
  };
  const start = async (): Promise<string> => {
    tries += 1;
    if (now < answersAtMs) throw cliError('unreachable', 'Redis at redis:6379 gives no answer');
    return 'there';
  };
  return {
    ending,
    lines: log.lines,
    tries: () => tries,
    begin: (begin: () => Promise<string> = start) =>
      waitForOthers(begin, { inCluster, clock }, { log, signal: ending.signal }),
  };
}

describe('the start of a server', () => {
  it('waits in a cluster for what is started beside it, and says once for what', async () => {
    const late = started({ inCluster: true, answersAtMs: 30_000 });
    expect(await late.begin()).toBe('there');
    expect(late.lines.map(({ message }) => message)).toEqual(['waiting for what does not answer yet']);
    expect(late.lines).toMatchObject([{ fields: { because: 'Redis at redis:6379 gives no answer' } }]);
  });

  it('ends with the reason where that never answers, before the startup probe ends it', async () => {
    const never = started({ inCluster: true, answersAtMs: Number.POSITIVE_INFINITY });
    await expect(never.begin()).rejects.toThrow('Redis at redis:6379 gives no answer');
    expect(never.tries()).toBe(46);
  });

  it('says at once what does not answer on a machine of its own', async () => {
    const alone = started({ inCluster: false, answersAtMs: 30_000 });
    await expect(alone.begin()).rejects.toThrow('gives no answer');
    expect(alone.tries()).toBe(1);
  });

  it('does not wait for what another answer would not cure, nor after it was told to end', async () => {
    const wrong = started({ inCluster: true, answersAtMs: 0 });
    let tries = 0;
    const refuse = async (): Promise<string> => {
      tries += 1;
      throw cliError('usage', 'SLUICE_BUILDER is "docker"');
    };
    await expect(wrong.begin(refuse)).rejects.toThrow('SLUICE_BUILDER');
    expect(tries).toBe(1);
    const ended = started({ inCluster: true, answersAtMs: 30_000 });
    ended.ending.abort();
    await expect(ended.begin()).rejects.toThrow('gives no answer');
    expect(ended.tries()).toBe(1);
  });
});
