import { describe, expect, it } from 'vitest';
import { parseIsolation } from '../../src/config/isolation/parse-isolation.ts';
import { readServerSettings } from '../../src/server-settings.ts';
import { helmAbsence, objectOf, type Rendered, refusal, render, type Values } from './helm.ts';
import { podOf } from './rules.ts';

/** As Kubernetes fills it in, in the order in which the variables are given. */
function environmentOf(objects: readonly Rendered[], deployment: string): Record<string, string> {
  const [container] = podOf(objectOf(objects, 'Deployment', deployment))?.containers ?? [];
  const known: Record<string, string> = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
  for (const { name, value = name === 'NODE_ADDRESS' ? '172.20.0.7' : 'by reference' } of container?.env ?? [])
    known[name] = value.replace(/\$\(([A-Z_]+)\)/g, (whole, each: string) => known[each] ?? whole);
  return known;
}

function readAs(environment: Readonly<Record<string, string>>) {
  const { isolation } = readServerSettings(environment);
  return parseIsolation(isolation, { place: 'namespace builds', forge: 'https://github.com' });
}

const isolation = (values: object): Values => ({ builds: { isolation: values } });

describe.skipIf(helmAbsence !== null)(`what the chart has the canary try ${helmAbsence ?? ''}`, () => {
  it('is on by itself: another pod, the API server, the kubelet and the metadata address, with nothing accepted', async () => {
    expect(readAs(environmentOf(await render(), 'sluice-all'))).toMatchObject({
      kind: 'proved',
      settings: {
        targets: [
          { name: 'pod' },
          { name: 'api-server', host: '10.96.0.1', port: 443 },
          { name: 'kubelet', host: '172.20.0.7', port: 10_250 },
          { name: 'metadata', host: '169.254.169.254', port: 80 },
        ],
        accepted: [],
        control: { host: 'github.com', port: 443 },
      },
    });
  });

  it('is the Redis for trials besides, and whatever the operator names', async () => {
    const targets = { registry: 'https://registry.acme.io/base/busybox', internet: '140.82.121.3:22' };
    const trial = { redis: { trial: { enabled: true } } };
    const values = { ...trial, ...isolation({ targets, accepted: ['internet'], control: 'github.acme.io:443' }) };
    expect(readAs(environmentOf(await render(values), 'sluice-all'))).toMatchObject({
      settings: {
        targets: expect.arrayContaining([
          { name: 'redis', kind: 'connect', host: 'sluice-redis.ci.svc', port: 6379 },
          { name: 'registry', kind: 'write', url: 'https://registry.acme.io/base/busybox' },
          { name: 'internet', kind: 'connect', host: '140.82.121.3', port: 22 },
        ]),
        accepted: ['internet'],
        control: { host: 'github.acme.io' },
      },
    });
  });

  it('is nothing where it is switched off, and nothing for who only listens', async () => {
    expect(readAs(environmentOf(await render(isolation({ enabled: false })), 'sluice-all'))).toEqual({ kind: 'off' });
    const split = await render({ mode: 'split', logs: { claim: 'logs' } });
    expect(readAs(environmentOf(split, 'sluice-web'))).toEqual({ kind: 'off' });
    expect(readAs(environmentOf(split, 'sluice-worker'))).toMatchObject({ kind: 'proved' });
  });

  it.each`
    values                                                            | words
    ${{ accepted: ['internet'] }}                                     | ${'accepted names internet, which is not tried: write one of api-server, kubelet, metadata, pod'}
    ${{ pod: false, apiServer: false, kubelet: false, metadata: '' }} | ${'is enabled and tries nothing'}
    ${{ targets: { pod: '10.0.0.1:80' } }}                            | ${'names pod, which the chart itself names: give it another name'}
    ${{ targets: { Redis: '10.0.0.1:80' } }}                          | ${"additional properties 'Redis' not allowed"}
    ${{ targets: { redis: '10.0.0.1' } }}                             | ${"'/builds/isolation/targets/redis'"}
    ${{ targets: { registry: 'https://registry.acme.io' } }}          | ${"'/builds/isolation/targets/registry'"}
    ${{ metadata: '169.254.169.254' }}                                | ${"'/builds/isolation/metadata'"}
    ${{ control: 'github.com' }}                                      | ${"'/builds/isolation/control'"}
    ${{ acepted: [] }}                                                | ${"additional properties 'acepted' not allowed"}
  `('refuses $values with: $words', async ({ values, words }) => {
    expect(await refusal(isolation(values))).toContain(words);
  });
});
