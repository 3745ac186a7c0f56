import { resolve } from 'node:path';
import * as kubernetes from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { loadJobLibrary } from '../../../src/config/job-library.ts';
import { renderPod } from '../../../src/core/pod/render-pod.ts';
import { byBuildkit, commandOrder, imageOrder, pool } from './order-fixture.ts';

interface Attribute {
  readonly baseName: string;
  readonly type: string;
}

const models = new Map(Object.entries(kubernetes as unknown as Record<string, unknown>));

/** Unknown fields and wrong types, each with its path, by the client library's own model of the API. */
function mistakes(value: unknown, type: string, path: string): string[] {
  const list = /^Array<(.*)>$/.exec(type)?.[1];
  if (list !== undefined)
    return Array.isArray(value)
      ? value.flatMap((item, index) => mistakes(item, list, `${path}[${index}]`))
      : [`${path}: is no list`];
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
  if (map !== undefined)
    return Object.entries(value as object).flatMap(([key, each]) => mistakes(each, map, `${path}.${key}`));
  const model = models.get(type) as { getAttributeTypeMap?: () => readonly Attribute[] } | undefined;
  if (model?.getAttributeTypeMap === undefined) return typeof value === type ? [] : [`${path}: is no ${type}`];
  if (typeof value !== 'object' || value === null) return [`${path}: is no ${type}`];
  const attributes = new Map(model.getAttributeTypeMap().map((each) => [each.baseName, each.type]));
  return Object.entries(value).flatMap(([key, each]) => {
    const known = attributes.get(key);
    return known === undefined ? [`${path}.${key}: unknown field`] : mistakes(each, known, `${path}.${key}`);
  });
}

const library = await loadJobLibrary(resolve(import.meta.dirname, '../../../jobs'));
const full = { hostUsers: false, runtimeClassName: 'gvisor', nodeSelector: { disk: 'ssd' } };

describe('a rendered pod in the words of Kubernetes', () => {
  it.each([
    ['an image build', imageOrder(), pool],
    [
      'an image build with everything',
      imageOrder({ project: { private: true }, image: { extraEnv: { A: 'b' } } }),
      { ...pool, ...full },
    ],
    ['an image build with buildah', imageOrder(), { ...pool, builder: 'buildah' as const }],
    ['an image build with BuildKit', imageOrder(), byBuildkit('user-namespace')],
    ['an image build with rootless BuildKit', imageOrder(), byBuildkit('rootless')],
    ['a command', commandOrder(), pool],
    ['a command of a private project', commandOrder({ project: { private: true } }), { ...pool, ...full }],
  ])('%s has no unknown field and no wrong type', (_, order, settings) => {
    expect(mistakes(renderPod(order, settings, library), 'V1Pod', 'pod')).toEqual([]);
  });

  it('would show a field that is spelt wrong, and a value of another type', () => {
    const pod = structuredClone(renderPod(imageOrder(), pool, library)) as unknown as { spec: Record<string, unknown> };
    pod.spec.hostUser = false;
    pod.spec.activeDeadlineSeconds = '60';
    pod.spec.containers = [{ name: 'x', imgae: 'y', env: [{ name: 'A', value: 1 }] }];
    expect(mistakes(pod, 'V1Pod', 'pod')).toEqual([
      'pod.spec.activeDeadlineSeconds: is no number',
      'pod.spec.containers[0].imgae: unknown field',
      'pod.spec.containers[0].env[0].value: is no string',
      'pod.spec.hostUser: unknown field',
    ]);
  });
});
