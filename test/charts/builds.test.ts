import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, BlockList } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createApiClient } from '../../src/adapters/kubernetes/api-client.ts';
import { createPodsApi, type PodsApi } from '../../src/adapters/kubernetes/pods-api.ts';
import { helmAbsence, objectOf, type Rendered, render } from './helm.ts';

const adapter = join(import.meta.dirname, '../../src/adapters/kubernetes');

/** An API server that answers everything with an empty list and notes what it was asked. */
async function startRecorder() {
  const asked: { method: string; url: URL }[] = [];
  const server = createServer((request, response) => {
    asked.push({ method: request.method ?? '', url: new URL(request.url ?? '', 'http://recorder') });
    request.resume();
    response.end(
      JSON.stringify({ items: [], metadata: { resourceVersion: '1', name: 'x', uid: 'x' }, spec: {}, status: {} }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  return { asked, address: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/** As Kubernetes' authorizer names a request. */
function rightFor({ method, url }: { readonly method: string; readonly url: URL }): string {
  const [, resource, name, subresource] =
    /\/namespaces\/builds\/([a-z]+)(?:\/([^/]+))?(?:\/([a-z]+))?$/.exec(url.pathname) ?? [];
  if (resource === undefined) throw new Error(`outside the namespace: ${url.pathname}`);
  const reading = name !== undefined ? 'get' : url.searchParams.get('watch') === '1' ? 'watch' : 'list';
  const verb = { GET: reading, POST: 'create', PATCH: 'patch', DELETE: 'delete' }[method];
  return `${verb} ${[resource, subresource].filter(Boolean).join('/')}`;
}

/** Every call that the executor can make, made once. */
async function everyRight(): Promise<readonly string[]> {
  const recorder = await startRecorder();
  const access = { server: recorder.address, namespace: null, context: 'recorder', authorize: async () => ({}) };
  const client = createApiClient(access);
  try {
    const api = createPodsApi(client, { namespace: 'builds', owner: 'sluice' });
    const { signal } = new AbortController();
    const calls: Readonly<Record<Exclude<keyof PodsApi, 'owner'>, () => Promise<unknown>>> = {
      list: () => api.list(),
      watch: () => api.watch('1', 1, signal),
      get: () => api.get('x'),
      create: () => api.create({}),
      patch: () => api.patch('x', {}),
      remove: () => api.remove('x', {}),
      log: () => api.log('x', {}, signal),
      createSecret: () => api.createSecret({}),
      getSecret: () => api.getSecret('x'),
      removeSecret: () => api.removeSecret('x', {}),
    };
    for (const [name, call] of Object.entries(calls)) {
      const before = recorder.asked.length;
      await call();
      if (recorder.asked.length !== before + 1) throw new Error(`${name} did not ask once`);
    }
    return [...new Set(recorder.asked.map(rightFor))].sort();
  } finally {
    client.close();
    recorder.close();
  }
}

function rightsOf({ rules }: Rendered): readonly string[] {
  const all = (rules as readonly { resources: string[]; verbs: string[] }[]).flatMap(({ resources, verbs }) =>
    resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)),
  );
  return all.sort();
}

/** What pods of builds may reach by address, as their policies say it. */
function reaches(objects: readonly Rendered[], address: string, port: number): boolean {
  const policy = objects.find(
    ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'sluice-builds-allow',
  );
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  const within = (cidr: string): boolean => {
    const [net = '', bits] = cidr.split('/');
    if (net.includes(':') !== address.includes(':')) return false;
    const list = new BlockList();
    list.addSubnet(net, Number(bits), family);
    return list.check(address, family);
  };
  const rules: readonly {
    to: readonly { ipBlock?: { cidr: string; except?: string[] } }[];
    ports: { port: number }[];
  }[] = policy?.spec.egress ?? [];
  return rules.some(
    ({ to, ports }) =>
      ports.some((each) => each.port === port) &&
      to.some(({ ipBlock }) => ipBlock !== undefined && within(ipBlock.cidr) && !(ipBlock.except ?? []).some(within)),
  );
}

it('all calls of the executor go through the ten that are counted here', () => {
  const callers = readdirSync(adapter).filter((file) =>
    /createApiClient\(/.test(readFileSync(join(adapter, file), 'utf8')),
  );
  // namespaces.ts: /version, which everybody may ask; the rest of it is for tests and the demo. registry-secret.ts: never, as the chart
  // has credentials mounted.
  expect(callers.sort()).toEqual(['api-client.ts', 'executor.ts', 'namespaces.ts', 'registry-secret.ts']);
  for (const file of ['kubernetes-engine.ts', 'runner-pools.ts']) {
    const engine = readFileSync(join(adapter, '../..', file), 'utf8');
    expect(/import \{([^}]*)\} from '.\/adapters\/kubernetes\/namespaces.ts'/.exec(engine)?.[1]?.trim()).toBe(
      'whyNotReachable',
    );
  }
});

describe.skipIf(helmAbsence !== null)(`the namespace of builds ${helmAbsence ?? ''}`, () => {
  it('gives the worker exactly the rights that the executor uses', async () => {
    const objects = await render();
    expect(rightsOf(objectOf(objects, 'Role', 'sluice-builds'))).toEqual(await everyRight());
    const { roleRef, subjects } = objectOf(objects, 'RoleBinding', 'sluice-builds');
    expect(roleRef).toMatchObject({ kind: 'Role', name: 'sluice-builds' });
    expect(subjects).toEqual([{ kind: 'ServiceAccount', name: 'sluice-worker', namespace: 'ci' }]);
  });

  it('is told how long a node may be away', async () => {
    const secondsOf = async (builds: Readonly<Record<string, number>>): Promise<string> =>
      objectOf(await render({ builds }), 'ConfigMap', 'sluice-settings').data.SLUICE_LOST_NODE_SECONDS;
    expect(await secondsOf({})).toBe('60');
    expect(await secondsOf({ lostNodeSeconds: 300 })).toBe('300');
  });

  it('enforces the level of Pod Security that was asked for, and is left alone where it is not ours', async () => {
    const { labels } = objectOf(await render(), 'Namespace', 'sluice-builds').metadata;
    expect(labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'baseline',
      'sluice.dev/trust-untrusted': 'true',
    });
    const given = {
      name: 'ours',
      create: false,
      trust: ['untrusted', 'approved', 'trusted'],
      podSecurity: 'restricted',
    };
    const others = await render({ builds: { namespaces: [{ ...given, quota: { pods: '3' }, limits: {} }] } });
    expect(others.filter(({ kind }) => kind === 'Namespace')).toEqual([]);
    expect(objectOf(others, 'ResourceQuota', 'sluice-builds').spec.hard).toEqual({
      pods: '3',
      services: '0',
      persistentvolumeclaims: '0',
    });
    expect(objectOf(others, 'ConfigMap', 'sluice-settings').data.SLUICE_NAMESPACE).toBe('ours');
  });

  it('denies everything first, both ways, to every pod', async () => {
    expect(objectOf(await render(), 'NetworkPolicy', 'sluice-builds-deny').spec).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
  });

  it.each`
    address                | port   | expected | what
    ${'140.82.121.3'}      | ${443} | ${true}  | ${'the public Internet'}
    ${'2606:50c0:8000::1'} | ${443} | ${true}  | ${'the public Internet'}
    ${'140.82.121.3'}      | ${22}  | ${false} | ${'another port of it'}
    ${'169.254.169.254'}   | ${443} | ${false} | ${'the metadata service'}
    ${'fd00:ec2::254'}     | ${443} | ${false} | ${'the metadata service'}
    ${'10.96.0.1'}         | ${443} | ${false} | ${'the API server'}
    ${'172.20.0.1'}        | ${443} | ${false} | ${'a node'}
    ${'192.168.1.1'}       | ${443} | ${false} | ${'a private address'}
    ${'100.100.100.200'}   | ${443} | ${false} | ${'a shared address'}
    ${'198.51.100.7'}      | ${443} | ${false} | ${'what is denied besides'}
    ${'2001:db8:1::7'}     | ${443} | ${false} | ${'what is denied besides'}
  `('lets a build reach $address:$port ($what): $expected', async ({ address, port, expected }) => {
    const except = ['198.51.100.0/24', '2001:db8::/32'];
    const objects = await render({ builds: { network: { internet: { except } } } });
    expect(reaches(objects, address, port)).toBe(expected);
  });

  it('lets builds reach the proxy alone where that is all that is allowed', async () => {
    const rule = { to: [{ ipBlock: { cidr: '192.0.2.7/32' } }], ports: [{ protocol: 'TCP', port: 3128 }] };
    const network = { internet: { enabled: false }, dns: { enabled: false }, allow: [rule] };
    const objects = await render({ builds: { network } });
    expect(objectOf(objects, 'NetworkPolicy', 'sluice-builds-allow').spec.egress).toEqual([rule]);
    const closed = await render({ builds: { network: { ...network, allow: [] } } });
    expect(closed.filter(({ metadata }) => metadata.name === 'sluice-builds-allow')).toEqual([]);
  });
});
