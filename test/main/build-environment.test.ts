import { expect, it } from 'vitest';
import { buildEnvironment } from '../../src/build-environment.ts';
import type { PoolSettings } from '../../src/model/order.ts';
import { pool as plain } from '../core/pod/order-fixture.ts';

const by = (digit: string): string => `registry.acme.io/image@sha256:${digit.repeat(64)}`;
const pinned: PoolSettings = { ...plain, builder: 'kaniko', stepImage: by('1'), kanikoImage: by('2') };

it('what pods are made of has a name once it cannot change under it', () => {
  expect(buildEnvironment(pinned, new Map())).toMatch(/^[0-9a-f]{32}$/);
  expect(buildEnvironment({ ...pinned, stepImage: 'registry.acme.io/steps:1' }, new Map())).toBeNull();
  expect(buildEnvironment({ ...pinned, kanikoImage: 'registry.acme.io/kaniko:1' }, new Map())).toBeNull();
  expect(buildEnvironment({ ...pinned, builder: 'buildkit' }, new Map())).toBeNull();
});

it('another builder, another mirror or other steps have another name; another owner of the pods has not', () => {
  const name = buildEnvironment(pinned, new Map());
  expect(buildEnvironment({ ...pinned, owner: 'somebody' }, new Map())).toBe(name);
  const step = { name: 'run', pipelines: [], steps: [] };
  const others = [
    buildEnvironment({ ...pinned, kanikoImage: by('3') }, new Map()),
    buildEnvironment({ ...pinned, registryMaps: ['docker.io=mirror.acme.io'] }, new Map()),
    buildEnvironment(pinned, new Map([['run', step]])),
  ];
  expect(new Set([name, ...others]).size).toBe(4);
});
