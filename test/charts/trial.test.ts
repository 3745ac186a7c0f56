import { execFile } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkServer } from '../../src/adapters/redis/check-server.ts';
import { startTestRedis, type TestRedis } from '../harness/redis.ts';
import { type RunningWeb, startWebRole } from '../harness/web-role.ts';
import { helmAbsence, objectOf, render } from './helm.ts';
import { podOf } from './rules.ts';

/** Runs the container of `helm test` as it was rendered, asking another address; the image's node is ours. */
async function askAt(address: string): Promise<{ readonly code: number; readonly said: string }> {
  const [container] = podOf(objectOf(await render(), 'Pod', 'sluice-answers'))?.containers ?? [];
  const [, ...words] = [...(container?.command ?? []), ...(container?.args ?? [])];
  const [variable] = container?.env ?? [];
  return new Promise((resolve) => {
    execFile(process.execPath, words, { env: { [variable?.name ?? '']: address } }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), said: out + err }),
    );
  });
}

describe.skipIf(helmAbsence !== null)(`what the chart runs besides Sluice ${helmAbsence ?? ''}`, () => {
  let redis: TestRedis;
  let web: RunningWeb;
  beforeAll(async () => {
    const objects = await render({ redis: { trial: { enabled: true } } });
    const text: string = objectOf(objects, 'ConfigMap', 'sluice-redis').data['redis.conf'];
    const lines = text.split('\n').filter((line) => line !== '' && !/^(?:include|dir) /.test(line));
    const settings = lines.flatMap((line) => {
      const [name, value = ''] = line.split(' ');
      return [`--${name}`, value.replaceAll('"', '')];
    });
    redis = await startTestRedis(settings);
    web = await startWebRole({ redis: redis.address });
  });
  afterAll(async () => {
    await web?.close();
    await redis?.stop();
  });

  it('the Redis for trials has settings that the server does not refuse', async () => {
    const problems = await checkServer(redis.open());
    expect(problems.filter(({ severity }) => severity === 'refuse')).toEqual([]);
  });

  it('helm test passes where Sluice is ready and refuses what nobody signed', async () => {
    const { code, said } = await askAt(web.url ?? '');
    expect(said).toBe('/readyz: 200, as it must be\n/api/github/webhooks: 401, as it must be\n');
    expect(code).toBe(0);
  });

  it('helm test fails with a sentence where something else listens', async () => {
    const { code, said } = await askAt(`${web.url}/elsewhere`);
    expect(said).toMatch(/^\/readyz: 404, so it is not ready: .*\n.*so a delivery without signature was not refused/);
    expect(code).toBe(1);
  });
});
