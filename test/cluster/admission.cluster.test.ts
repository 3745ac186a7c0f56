import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, createApiClient } from '../../src/adapters/kubernetes/api-client.ts';
import { loadJobLibrary } from '../../src/config/job-library.ts';
import { renderPod } from '../../src/core/pod/render-pod.ts';
import type { BuildOrder, PoolSettings } from '../../src/model/order.ts';
import type { PodManifest } from '../../src/model/pod.ts';
import { openTestCluster } from '../adapters/kubernetes/test-cluster.ts';
import { byBuildkit as buildkitValues, merge, type Rendered, render, type Values } from '../charts/helm.ts';
import { byBuildkit, commandOrder, imageOrder, pool, promoteOrder, uploadOrder } from '../core/pod/order-fixture.ts';
import { waitUntil } from './waiting.ts';

const until = waitUntil(async () => '');
const library = await loadJobLibrary(resolve(import.meta.dirname, '../../jobs'));

/** One of each template, of each class of trust that it is for. */
const orders: readonly BuildOrder[] = [
  ...(['untrusted', 'approved', 'trusted'] as const).flatMap((trust) => [
    imageOrder({ trust }),
    imageOrder({ trust, project: { private: true } }),
    commandOrder({ trust }),
    commandOrder({ trust, job: { allowPrivilegeEscalation: true } }),
  ]),
  uploadOrder(),
  uploadOrder({ trust: 'trusted' }),
  promoteOrder(),
];

/** Kinds that say what a namespace admits. */
const places: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces',
  LimitRange: '/api/v1/namespaces/NAMESPACE/limitranges',
  ResourceQuota: '/api/v1/namespaces/NAMESPACE/resourcequotas',
  ValidatingAdmissionPolicy: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
};

let client: ApiClient;
const made: string[] = [];

beforeAll(async () => {
  client = createApiClient(await openTestCluster());
});

afterAll(async () => {
  for (const path of made.reverse()) await client.call({ method: 'DELETE', path });
  client?.close();
});

/** Makes what the chart has for a namespace of builds, under names of their own; gives the path of its pods. */
async function makeNamespace(values: Values): Promise<string> {
  const namespace = `sluice-admission-${randomBytes(4).toString('hex')}`;
  const objects = (await render(values)).filter(({ kind }) => places[kind] !== undefined);
  const text = JSON.stringify(objects).replaceAll('"ci-sluice-builds"', JSON.stringify(namespace));
  const named = text.replaceAll('"sluice-builds"', JSON.stringify(namespace));
  for (const body of JSON.parse(named) as Rendered[]) {
    const path = places[body.kind]?.replace('NAMESPACE', namespace) ?? '';
    const answer = await client.call({ method: 'POST', path, body });
    expect([body.kind, answer.status]).toEqual([body.kind, 201]);
    if (body.metadata.namespace === undefined) made.push(`${path}/${body.metadata.name}`);
  }
  return `/api/v1/namespaces/${namespace}/pods`;
}

/** What the API server says to it, without making it; null: it would. */
async function objection(path: string, body: object): Promise<string | null> {
  const answer = await client.call({ method: 'POST', path, query: { dryRun: 'All' }, body });
  return answer.status === 201 ? null : (answer.body as { readonly message: string }).message;
}

/** A policy counts a moment after it was made, and so does the account of a namespace. */
async function untilItCounts(path: string, refused: object, words: RegExp): Promise<void> {
  await until('what the chart says to count', async () => words.test((await objection(path, refused)) ?? ''), 30);
}

// biome-ignore lint/suspicious/noExplicitAny: spoiled on purpose
type Loose = any;
type Spoil = (pod: Loose) => void;

function spoiled(pod: PodManifest, spoil: Spoil): object {
  const copy = structuredClone(pod) as Loose;
  spoil(copy);
  return copy;
}

const container = (pod: Loose, name: string): Loose =>
  [...pod.spec.initContainers, ...pod.spec.containers].find((each) => each.name === name);
const rights =
  (name: string, fields: object): Spoil =>
  (pod) =>
    void Object.assign(container(pod, name).securityContext, fields);
const inSpec =
  (fields: object): Spoil =>
  (pod) =>
    void Object.assign(pod.spec, fields);
const withToken: Spoil = inSpec({ automountServiceAccountToken: true });
/** Of the node, which no pod can be that has a user namespace of its own. */
const onNode =
  (fields: object): Spoil =>
  (pod) => {
    delete pod.spec.hostUsers;
    for (const each of pod.spec.initContainers) delete each.securityContext.procMount;
    Object.assign(pod.spec, fields);
  };
const ownNetwork = /shares neither network nor processes with its node/;

const both: readonly (readonly [string, Spoil, RegExp])[] = [
  ["the node's network", onNode({ hostNetwork: true }), ownNetwork],
  ["the node's processes", onNode({ hostPID: true }), ownNetwork],
  [
    'a port of the node',
    (pod) => void Object.assign(container(pod, 'build'), { ports: [{ containerPort: 1, hostPort: 1 }] }),
    ownNetwork,
  ],
  ['a token', withToken, /has no token of the cluster/],
  [
    'a path of the node',
    (pod) => void pod.spec.volumes.push({ name: 'x', hostPath: { path: '/' } }),
    /empty folders and secrets, and nothing else/,
  ],
  ['a privileged container', rights('build', { privileged: true, allowPrivilegeEscalation: true }), /is privileged/],
  [
    'a builder with capabilities',
    rights('build', { capabilities: { drop: ['ALL'], add: ['CHOWN'] } }),
    /has capabilities/,
  ],
  ['a step that keeps what the runtime gives', rights('checkout', { capabilities: {} }), /has capabilities/],
  ['an unconfined builder', rights('build', { seccompProfile: { type: 'Unconfined' } }), /daemon is unconfined/],
  ['a builder without AppArmor', rights('build', { appArmorProfile: { type: 'Unconfined' } }), /daemon is unconfined/],
  [
    'a whole pod without seccomp',
    inSpec({ securityContext: { seccompProfile: { type: 'Unconfined' } } }),
    /for itself nothing but its group/,
  ],
  [
    'a sysctl',
    inSpec({ securityContext: { sysctls: [{ name: 'net.ipv4.ip_local_port_range', value: '1 2' }] } }),
    /nothing but its group/,
  ],
  [
    'another daemon',
    (pod) => void Object.assign(container(pod, 'buildkitd'), { image: 'quay.io/x/y:1' }),
    /image that the operator/,
  ],
  [
    'a daemon with the source',
    (pod) => void container(pod, 'buildkitd').volumeMounts.push({ name: 'src', mountPath: '/x' }),
    /mounts nothing of the project/,
  ],
];

const spoilings = {
  'user-namespace': [
    ...both,
    ['root of the node', onNode({ hostUsers: true }), /root of a user namespace/],
    ['a daemon with more', rights('buildkitd', { capabilities: { add: ['SYS_PTRACE'] } }), /root of a user namespace/],
  ],
  rootless: [
    ...both,
    ['a daemon that is root', rights('buildkitd', { runAsUser: 0, runAsNonRoot: false }), /is user 1000/],
    ['a daemon with more', rights('buildkitd', { capabilities: { add: ['SYS_ADMIN'] } }), /is user 1000/],
  ],
} satisfies Record<string, readonly (readonly [string, Spoil, RegExp])[]>;

describe('the namespace of builds that the chart makes for kaniko', () => {
  it('admits every pod of ours, and nothing of the node', async () => {
    const path = await makeNamespace({});
    const pods = orders.map((order) => renderPod(order, pool, library));
    await untilItCounts(
      path,
      spoiled(pods[0] as PodManifest, onNode({ hostNetwork: true })),
      /violates PodSecurity "baseline/,
    );
    expect(await Promise.all(pods.map((pod) => objection(path, pod)))).toEqual(pods.map(() => null));
  });
});

describe.each(['user-namespace', 'rootless'] as const)(
  'the namespace of builds that it makes for BuildKit, %s',
  (form) => {
    const server: PoolSettings = byBuildkit(form);
    const image = server.buildkit?.image ?? '';
    const pods = orders.map((order) => renderPod(order, server, library));
    let path: string;

    beforeAll(async () => {
      path = await makeNamespace(merge(buildkitValues(form), { builds: { buildkitImage: image } }));
      await untilItCounts(path, spoiled(pods[0] as PodManifest, withToken), /has no token/);
    });

    it('admits every pod of ours', async () => {
      expect(await Promise.all(pods.map((pod) => objection(path, pod)))).toEqual(pods.map(() => null));
    });

    it.each(spoilings[form] as typeof both)('refuses %s, and says why', async (_, spoil, words) => {
      expect(await objection(path, spoiled(pods[0] as PodManifest, spoil))).toMatch(words);
    });

    it('refuses a container that is put into a pod later', async () => {
      const waiting = spoiled(
        pods[0] as PodManifest,
        inSpec({ schedulingGates: [{ name: 'sluice.dev/never' }] }),
      ) as PodManifest;
      expect((await client.call({ method: 'POST', path, body: waiting })).status).toBe(201);
      const body = { spec: { ephemeralContainers: [{ name: 'look', image: 'localhost/busybox:1' }] } };
      const later = { method: 'PATCH', path: `${path}/${waiting.metadata.name}/ephemeralcontainers`, body } as const;
      const answer = await client.call(later);
      expect((answer.body as { readonly message: string }).message).toMatch(/with a container of another image/);
    });
  },
);
