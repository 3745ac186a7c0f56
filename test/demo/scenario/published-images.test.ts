import { expect, it } from 'vitest';
import { countMoved, tagsLine } from '../../../src/demo/scenario/published-images.ts';
import { storeFiles } from '../../../src/demo/scenario/store-files.ts';
import { parseConfig } from '../../../src/project-config.ts';

const [first, second] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];

it.each`
  what                      | before             | now                | moved
  ${'nothing'}              | ${[first, null]}   | ${[first, null]}   | ${0}
  ${'a tag that was set'}   | ${[first, null]}   | ${[first, second]} | ${1}
  ${'a tag that is gone'}   | ${[first, first]}  | ${[first, null]}   | ${1}
  ${'both, in other order'} | ${[first, second]} | ${[second, first]} | ${2}
`('of what people pull, $what is counted as moved', ({ before, now, moved }) => {
  expect(countMoved(before, now)).toBe(moved);
});

it('says of each tag what it means, or that it is not there', () => {
  const images = { final: { address: '127.0.0.1:5' } } as Parameters<typeof tagsLine>[0]['images'];
  expect(tagsLine({ images }, [first, null])).toBe(
    '127.0.0.1:5/acme/{api,web}: api:latest sha256:aaaaaaaaaaaa… · web:latest not there',
  );
});

it("the store's file is understood: two images wait elsewhere, and the test needs their upload", () => {
  const files = storeFiles({ base: 'busybox', final: '127.0.0.1:5', staging: '127.0.0.1:6', priceFile: '/price.txt' });
  const state = parseConfig(files['.sluice.yaml'] ?? '', 'acme/store', null);
  if (state.kind !== 'valid') throw new Error(JSON.stringify(state));
  const { images, jobs, gate } = state.config;
  expect(images.map(({ repository }) => repository)).toEqual(['127.0.0.1:5/acme/api', '127.0.0.1:5/acme/web']);
  expect(gate.promotion).toMatchObject({ mode: 'intermediate', staging: '127.0.0.1:6/waiting' });
  expect(jobs.filter(({ pipelines }) => pipelines.includes('gate')).map(({ name }) => name)).toEqual([
    'upload-image',
    'e2e',
  ]);
  expect(jobs.some(({ pipelines }) => pipelines.includes('presubmit'))).toBe(false);
});
