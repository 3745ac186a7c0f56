import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import type { PodContainer, PodManifest } from '../../src/model/pod.ts';
import { fixtureNames, readFixture } from '../config/read-fixtures.ts';
import { parseHead, projectOf, type RenderedJob, renderHead, shas } from './render-config.ts';

// Reading a thousand files takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const base = stringify({
  images: [{ name: 'api', repository: 'quay.io/acme/api' }],
  jobs: {
    'build-image': { template: 'build-image', on: 'presubmit' },
    unit: { on: 'presubmit', image: 'golang:1.24', run: 'make test', skipIf: { only: ['docs/**'] } },
    required: { on: 'presubmit', image: 'golang:1.24', run: 'make lint', optional: false },
  },
});

/** Text as an attacker would choose it where the schema lets him write freely. */
const hostile = fc.oneof(
  fc.string({ unit: 'grapheme-ascii' }),
  fc.constantFrom(
    '$(id)',
    '`id`',
    '; curl http://169.254.169.254',
    '--privileged',
    '--push',
    '/.sluice/git/token',
    '../../etc/shadow',
    '\n  hostNetwork: true',
    '{"hostPath":"/"}',
    '*alias',
    '!!js/function x',
    'sluice.dev/trust=trusted',
    'x'.repeat(900),
  ),
);
/** Mostly what the schema takes, so that one bad value does not refuse nearly every file. */
function seldom<T>(usual: fc.Arbitrary<T>, ...bad: T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 25, arbitrary: usual }, { weight: 1, arbitrary: fc.constantFrom(...bad) });
}
const steering = ['LD_PRELOAD', 'PATH', 'BASH_ENV', 'NODE_OPTIONS', 'GIT_SSH_COMMAND', 'SLUICE_STEP', 'DOCKER_CONFIG'];
const variable = seldom(fc.stringMatching(/^X_[A-Z0-9_]{0,12}$/), ...steering);
const texts = fc.dictionary(variable, hostile, { maxKeys: 3 });
const imageRef = seldom(
  fc.constantFrom('busybox', 'localhost/x:1', `quay.io/a/b@sha256:${'a'.repeat(64)}`),
  '$(id)',
  '--x',
  '',
);
const path = seldom(fc.constantFrom('.', 'svc/api', 'deploy', 'a-b'), '../..', '/etc', '-rf', 'x;id', '$(id)', 'a b');
const quantity = seldom(fc.constantFrom('1', '500m', '64'), '-1', '1e9', '1;id');
const size = seldom(fc.constantFrom('1Gi', '900Gi', '512Mi'), '-1Gi', '0', '1Gi;id', '999Ti');

const image = fc
  .record(
    {
      name: seldom(fc.constantFrom('api', 'web', 'a'), '$(id)', '../x'),
      context: path,
      containerFilename: seldom(
        fc.constantFrom('Dockerfile', 'deploy/Dockerfile', 'x;id', '$(id)'),
        '../x',
        '/etc/passwd',
      ),
      target: seldom(fc.constantFrom('runtime', 'base'), '$(id)', '--push', 'a b'),
      platforms: seldom(fc.constantFrom<string[]>(['linux/amd64'], ['linux/arm64', 'linux/amd64']), ['$(id)/x']),
      buildArgs: texts,
      labels: fc.dictionary(fc.constantFrom('com.acme.team', 'x'), hostile, { maxKeys: 2 }),
      extraEnv: texts,
    },
    { requiredKeys: ['name'] },
  )
  .map((entry) => ({ ...entry, repository: `quay.io/acme/${entry.name}` }));
const job = fc.record(
  {
    image: imageRef,
    run: hostile.map((text) => `${text} `.trim() || 'x'),
    on: fc.constant('presubmit'),
    env: texts,
    timeout: seldom(fc.constantFrom('30m', '5m', '5h'), '1000h', '-1m', '$(id)'),
    resources: fc.record({ cpu: quantity, memory: size, ephemeralStorage: size }, { requiredKeys: [] }),
    optional: fc.boolean(),
    trigger: fc.constantFrom('auto', 'manual'),
    pool: fc.constantFrom('default', 'with-secrets'),
    allowPrivilegeEscalation: fc.boolean(),
    skipIf: fc.constant({ only: ['**'] }),
  },
  { requiredKeys: ['image', 'run'] },
);
const building = fc.record(
  { template: fc.constant('build-image'), on: fc.constant('presubmit'), allowPrivilegeEscalation: fc.boolean() },
  { requiredKeys: ['template', 'on'] },
);
const config = fc.record(
  {
    images: fc.uniqueArray(image, { minLength: 1, maxLength: 2, selector: ({ name }) => name }),
    jobs: fc
      .tuple(fc.dictionary(fc.constantFrom('unit', 'new', 'required', 'x'), job, { maxKeys: 3 }), building)
      .map(([jobs, built]) => ({ ...jobs, 'build-image': built })),
  },
  { requiredKeys: ['images', 'jobs'] },
);

/** The order of the keys is part of it; how the file is laid out is not. */
function golden(name: string): string {
  const text = readFileSync(join(import.meta.dirname, `baseline-${name}.json`), 'utf8');
  return JSON.stringify(JSON.parse(text), null, 2);
}

/** The pod with what a repository may choose replaced by its name, after a look at whether it kept within its bounds. */
function withoutChoices({ pod, order }: RenderedJob): PodManifest {
  const copy = structuredClone(pod) as { -readonly [K in keyof PodManifest]: PodManifest[K] };
  const { spec } = copy;
  const builds = order.image !== null;
  expect(spec.activeDeadlineSeconds).toBeLessThanOrEqual(7 * 24 * 3600);
  const step = JSON.parse(spec.initContainers[0]?.env[0]?.value ?? '{}');
  const { cloneUrl } = projectOf(order.project.private);
  expect(step).toMatchObject({
    cloneUrl,
    base: shas.base,
    heads: [shas.head],
    tree: shas.tree,
    folder: '/.sluice/src',
  });
  expect(step.context).not.toMatch(/^\/|(^|\/)\.\.(\/|$)/);
  const all = [...spec.initContainers, ...spec.containers];
  return {
    ...copy,
    metadata: {
      name: expectMatch(copy.metadata.name, /^b-[a-z0-9-]{1,61}$/, 'NAME'),
      labels: mapValues(withoutPoint(copy.metadata.labels), (text) =>
        expectMatch(text, /^[A-Za-z0-9._-]{1,63}$/, 'LABEL'),
      ),
      annotations: mapValues(copy.metadata.annotations, () => 'ANNOTATION'),
    },
    spec: {
      ...spec,
      activeDeadlineSeconds: 0,
      ...(spec.nodeSelector && { nodeSelector: mapPlatform(spec.nodeSelector) }),
      initContainers: all.slice(0, -1).map((each) => neutral(each, builds)),
      containers: all.slice(-1).map((each) => neutral(each, builds)),
      volumes: spec.volumes.map((volume) =>
        'emptyDir' in volume ? { ...volume, emptyDir: {} } : secretOf(volume, pod),
      ),
    },
  } as PodManifest;
}

/** Which image, target and platform, where the file names one. */
function withoutPoint(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const isPoint = (key: string) => /^sluice\.dev\/(image|target|platform)$/.test(key);
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !isPoint(key)));
}

function neutral(container: PodContainer, builds: boolean): unknown {
  const { name, env, args, command, securityContext } = container;
  if (name === 'build') {
    for (const word of args ?? []) expect(word).toMatch(builderOption);
    for (const { name: variableName } of env)
      expect(variableName).not.toMatch(/^(PATH|LD_|BASH_ENV|NODE_OPTIONS|GIT_|SLUICE_|DOCKER_CONFIG)/);
  } else if (name === 'command') {
    expect(command?.slice(0, 2)).toEqual(['/bin/sh', '-c']);
    expect(command).toHaveLength(3);
  } else {
    expect(env.map((each) => each.name)).toEqual(['SLUICE_STEP']);
    return { ...container, env: 'OUR OWN STEP' };
  }
  expect(securityContext.allowPrivilegeEscalation === false || builds || name === 'command').toBe(true);
  return {
    ...container,
    image: name === 'command' ? expectMatch(container.image, /^[a-z0-9][\w.:/@-]*$/, 'IMAGE') : container.image,
    imagePullPolicy: name === 'command' ? 'PULL' : container.imagePullPolicy,
    ...(command ? { command: ['/bin/sh', '-c', 'COMMAND'] } : {}),
    ...(args ? { args: 'BUILDER OPTIONS' } : {}),
    env: 'ENVIRONMENT',
    resources: {
      requests: mapValues(container.resources.requests, (text) =>
        expectMatch(text, /^\d+(\.\d+)?(m|[KMGT]i?)?$/, 'QUANTITY'),
      ),
      limits: mapValues(container.resources.limits, (text) =>
        expectMatch(text, /^\d+(\.\d+)?(m|[KMGT]i?)?$/, 'QUANTITY'),
      ),
    },
  };
}

/** The whole of what kaniko is told; anything else would be a back door. */
const builderOption =
  /^--(?:context=dir:\/\/\/\.sluice\/src(?:\/[^/].*)?|dockerfile=\/\.sluice\/src\/.+|target=\w+|custom-platform=linux\/\w+|build-arg=\w+=.*|label=[\w.]+=.*|no-push|oci-layout-path=\/\.sluice\/out\/image|digest-file=\/dev\/termination-log|snapshot-mode=full|ignore-path=\/product_uuid)$/s;

function secretOf(volume: PodManifest['spec']['volumes'][number], { metadata }: PodManifest): unknown {
  expect(volume).toMatchObject({ secret: { secretName: `${metadata.name}-git-token` } });
  return { ...volume, secret: { ...('secret' in volume ? volume.secret : {}), secretName: 'NAME-git-token' } };
}

function mapPlatform(selector: Readonly<Record<string, string>>): Record<string, string> {
  const { 'kubernetes.io/os': os, 'kubernetes.io/arch': arch, ...rest } = selector;
  if (os !== undefined) expect(`${os}/${arch}`).toMatch(/^linux\/[a-z0-9]+$/);
  return rest;
}

function mapValues(map: Readonly<Record<string, string>> | object, change: (text: string) => string) {
  return Object.fromEntries(Object.entries(map).map(([key, text]) => [key, change(String(text))]));
}

function expectMatch(text: string, pattern: RegExp, name: string): string {
  expect(text).toMatch(pattern);
  return name;
}

describe('S17, S5: whatever a repository’s file says, the pod of its unapproved code', () => {
  it('is the baseline byte for byte, but for what it may choose', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(config, fc.boolean(), (head, isPrivate) => {
        for (const rendered of renderHead(base, stringify(head), isPrivate) ?? []) {
          const name = `${rendered.order.image ? 'build-image' : 'run'}-${isPrivate ? 'private' : 'public'}`;
          seen.set(name, (seen.get(name) ?? 0) + 1);
          expect(JSON.stringify(withoutChoices(rendered), null, 2)).toBe(golden(name));
        }
      }),
      { numRuns: 250 },
    );
    for (const name of ['build-image-private', 'build-image-public', 'run-private', 'run-public'])
      expect(seen.get(name), name).toBeGreaterThan(10);
  });

  it('mounts nothing secret where that code runs', () => {
    for (const rendered of renderHead(base, base, true) ?? []) {
      const { initContainers, containers } = rendered.pod.spec;
      const holders = [...initContainers, ...containers].filter(({ volumeMounts }) =>
        volumeMounts.some(({ name }) => name === 'git-token'),
      );
      expect(holders.map(({ name, command }) => [name, command])).toEqual([['checkout', ['/sluice/step', 'checkout']]]);
    }
  });
});

describe('S7: what a head’s file says', () => {
  /** The words of every file of the evil corpus that ask for power. */
  const evilKeys = [
    ...['serviceAccountName', 'serviceAccount', 'automountServiceAccountToken', 'namespace', 'hostNetwork', 'hostPID'],
    ...['hostPath', 'volumes', 'volumeMounts', 'securityContext', 'privileged', 'capabilities', 'runAsUser', 'secrets'],
    ...['envFrom', 'valueFrom', 'imagePullSecrets', 'runtimeClassName', 'nodeSelector', 'tolerations', 'affinity'],
    ...['podSpec', 'podSpecPatch', 'spec', 'egress', 'network', 'trustClass', 'class', 'required', 'permissions'],
    ...['hostAliases', 'initContainers', 'sidecars', 'priorityClassName', 'nodeName', 'annotations', 'procMount'],
  ];
  const free = new Set(['env', 'buildArgs', 'labels', 'extraEnv']);

  /** Every map of the file in which a key is one of the schema's. */
  function maps(value: unknown): Record<string, unknown>[] {
    if (typeof value !== 'object' || value === null) return [];
    if (Array.isArray(value)) return value.flatMap(maps);
    const own = value as Record<string, unknown>;
    return [own, ...Object.entries(own).flatMap(([key, each]) => (free.has(key) ? [] : maps(each)))];
  }

  it('is refused as a whole when it asks for power, wherever in the file', () => {
    const good = {
      images: [{ name: 'api', platforms: ['linux/amd64'] }],
      jobs: { unit: { image: 'golang:1.24', run: 'x', resources: { cpu: '1' }, onlyIf: { paths: ['a'] } } },
    };
    expect(parseHead(stringify(good)).kind).toBe('valid');
    const ask = fc.oneof(fc.constant(true), fc.string(), fc.constant({ a: 'b' }), fc.constant(['x']));
    fc.assert(
      fc.property(fc.constantFrom(...evilKeys), fc.nat(), ask, (key, place, value) => {
        const copy = structuredClone(good);
        const all = maps(copy).filter((map) => map !== copy.jobs);
        const target = all[place % all.length];
        if (target) target[key] = value;
        expect(parseHead(stringify(copy)).kind).toBe('invalid');
      }),
      { numRuns: 150 },
    );
  });

  it('never changes what is required, where it runs or what is skipped', () => {
    const told = renderHead(base, base, false) ?? [];
    expect(told.map(({ job: { name } }) => name)).toEqual(['build-image', 'unit', 'required']);
    let compared = 0;
    fc.assert(
      fc.property(config, (head) => {
        const found = renderHead(base, stringify(head), false);
        for (const { job: made } of found ?? []) {
          const own = told.find(({ job: { name } }) => name === made.name)?.job;
          compared += 1;
          const { selection, pool, allowPrivilegeEscalation, needs, pipelines } = made;
          const least = {
            selection: { ...selection, optional: true },
            pool: 'default',
            allowPrivilegeEscalation: false,
          };
          const power = own ?? { ...least, needs, pipelines };
          expect({ selection, pool, allowPrivilegeEscalation, needs, pipelines }).toEqual({
            selection: power.selection,
            pool: power.pool,
            allowPrivilegeEscalation: power.allowPrivilegeEscalation,
            needs: power.needs,
            pipelines: power.pipelines,
          });
        }
        // A required job is never lost.
        if (found !== null && found.length > 0) expect(found.map(({ job: { name } }) => name)).toContain('required');
      }),
      { numRuns: 150 },
    );
    expect(compared).toBeGreaterThan(200);
  });

  it.each(fixtureNames('evil'))(
    'in the evil file %s makes no pod at all, and the trusted layout is not fallen back to',
    (name) => {
      expect(renderHead(base, readFixture('evil', `${name}.yaml`), true)).toBeNull();
    },
  );
});
