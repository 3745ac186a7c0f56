import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadJobLibrary } from '../../../src/config/job-library.ts';
import { renderPod } from '../../../src/core/pod/render-pod.ts';
import { whyNotRender } from '../../../src/core/pod/why-not-render.ts';
import type { BuildOrder, PoolSettings, Sibling } from '../../../src/model/order.ts';
import type { Project } from '../../../src/model/project.ts';
import { toSha } from '../../../src/model/sha.ts';
import { imageOrder, type OrderParts, pool } from './order-fixture.ts';

const library = await loadJobLibrary(resolve(import.meta.dirname, '../../../jobs'));
const commit = toSha('e'.repeat(40));

function sibling(project: Partial<Project> = {}): Sibling {
  const { project: own } = imageOrder();
  const cloneUrl = 'https://github.example/acme/lib.git';
  return { project: { ...own, id: 5, name: 'lib', cloneUrl, ...project }, commit, ref: null };
}

function orderOf(siblings: readonly Sibling[], parts: OrderParts = {}, names = ['acme/lib']): BuildOrder {
  const order = imageOrder({ ...parts, image: { siblings: names, ...parts.image } });
  return { ...order, checkout: { ...order.checkout, siblings } };
}

function render(order: BuildOrder, server: Partial<PoolSettings> = {}) {
  const { spec, metadata } = renderPod(order, { ...pool, ...server }, library);
  const all = [...spec.initContainers, ...spec.containers];
  const input = (name: string) => {
    const env = all.find((each) => each.name === name)?.env.find((each) => each.name === 'SLUICE_STEP');
    return JSON.parse(env?.value ?? 'null');
  };
  const holdToken = all.filter(({ volumeMounts }) => volumeMounts.some(({ name }) => name === 'git-token'));
  return { all, input, spec, metadata, holdToken: holdToken.map(({ name }) => name) };
}

describe('an image with siblings', () => {
  it('is built with them checked out by the one container that fetches, and their commits written down', () => {
    const { input, metadata, holdToken } = render(orderOf([sibling()]));
    expect(input('checkout').siblings).toEqual([
      { name: 'acme/lib', cloneUrl: 'https://github.example/acme/lib.git', commit, ref: null, tokenFile: null },
    ]);
    expect(metadata.annotations['sluice.dev/siblings']).toBe(`acme/lib@${commit}`);
    expect(holdToken).toEqual([]);
  });

  it('gives a private one a token file of its own, to the checkout alone', () => {
    const { input, holdToken, spec } = render(orderOf([sibling({ private: true })], { trust: 'approved' }));
    expect(input('checkout')).toMatchObject({ tokenFile: null, siblings: [{ tokenFile: '/.sluice/git/sibling-5' }] });
    expect(holdToken).toEqual(['checkout']);
    expect(spec.volumes.map(({ name }) => name)).toContain('git-token');
  });

  it.each([
    ['kaniko', (order: BuildOrder) => render(order).all[2]?.args],
    ['buildah', (order: BuildOrder) => render(order, { builder: 'buildah' }).input('build').arguments],
  ] as const)(
    'names them to %s in the build argument SIBLINGS, whatever the file says there',
    (_builder, argumentsOf) => {
      const two = [sibling(), sibling({ id: 6, name: 'core' })];
      const order = orderOf(two, { image: { buildArgs: { SIBLINGS: 'mine' } } }, ['acme/lib', 'Acme/core']);
      const given = argumentsOf(order)?.filter((word: string) => word.includes('SIBLINGS'));
      expect(given?.join(' ')).toMatch(/--build-arg[= ]SIBLINGS=acme\/lib acme\/core$/);
    },
  );

  it('gets none that another image named', () => {
    expect(render(orderOf([sibling()], {}, [])).input('checkout').siblings).toEqual([]);
  });
});

describe('no pod is made, and the author reads why, where a sibling', () => {
  it.each([
    ['has no commit', orderOf([]), /acme\/lib.*no commit/],
    ['is of another account', orderOf([sibling({ installation: 8 })]), /belongs to another account/],
    ['is private and the code not approved', orderOf([sibling({ private: true })]), /private.*\/ok-to-test/],
    ['is the project itself', orderOf([sibling({ id: 4711 })]), /this repository itself/],
    ['has a name that leads elsewhere', orderOf([sibling({ name: '..' })], {}, ['acme/..']), /cannot be a folder/],
  ] as const)('%s', (_why, order, words) => {
    expect(whyNotRender(order, pool, library)).toMatch(words);
    expect(() => renderPod(order, pool, library)).toThrow(words);
  });

  it('not where the private one is for code that was approved', () => {
    expect(whyNotRender(orderOf([sibling({ private: true })], { trust: 'approved' }), pool, library)).toBe(null);
  });
});
