import { describe, expect, it } from 'vitest';
import { whyForbidden, workflowsIn } from '../../../src/core/gate/forge-workflows.ts';

describe('workflows of the forge', () => {
  it.each`
    paths                                                     | found
    ${['.github/workflows/ci.yml', 'src/a.ts']}               | ${['.github/workflows/ci.yml']}
    ${['.github/workflows/deep/ci.yml']}                      | ${['.github/workflows/deep/ci.yml']}
    ${['.github/workflows.md', 'x/.github/workflows/ci.yml']} | ${[]}
  `('among $paths are $found', ({ paths, found }) => {
    expect(workflowsIn({ known: true, paths })).toEqual(found);
  });

  it('are none among files that are not known: the push will tell', () => {
    expect(workflowsIn({ known: false, because: 'too many' })).toEqual([]);
  });

  it('are named, with what to do; the eleventh is counted', () => {
    const paths = Array.from({ length: 11 }, (_, index) => `.github/workflows/${index}.yml`);
    expect(whyForbidden(paths)).toMatch(
      /^it changes `\.github\/workflows\/0\.yml`, .*9\.yml` and 1 more, and GitHub .* the permission `workflows: write` and accept/,
    );
  });
});
