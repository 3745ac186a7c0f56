import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ApiClient, createApiClient } from '../../../src/adapters/kubernetes/api-client.ts';
import type { ClusterAccess } from '../../../src/adapters/kubernetes/cluster-access.ts';
import { createKubernetesExecutor } from '../../../src/adapters/kubernetes/executor.ts';
import type { OwnNamespace } from '../../../src/adapters/kubernetes/namespaces.ts';
import type { KubernetesSettings } from '../../../src/adapters/kubernetes/settings.ts';
import { toBuildId } from '../../../src/model/build.ts';
import { podOf, shell } from '../../contract/pod-manifest.ts';
import { leftoversIn } from './kubernetes-subject.ts';
import { makeTestNamespace } from './test-cluster.ts';

/** All that a worker may do, in the namespace of its builds and nowhere else. */
const rules = [
  { apiGroups: [''], resources: ['pods'], verbs: ['create', 'get', 'list', 'watch', 'patch', 'delete'] },
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['create', 'get', 'delete'] },
];

let namespace: OwnNamespace;
let settings: KubernetesSettings;
let client: ApiClient;

beforeAll(async () => {
  ({ namespace, settings } = await makeTestNamespace('rights'));
  client = createApiClient(settings.cluster);
});

afterAll(async () => {
  client?.close();
  await namespace?.remove();
});

async function post(path: string, body: object): Promise<unknown> {
  const answer = await client.call({ method: 'POST', path, body });
  expect([path, answer.status]).toEqual([path, 201]);
  return answer.body;
}

/** The same cluster for an account that has these rights alone. */
async function accessOf(account: string): Promise<ClusterAccess> {
  const core = `/api/v1/namespaces/${namespace.name}`;
  const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace.name}`;
  const metadata = { name: account };
  await post(`${core}/serviceaccounts`, { metadata });
  await post(`${rbac}/roles`, { metadata, rules });
  await post(`${rbac}/rolebindings`, {
    metadata,
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: namespace.name }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: account },
  });
  const made = await post(`${core}/serviceaccounts/${account}/token`, { spec: {} });
  const { token } = (made as { status: { token: string } }).status;
  const authorize = async () => {
    const { cert: _cert, key: _key, ...options } = await settings.cluster.authorize();
    return { ...options, headers: { Authorization: `Bearer ${token}` } };
  };
  return { ...settings.cluster, authorize };
}

it('an account with just these rights can do all that an executor does', { timeout: 60_000 }, async () => {
  const executor = createKubernetesExecutor({ ...settings, cluster: await accessOf('worker') });
  try {
    const build = toBuildId(`b-rights-${'0'.repeat(24)}`);
    const volumes = [{ name: 'git', secret: { secretName: 'git', defaultMode: 0o440 } }];
    const mount = [{ name: 'git', mountPath: '/.sluice/git', readOnly: true }];
    const script = 'cat /.sluice/git/token; echo; trap "exit 3" TERM; while true; do sleep 0.1; done';
    const main = [shell('main', script, { volumeMounts: mount })];
    const manifest = podOf({ owner: settings.owner, name: build, main, volumes });
    const told: string[] = [];
    const end = executor.watch((each) => told.push(each));
    expect(await executor.start(manifest, { git: { token: 'canary' } })).toEqual({ kind: 'created' });
    expect(await executor.start(manifest, { git: { token: 'canary' } })).toEqual({ kind: 'exists' });
    const log: string[] = [];
    let stopping: Promise<void> | null = null;
    await executor.follow(
      build,
      ({ text }) => {
        log.push(text);
        stopping ??= executor.stop(build);
      },
      AbortSignal.timeout(30_000),
    );
    await stopping;
    expect(log.join('')).toBe('canary\n');
    expect(await executor.observe(build)).toMatchObject({ phase: 'failed', reason: 'Stopped' });
    expect((await executor.list()).map(({ name }) => name)).toEqual([build]);
    await executor.remove(build);
    expect(await leftoversIn(settings)).toEqual([]);
    end();
    expect(told).toContain(build);
  } finally {
    await executor.close();
  }
});
