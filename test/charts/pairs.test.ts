import { describe, expect, it } from 'vitest';
import { byBuildkit, helmAbsence, leastValues, lint, merge, objectOf, render, type Values } from './helm.ts';
import { lacking, pairwise, type Row } from './pairs.ts';
import { faultsOf } from './rules.ts';

const registries = [{ host: 'quay.io', projects: ['**'], uses: ['upload', 'promote'], from: { secret: 'quay' } }];
const place = { create: true, quota: { pods: '50' }, limits: {} };
const apart = (podSecurity: string): Values => ({
  builds: {
    namespaces: [
      { ...place, podSecurity, name: 'strangers', trust: ['untrusted'], runtimeClass: 'gvisor' },
      { ...place, podSecurity, name: 'sluice-builds', trust: ['approved', 'trusted'], hostUsers: false },
    ],
  },
});

/** Every switch of the chart with its positions, and what each writes into values. */
const switches: Readonly<Record<string, Readonly<Record<string, Values>>>> = {
  mode: {
    single: {},
    'single with logs': { logs: { claim: 'logs' } },
    split: { mode: 'split', logs: { claim: 'logs' } },
  },
  redis: {
    theirs: {},
    trial: { redis: { trial: { enabled: true } } },
    kept: { redis: { trial: { enabled: true, storage: '1Gi' } } },
  },
  app: { file: {}, keys: { secrets: { app: { form: 'keys', name: 'app' } } } },
  ingress: {
    off: {},
    plain: { publicUrl: 'https://sluice.acme.io', ingress: { enabled: true, host: 'sluice.acme.io' } },
    tls: {
      publicUrl: 'https://sluice.acme.io',
      ingress: { enabled: true, host: 'sluice.acme.io', className: 'nginx', tlsSecret: 'tls' },
    },
  },
  autoscaling: { off: {}, on: { web: { autoscaling: { enabled: true } } } },
  disruptionBudget: { on: {}, off: { web: { disruptionBudget: false } } },
  monitoring: { off: {}, rules: { monitoring: { rules: true } }, pods: { monitoring: { podMonitor: true } } },
  networkPolicy: { on: {}, off: { networkPolicy: { enabled: false } } },
  builder: { kaniko: {}, buildkit: byBuildkit(), rootless: byBuildkit('rootless') },
  places: { one: {}, apart: apart('baseline') },
  isolation: { on: {}, off: { builds: { isolation: { enabled: false } } } },
  internet: { on: {}, off: { builds: { network: { internet: { enabled: false } } } } },
  dns: { on: {}, off: { builds: { network: { dns: { enabled: false } } } } },
  registries: { none: {}, some: { registries } },
};
const positions = Object.fromEntries(Object.entries(switches).map(([name, each]) => [name, Object.keys(each)]));
const rows = pairwise(positions);

/** BuildKit's daemon needs namespaces of its own level, wherever they are said. */
function valuesOf(row: Row): Values {
  const all = Object.entries(row).map(([name, position]) => switches[name]?.[position] ?? {});
  const merged = all.reduce<Values>((before, each) => merge(before, each), {});
  return row.builder === 'kaniko' || row.places === 'one' ? merged : merge(merged, apart('privileged'));
}
const table = rows.map((row) => ({ values: valuesOf(row), row, title: Object.values(row).join(', ') }));

it('every two positions of switches stand together in one of the rows', () => {
  expect(lacking(positions, rows)).toEqual([]);
  expect(lacking(positions, rows.slice(0, -1))).not.toEqual([]);
});

describe.skipIf(helmAbsence !== null)(`the chart, whatever two switches say ${helmAbsence ?? ''}`, () => {
  it.each(table)('is sound with $title', async ({ values, row }) => {
    const objects = await render(values);
    expect(objects.flatMap((object) => faultsOf(object, ['sluice-builds', 'strangers']))).toEqual([]);
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    const { code, said } = await lint(merge(leastValues, values));
    expect([code, /\[(?:WARNING|ERROR)\]/.test(said)], said).toEqual([0, false]);

    const has = (kind: string): boolean => objects.some((object) => object.kind === kind);
    const isSplit = row.mode === 'split';
    expect([has('Ingress'), has('PrometheusRule'), has('PodMonitor'), has('StatefulSet')]).toEqual([
      row.ingress !== 'off',
      row.monitoring === 'rules',
      row.monitoring === 'pods',
      row.redis !== 'theirs',
    ]);
    // Of one process there is nothing to add, and nothing to keep up beside it.
    expect(has('HorizontalPodAutoscaler')).toBe(isSplit && row.autoscaling === 'on');
    expect(has('PodDisruptionBudget')).toBe(isSplit && row.disruptionBudget === 'on');
    expect(has('ValidatingAdmissionPolicy')).toBe(row.builder !== 'kaniko');
    const { data } = objectOf(objects, 'ConfigMap', 'sluice-settings');
    expect(data.SLUICE_NAMESPACE === undefined).toBe(row.places === 'apart');
  });
});
