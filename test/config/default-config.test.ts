import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultProjectConfig } from '../../src/config/default-config.ts';
import { parseProjectConfig } from '../../src/config/parse-project-config.ts';

describe('a repository without a file of ours', () => {
  it('has its root Dockerfile built on pull requests, and nothing else', () => {
    const config = defaultProjectConfig('shop', 'Dockerfile');
    expect(config).toMatchObject({
      origin: 'none',
      mode: 'active',
      trust: { trust: 'members', trustedApps: [] },
      images: [{ name: 'shop', repository: null, context: '.', containerFilename: ['Dockerfile'] }],
      jobs: [{ name: 'build-image', pipelines: ['presubmit'], selection: { trigger: 'auto', optional: false } }],
    });
    expect(config.jobs).toHaveLength(1);
    expect(config.jobs[0]?.content).toMatchObject({ template: 'build-image', images: [{ name: 'shop' }] });
  });

  it('is built the same once it has an empty file', () => {
    const state = parseProjectConfig('', { file: 'f', repositoryName: 'shop', containerfile: 'Dockerfile' });
    expect(state.kind === 'valid' && state.config.jobs[0]?.definition).toBe(
      defaultProjectConfig('shop', 'Dockerfile').jobs[0]?.definition,
    );
  });

  it.each`
    repository               | image
    ${'Shop.API_v2'}         | ${'shop.api_v2'}
    ${'.github'}             | ${'github'}
    ${'-'}                   | ${'image'}
    ${'...'}                 | ${'image'}
    ${'a'.repeat(100)}       | ${'a'.repeat(63)}
    ${`${'a'.repeat(62)}--`} | ${'a'.repeat(62)}
  `('called $repository has an image called $image', ({ repository, image }) => {
    expect(defaultProjectConfig(repository, 'Containerfile').images[0]?.name).toBe(image);
  });

  it('has a good name for its image whatever it is called', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(defaultProjectConfig(name, 'Dockerfile').images[0]?.name).toMatch(
          /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/,
        );
      }),
    );
  });
});
