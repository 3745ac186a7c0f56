import { describe, expect, it } from 'vitest';
import { defaultProjectConfig } from '../../src/config/default-config.ts';
import { parseProjectConfig } from '../../src/config/parse-project-config.ts';
import { explainPromotion } from '../../src/core/promote/explain-promotion.ts';
import type { ConfigState, ProjectConfig } from '../../src/model/config.ts';

const images = 'images: [{ name: api, repository: quay.io/acme/api }]\n';
const own = 'registry.acme.io/staging';

function read(promotion: string, server?: string | null): ConfigState {
  const text = promotion === '' ? images : `${images}promotion: ${promotion}\n`;
  const context = { file: '.sluice.yaml', repositoryName: 'shop' };
  return parseProjectConfig(text, server === undefined ? context : { ...context, staging: server });
}

function configOf(state: ConfigState): ProjectConfig {
  if (state.kind !== 'valid') throw new Error(JSON.stringify(state));
  return state.config;
}

describe('the way of an image', () => {
  it.each`
    promotion                                | server       | mode              | staging                | why
    ${''}                                    | ${null}      | ${'tag'}          | ${null}                | ${'the file names no staging place and the server has none'}
    ${''}                                    | ${own}       | ${'intermediate'} | ${own}                 | ${'the server has a staging place'}
    ${''}                                    | ${undefined} | ${'tag'}          | ${null}                | ${"with one of the server's (SLUICE_STAGING) it is intermediate"}
    ${'{ staging: quay.io/acme/wait }'}      | ${null}      | ${'intermediate'} | ${'quay.io/acme/wait'} | ${'the file names a staging place'}
    ${'{ staging: quay.io/acme/wait }'}      | ${own}       | ${'intermediate'} | ${'quay.io/acme/wait'} | ${'the file names a staging place'}
    ${'{ mode: intermediate }'}              | ${own}       | ${'intermediate'} | ${own}                 | ${'the file says so'}
    ${'{ mode: intermediate }'}              | ${undefined} | ${'intermediate'} | ${null}                | ${'is not known here (the file says so'}
    ${'{ mode: tag }'}                       | ${own}       | ${'tag'}          | ${null}                | ${'the file says so'}
    ${'{ mode: rebuild }'}                   | ${own}       | ${'rebuild'}      | ${null}                | ${'the file says so'}
    ${'{ mode: tag, staging: quay.io/a/b }'} | ${null}      | ${'tag'}          | ${null}                | ${'its `staging` is not used'}
  `('with `$promotion` and the server at $server is $mode: $why', ({ promotion, server, mode, staging, why }) => {
    const { jobs, gate } = configOf(read(promotion, server));
    expect(gate.promotion).toMatchObject({ mode, staging, executor: 'worker' });
    expect(explainPromotion({ jobs, gate })).toContain(why);
  });

  it('is told to go by a place only where there is one: `mode: intermediate` without is a mistake', () => {
    const state = read('{ mode: intermediate }', null);
    expect(state).toMatchObject({
      kind: 'invalid',
      problems: [{ line: 2, column: 20, path: 'promotion.mode' }],
    });
    if (state.kind !== 'invalid') return;
    expect(state.problems[0]?.hint).toBe('write `staging: registry.acme.io/staging` beside it, or `mode: tag`');
  });

  it('decides which jobs `images` alone gives, those of a server with a staging place too', () => {
    const names = (promotion: string, server: string | null) =>
      configOf(read(promotion, server)).jobs.map(({ name }) => name);
    expect(names('', own)).toEqual(['build-image', 'upload-image', 'promote-image', 'publish']);
    expect(names('{ mode: rebuild }', own)).toEqual(['build-image', 'publish']);
  });

  it('is not spoken of where nothing is pushed', () => {
    expect(explainPromotion(defaultProjectConfig('shop', 'Dockerfile', own))).toBeNull();
  });

  it('may be carried out by a pod', () => {
    expect(configOf(read('{ executor: pod }', null)).gate.promotion.executor).toBe('pod');
  });
});
