import { describe, expect, it } from 'vitest';
import { parsePools } from '../../src/config/pools/parse-pools.ts';
import { helmAbsence, objectOf, type Rendered, render, type Values } from './helm.ts';
import { podOf } from './rules.ts';

const place = { create: true, podSecurity: 'baseline', quota: { pods: '50' }, limits: {} };
const strangers = {
  ...place,
  name: 'strangers',
  trust: ['untrusted'],
  nodeSelector: { 'acme.io/pool': 'sandbox' },
  tolerations: [{ key: 'sandbox', operator: 'Exists', effect: 'NoSchedule' }],
  runtimeClass: 'gvisor',
  hostUsers: false,
};
const ours = { ...place, name: 'sluice-builds', trust: ['approved', 'trusted'], priorityClass: 'builds' };
const arm = {
  name: 'arm',
  trust: ['approved', 'trusted'],
  architectures: ['arm64'],
  namespace: 'builds',
  kubeconfig: { secret: 'arm', key: 'config' },
  context: 'ci',
};
const apart: Values = { builds: { namespaces: [strangers, ours], otherClusters: [arm] } };

/** What the server reads of what is rendered, and where it looks for it. */
function poolsOf(objects: readonly Rendered[]) {
  const reading = parsePools(objectOf(objects, 'ConfigMap', 'sluice-pools').data['pools.yaml'], 'pools.yaml');
  const pod = podOf(objectOf(objects, 'Deployment', 'sluice-all'));
  const volume = pod?.volumes?.find(({ name }) => name === 'pools') as { projected?: { sources: readonly object[] } };
  const [container] = pod?.containers ?? [];
  return { reading, sources: volume?.projected?.sources, env: container?.env ?? [] };
}

describe.skipIf(helmAbsence !== null)(`places for code of each trust ${helmAbsence ?? ''}`, () => {
  it('are what the server reads, other clusters first, with what was said of each', async () => {
    const { reading, sources, env } = poolsOf(await render(apart));
    const plain = { kubeconfig: null, context: null, runtimeClass: null, hostUsers: null, priorityClass: null };
    const bare = { ...plain, byName: false, atOnce: null, architectures: null, nodeSelector: {}, tolerations: [] };
    const { nodeSelector, tolerations, runtimeClass, hostUsers } = strangers;
    const own = { nodeSelector, tolerations, runtimeClass, hostUsers };
    expect(reading).toEqual({
      kind: 'pools',
      pools: [
        { ...bare, ...arm, kubeconfig: 'arm/config' },
        { ...bare, ...own, name: 'strangers', namespace: 'strangers', trust: ['untrusted'] },
        { ...bare, name: 'sluice-builds', namespace: 'sluice-builds', trust: ours.trust, priorityClass: 'builds' },
      ],
    });
    expect(env).toContainEqual({ name: 'SLUICE_POOLS', value: '/etc/sluice/pools/pools.yaml' });
    expect(sources).toEqual([
      { configMap: { name: 'sluice-pools' } },
      { secret: { name: 'arm', items: [{ key: 'config', path: 'arm/config' }] } },
    ]);
  });

  it('each have their rights, quota, limits and policies', async () => {
    const objects = await render(apart);
    for (const kind of ['Namespace', 'Role', 'RoleBinding', 'ResourceQuota', 'LimitRange'])
      expect(objects.filter((object) => object.kind === kind)).toHaveLength(2);
    const of = (namespace: string) =>
      objects.flatMap(({ kind, metadata }) =>
        kind === 'NetworkPolicy' && metadata.namespace === namespace ? [metadata.name] : [],
      );
    expect(of('strangers')).toEqual(['sluice-builds-deny', 'sluice-builds-allow']);
    expect(of('sluice-builds')).toEqual(of('strangers'));
  });

  it('are one namespace as before where nothing is said of them', async () => {
    const objects = await render();
    expect(objects.filter(({ metadata }) => metadata.name === 'sluice-pools')).toEqual([]);
    expect(objectOf(objects, 'ConfigMap', 'sluice-settings').data.SLUICE_NAMESPACE).toBe('sluice-builds');
  });

  it.each([[{ hostUsers: true }], [{ runtimeClass: 'gvisor' }], [{ priorityClass: 'low' }]])(
    'are a pool with %j, alone though it is',
    async (more) => {
      const all = { ...ours, priorityClass: '', trust: ['untrusted', 'approved', 'trusted'], ...more };
      const { reading } = poolsOf(await render({ builds: { namespaces: [all] } }));
      expect(reading).toMatchObject({ kind: 'pools', pools: [more] });
    },
  );

  it('may be for jobs that name them alone, and of a size of their own', async () => {
    const gpu = { ...place, name: 'gpu', trust: ['trusted'], byName: true, atOnce: 2 };
    const rest = { ...ours, trust: ['untrusted', 'approved', 'trusted'] };
    const { reading } = poolsOf(await render({ builds: { namespaces: [gpu, rest] } }));
    expect(reading).toMatchObject({
      kind: 'pools',
      pools: [
        { name: 'gpu', byName: true, atOnce: 2 },
        { name: 'sluice-builds', byName: false, atOnce: null },
      ],
    });
    const few = await render({ builds: { namespaces: [{ ...rest, atOnce: 3 }] } });
    expect(poolsOf(few).reading).toMatchObject({ pools: [{ name: 'sluice-builds', byName: false, atOnce: 3 }] });
  });

  it('start Sluice anew when they change', async () => {
    const marks = await Promise.all(
      [apart, { builds: { namespaces: [{ ...strangers, hostUsers: true }, ours], otherClusters: [arm] } }].map(
        async (values) =>
          objectOf(await render(values), 'Deployment', 'sluice-all').spec.template.metadata.annotations[
            'sluice.dev/settings'
          ],
      ),
    );
    expect(new Set(marks).size).toBe(2);
  });
});
