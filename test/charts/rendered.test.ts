import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ServeOptions } from '../../src/cli/deps.ts';
import { parseRegistries } from '../../src/config/registries/parse-registries.ts';
import { readServerSettings } from '../../src/server-settings.ts';
import { sluice } from '../cli/cli-fixture.ts';
import {
  byBuildkit,
  chart,
  helmAbsence,
  leastValues,
  lint,
  merge,
  objectOf,
  type Rendered,
  render,
  type Values,
} from './helm.ts';
import { containersOf, faultsOf, podOf } from './rules.ts';

const split: Values = { mode: 'split', logs: { claim: 'sluice-logs' } };
const trial: Values = { redis: { trial: { enabled: true } } };
const registries = [
  { host: 'quay.io', projects: ['acme/*'], uses: ['upload', 'promote'], from: { secret: 'quay' } },
  { host: 'mirror.acme.io', projects: ['**'], uses: ['pull'], anonymous: true },
];

const place = { create: true, podSecurity: 'baseline', quota: { pods: '50' }, limits: {} };
const pools: Values = {
  builds: {
    namespaces: [
      {
        ...place,
        name: 'strangers',
        trust: ['untrusted'],
        nodeSelector: { 'acme.io/pool': 'sandbox' },
        tolerations: [{ key: 'sandbox', operator: 'Exists', effect: 'NoSchedule' }],
        runtimeClass: 'gvisor',
        hostUsers: false,
      },
      { ...place, name: 'sluice-builds', trust: ['approved', 'trusted'], priorityClass: 'builds' },
    ],
  },
};
const remote = {
  name: 'arm',
  trust: ['approved', 'trusted'],
  architectures: ['arm64'],
  namespace: 'builds',
  kubeconfig: { secret: 'arm', key: 'kubeconfig' },
  context: 'ci',
};

/** Combinations of values; each is linted, rendered, and held to every rule. */
const combinations: Readonly<Record<string, Values>> = {
  'the least': {},
  'single with a Redis for trials': trial,
  'single with a volume for logs': { logs: { claim: 'logs' } },
  'a Redis for trials with a volume': merge(trial, { redis: { trial: { storage: '1Gi', storageClass: 'fast' } } }),
  split,
  'split, with a Redis for trials': merge(split, trial),
  'split, with several workers': merge(split, { worker: { replicas: 3 } }),
  'split, with autoscaling': merge(split, { web: { autoscaling: { enabled: true } } }),
  'split, without disruption budget': merge(split, { web: { disruptionBudget: false, replicas: 1 } }),
  'an App in keys': { secrets: { app: { form: 'keys', name: 'app', github: 'https://github.acme.io' } } },
  'a public address with an Ingress': {
    publicUrl: 'https://sluice.acme.io',
    ingress: { enabled: true, host: 'sluice.acme.io', className: 'nginx', tlsSecret: 'tls', annotations: { a: 'b' } },
  },
  registries: { registries, staging: 'quay.io/staging' },
  'registries, split': merge(split, { registries }),
  'everything that has its own setting': {
    repositories: ['acme/*', 'other/one'],
    insecureRegistries: ['10.0.0.1:5000'],
    registryMaps: ['index.docker.io=mirror.acme.io'],
    logLevel: 'debug',
    image: { digest: `sha256:${'a'.repeat(64)}`, pullSecrets: ['pull'] },
    nodeSelector: { role: 'ci' },
    tolerations: [{ key: 'ci', operator: 'Exists' }],
    service: { type: 'NodePort', port: 8080 },
  },
  monitoring: { monitoring: { rules: true, podMonitor: true, labels: { release: 'prometheus' } } },
  'policies that let some in': {
    networkPolicy: {
      from: [{ ipBlock: { cidr: '192.0.2.0/24' } }],
      metricsFrom: [{ namespaceSelector: { matchLabels: { name: 'monitoring' } } }],
    },
  },
  'no policies of our own': { networkPolicy: { enabled: false } },
  'builds that reach a proxy alone': {
    builds: {
      network: {
        internet: { enabled: false },
        allow: [{ to: [{ ipBlock: { cidr: '192.0.2.7/32' } }], ports: [{ protocol: 'TCP', port: 3128 }] }],
      },
    },
  },
  'isolation that nothing tries': { builds: { isolation: { enabled: false } } },
  'isolation with targets of the operator and what is accepted': merge(trial, {
    builds: { isolation: { targets: { registry: 'https://quay.io/acme/base' }, accepted: ['pod', 'redis'] } },
  }),
  'builds by BuildKit': byBuildkit(),
  'builds by rootless BuildKit': byBuildkit('rootless'),
  'code of each trust apart': pools,
  'code of each trust apart, split, with another cluster': merge(merge(split, pools), {
    builds: { otherClusters: [remote] },
  }),
  'builds that reach nothing': { builds: { network: { internet: { enabled: false }, dns: { enabled: false } } } },
};
const table = Object.entries(combinations).map(([title, values]) => ({ title, values }));

/** All variables of Sluice's own containers that are given as they are, by the name of the Deployment. */
function environmentOf(objects: readonly Rendered[], deployment: string): Record<string, string> {
  const [container] = podOf(objectOf(objects, 'Deployment', deployment))?.containers ?? [];
  const own = (container?.env ?? []).map(({ name, value = 'by reference' }) => [name, value]);
  return { ...objectOf(objects, 'ConfigMap', 'sluice-settings').data, ...Object.fromEntries(own) };
}

/** The names that the server reads. */
function readNames(): Set<string> {
  const names = new Set<string>(['REDIS_URL', 'REDIS_PASSWORD', 'NODE_ADDRESS', 'SLUICE_LOG_LEVEL']);
  const recording = new Proxy({}, { get: (_, name) => void names.add(String(name)) });
  readServerSettings(recording);
  return names;
}

async function served(objects: readonly Rendered[], deployment: string): Promise<ServeOptions> {
  const [container] = podOf(objectOf(objects, 'Deployment', deployment))?.containers ?? [];
  let options: ServeOptions | null = null;
  const serve = async (given: ServeOptions) => {
    options = given;
  };
  const { code, err } = await sluice(container?.args ?? [], { serve });
  if (code !== 0 || options === null) throw new Error(`sluice does not take these arguments: ${err}`);
  return options;
}

describe.skipIf(helmAbsence !== null)(`the chart ${helmAbsence ?? ''}`, () => {
  it.each(table)('breaks no rule with $title', async ({ values }) => {
    const objects = await render(values);
    expect(objects.flatMap((object) => faultsOf(object, ['sluice-builds', 'strangers']))).toEqual([]);
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it.each(table)('has nothing that lint objects to with $title', async ({ values }) => {
    const { code, said } = await lint(merge(leastValues, values));
    expect(said).not.toMatch(/\[(?:WARNING|ERROR)\]/);
    expect(code).toBe(0);
  });

  it.each(table)('gives the server settings and arguments that it knows, with $title', async ({ values }) => {
    const objects = await render(values);
    const deployments = objects.filter(({ kind }) => kind === 'Deployment');
    const roles = values.mode === 'split' ? ['web', 'worker'] : ['all'];
    expect(deployments.map(({ metadata }) => metadata.name)).toEqual(roles.map((role) => `sluice-${role}`));
    for (const role of roles) {
      const environment = environmentOf(objects, `sluice-${role}`);
      expect(Object.keys(environment).filter((name) => !readNames().has(name))).toEqual([]);
      expect(await served(objects, `sluice-${role}`)).toEqual({
        role,
        host: '0.0.0.0',
        port: 3000,
        data: '/data',
        redis: null,
        publicUrl: values.publicUrl ?? null,
        executor: role === 'web' ? null : 'kubernetes',
      });
      expect(readServerSettings(environment)).toMatchObject({
        namespace: objects.some(({ metadata }) => metadata.name === 'sluice-pools') ? null : 'sluice-builds',
        healthPort: 3001,
        builds: 4,
      });
    }
  });

  it('gives only who works a token of the cluster, and no role a Redis or keys without reference', async () => {
    const objects = await render(merge(split, { registries, publicUrl: 'https://sluice.acme.io' }));
    const pods = objects.flatMap((object) => podOf(object) ?? []);
    expect(pods.map((pod) => [pod.serviceAccountName, pod.automountServiceAccountToken])).toEqual([
      ['sluice-web', false],
      ['sluice-worker', true],
      [undefined, false],
    ]);
    for (const role of ['web', 'worker']) {
      const { REDIS_URL, SLUICE_LEDGER_KEY, SLUICE_LOG_KEY } = environmentOf(objects, `sluice-${role}`);
      expect([REDIS_URL, SLUICE_LEDGER_KEY, SLUICE_LOG_KEY]).toEqual(Array(3).fill('by reference'));
    }
    const volumes = podOf(objectOf(objects, 'Deployment', 'sluice-web'))?.volumes?.map(({ name }) => name);
    expect(volumes).not.toContain('registries');
  });

  it('mounts each credential of a registry where the rules that the server reads look for it', async () => {
    const objects = await render({ registries });
    const text: string = objectOf(objects, 'ConfigMap', 'sluice-registries').data['registries.yaml'];
    const reading = parseRegistries(text, 'registries.yaml');
    const sources = reading.kind === 'rules' ? reading.rules.map(({ from }) => from) : reading.problems;
    expect(sources).toEqual([{ kind: 'file', path: 'quay.json' }, { kind: 'anonymous' }]);
    const volumes = podOf(objectOf(objects, 'Deployment', 'sluice-all'))?.volumes ?? [];
    const projected = volumes.find(({ name }) => name === 'registries') as {
      projected: { sources: readonly object[] };
    };
    expect(projected.projected.sources).toEqual([
      { configMap: { name: 'sluice-registries' } },
      { secret: { name: 'quay', items: [{ key: '.dockerconfigjson', path: 'quay.json' }] } },
    ]);
  });

  it('keeps Sluice to one place for logs that web only reads', async () => {
    const objects = await render(split);
    const mounts = ['web', 'worker'].map((role) => {
      const [container] = podOf(objectOf(objects, 'Deployment', `sluice-${role}`))?.containers ?? [];
      const all = (container as unknown as { volumeMounts: readonly { mountPath: string; readOnly?: boolean }[] })
        .volumeMounts;
      return all.find(({ mountPath }) => mountPath === '/data/logs')?.readOnly ?? false;
    });
    expect(mounts).toEqual([true, false]);
  });

  it('never lets web go down to none in an upgrade or while nodes are emptied', async () => {
    const objects = await render(merge(split, { web: { autoscaling: { enabled: true } } }));
    const { spec } = objectOf(objects, 'Deployment', 'sluice-web');
    expect(spec.strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(spec.replicas).toBeUndefined();
    expect(objectOf(objects, 'HorizontalPodAutoscaler', 'sluice-web').spec.minReplicas).toBe(2);
    const budget = objectOf(objects, 'PodDisruptionBudget', 'sluice-web').spec;
    expect(budget.maxUnavailable).toBe(1);
    expect(spec.template.metadata.labels).toMatchObject(budget.selector.matchLabels);
  });

  it('has who listens go on for a while after it was told to end, as deliveries are still sent there', async () => {
    for (const [values, role] of [
      [{}, 'all'],
      [split, 'web'],
    ] as const) {
      const pod = podOf(objectOf(await render(values), 'Deployment', `sluice-${role}`));
      const [container] = pod?.containers ?? [];
      expect(container).toMatchObject({ lifecycle: { preStop: { sleep: { seconds: 5 } } } });
      // That, and the five seconds within which it ends.
      expect((pod as unknown as { terminationGracePeriodSeconds: number }).terminationGracePeriodSeconds).toBe(30);
    }
  });

  it('sends what comes in to who listens', async () => {
    for (const values of [{}, split]) {
      const objects = await render(values);
      const { selector, ports } = objectOf(objects, 'Service', 'sluice').spec;
      const matching = objects.filter(
        ({ kind, spec }) =>
          kind === 'Deployment' &&
          Object.entries(selector).every(([key, value]) => spec.template.metadata.labels[key] === value),
      );
      expect(matching.length).toBe(1);
      const [container] = matching.flatMap((object) => containersOf(podOf(object) ?? { containers: [] }));
      const named = (container as unknown as { ports: readonly { name: string; containerPort: number }[] }).ports;
      expect(named.find(({ name }) => name === ports[0].targetPort)?.containerPort).toBe(3000);
    }
  });

  it('makes one rule for Prometheus of every file of alerts', async () => {
    const objects = await render({ monitoring: { rules: true } });
    const files = readdirSync(join(chart, 'alerts')).sort();
    expect(files.length).toBeGreaterThan(1);
    const groups = files.flatMap((file) => parse(readFileSync(join(chart, 'alerts', file), 'utf8')).groups);
    expect(objectOf(objects, 'PrometheusRule', 'sluice').spec.groups).toEqual(groups);
  });

  it('does without another object where nothing was switched on', async () => {
    const kinds = new Set((await render()).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([
      'ConfigMap',
      'Deployment',
      'LimitRange',
      'Namespace',
      'NetworkPolicy',
      'Pod',
      'ResourceQuota',
      'Role',
      'RoleBinding',
      'Service',
      'ServiceAccount',
    ]);
  });
});
