import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InstalledChart, prepareChart } from './installed-chart.ts';

const started = Date.now();
const say = (line: string): void =>
  void process.stderr.write(`chart, ${Math.round((Date.now() - started) / 1000)} s: ${line}\n`);

describe('the chart, installed in a cluster', { timeout: 300_000 }, () => {
  let installed: InstalledChart;

  beforeAll(async () => {
    installed = await prepareChart(say);
  }, 600_000);

  afterAll(async () => {
    await installed?.stop();
  }, 180_000);

  it('is ready once its secret is there, in a namespace that admits nothing but restricted pods', async () => {
    const { front, kubectl } = installed;
    await installed.install();
    for (const role of ['web', 'worker'])
      await kubectl('rollout', 'status', `deployment/sluice-${role}`, '--timeout=2m');
    const answer = await fetch(`${front.url}/readyz`, { signal: AbortSignal.timeout(5000) });
    expect([answer.status, await answer.json()]).toEqual([200, { ready: true, missing: [] }]);
    say('installed, and all of it is ready');
    const restarts = await kubectl('get', 'pods', '--output=jsonpath={..restartCount}');
    expect([...new Set(restarts.split(' '))]).toEqual(['0']);
  });

  it('has the rights that its builds need, and no others', async () => {
    const { namespace, builds } = installed;
    const may = async (role: string, verb: string, resource: string, place: string): Promise<boolean> => {
      const account = `--as=system:serviceaccount:${namespace}:sluice-${role}`;
      const [kind = '', subresource = ''] = resource.split('/');
      const words = ['auth', 'can-i', verb, kind, `--subresource=${subresource}`, account, `--namespace=${place}`];
      return installed.kubectl(...words).then(
        (answer) => answer === 'yes',
        () => false,
      );
    };
    expect(await may('worker', 'create', 'pods', builds)).toBe(true);
    expect(await may('worker', 'list', 'secrets', builds)).toBe(false);
    expect(await may('worker', 'create', 'pods/exec', builds)).toBe(false);
    for (const [verb, resource] of [
      ['create', 'pods'],
      ['get', 'secrets'],
    ] as const) {
      expect(await may('worker', verb, resource, namespace)).toBe(false);
      expect(await may('web', verb, resource, builds)).toBe(false);
    }
  });
});
