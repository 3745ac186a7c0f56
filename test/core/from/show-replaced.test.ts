import { describe, expect, it } from 'vitest';
import { planFrom } from '../../../src/core/from/plan-from.ts';
import { annotationFor, describeReplaced, shownReplacements } from '../../../src/core/from/show-replaced.ts';
import type { Build } from '../../../src/model/build.ts';
import type { ResolvedImage } from '../../../src/model/order.ts';
import { anImage } from '../../fakes/model-data.ts';

const dockerfile = '# base\nARG T=one\nFROM acme.io/base:$T AS build\nRUN make\nFROM alpine\nRUN exit 3\n';

function resolved(): ResolvedImage {
  const rules = [{ match: 'acme.io/base', use: { kind: 'reference', reference: 'acme.io/base:two' } }] as const;
  const plan = planFrom({ rules, path: 'Dockerfile', dockerfile, buildArgs: {}, platform: null, values: {} });
  if (plan.kind === 'refused') throw new Error(plan.because);
  const image = anImage('api', { from: rules });
  return { image, containerFile: 'Dockerfile', target: null, platform: null, replaced: plan.replaced };
}

describe('a failure is told at the line of the file that its author has', () => {
  it.each`
    builder      | line | log                                                                                                                                                                                        | message
    ${'buildah'} | ${6} | ${'[1/2] STEP 1/2: FROM acme.io/base:two AS build\n[2/2] STEP 1/2: FROM alpine\n[2/2] STEP 2/2: RUN exit 3\nError: building at STEP "RUN exit 3": while running runtime: exit status 3\n'} | ${/exit status 3$/}
    ${'kaniko'}  | ${3} | ${'INFO[0000] Retrieving image manifest acme.io/base:two\nerror building image: unable to complete operation after 0 attempts, last error: GET http://acme.io/v2/: MANIFEST_UNKNOWN\n'}    | ${/MANIFEST_UNKNOWN \(line 3 is built as FROM acme\.io\/base:two AS build\)$/}
  `('with $builder', ({ line, log, message }) => {
    expect(annotationFor(resolved(), dockerfile, log)).toEqual({
      path: 'Dockerfile',
      line,
      endLine: line,
      message: expect.stringMatching(message),
    });
  });
});

function ended(of: ResolvedImage | null, name: string): Build {
  const outcome = { image: null, tail: '', annotation: null, ...shownReplacements(of) };
  const state = { phase: 'finished', result: 'success', because: 'it was built', startedAt: 1, finishedAt: 2, outcome };
  return { parts: { point: { image: name } }, state } as unknown as Build;
}

describe('the diff of what was replaced (images.md §2)', () => {
  const nameOf = ({ parts }: Build): string => parts.point.image ?? '';

  it('names rule and line, once for builds with the same', () => {
    expect(describeReplaced([ended(resolved(), 'a'), ended(resolved(), 'b'), ended(null, 'c')], nameOf)).toBe(
      [
        '**Replaced in `Dockerfile` for `a`, `b`**',
        '',
        '````diff',
        '--- Dockerfile',
        '+++ Dockerfile, as it was built',
        '@@ -3 +3 @@ rule 1 of `from` (`acme.io/base`)',
        '-FROM acme.io/base:$T AS build',
        '+FROM acme.io/base:two AS build',
        '````',
        '',
      ]
        .join('\n')
        .replaceAll('````', '```'),
    );
  });

  it('is nothing where nothing was replaced', () => {
    expect(describeReplaced([ended(null, 'a')], nameOf)).toBe('');
  });

  it('keeps of a hostile line only what can be shown', () => {
    const line = {
      line: 1,
      was: `RUN --mount=from=a ${'x'.repeat(5000)}`,
      becomes: 'FROM b \u202e```\r',
      because: 'rule 1',
    };
    const shown = shownReplacements({ ...resolved(), replaced: Array.from({ length: 100 }, () => line) }).replaced;
    expect(shown?.lines.length).toBe(40);
    expect(shown?.lines[0]?.was.length).toBe(300);
    expect(shown?.lines[0]?.becomes).toBe('FROM b  ```');
    const text = describeReplaced([ended({ ...resolved(), replaced: [line] }, 'a')], nameOf);
    expect(text).toContain('````diff');
  });
});
