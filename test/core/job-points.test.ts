import { describe, expect, it } from 'vitest';
import { atPoint, pointOf, pointsOf } from '../../src/core/job-points.ts';
import { type BuildPoint, buildIdFor, pointWords } from '../../src/model/build.ts';
import type { Job, MatrixCell } from '../../src/model/job.ts';
import { aJob, anImage, anImageJob, sha } from '../fakes/model-data.ts';

const tree = { kinds: new Map([['Dockerfile', { kind: 'file' }] as const]) };
const cells: readonly MatrixCell[] = [
  { go: '1.23', os: 'alpine' },
  { go: '1.24', os: 'alpine' },
];

function withMatrix(over: Partial<Extract<Job['content'], { template: 'run' }>> = {}): Job {
  const content = {
    template: 'run',
    image: 'golang:{{ matrix.go }}',
    command: 'make',
    env: {},
    cells,
    ...over,
  } as const;
  return aJob('unit', { content });
}

function pointsIn(job: Job) {
  const result = pointsOf(job, null, tree);
  return result.kind === 'points' ? result.points : [];
}

describe('the Builds of a job', () => {
  it.each<[string, Job, readonly BuildPoint[]]>([
    ['with a matrix are its cells', withMatrix(), cells.map((cell) => ({ cell }))],
    ['without are one', aJob('unit'), [{}]],
    [
      'that builds images are those',
      anImageJob('build', [anImage('api', { platforms: ['linux/amd64', 'linux/arm64'] })]),
      [
        { image: 'api', platform: 'linux/amd64' },
        { image: 'api', platform: 'linux/arm64' },
      ],
    ],
  ])('%s', (_, job, expected) => {
    expect(pointsIn(job).map(pointOf)).toEqual(expected);
  });

  it('have a name of their own each, and another one than the job without matrix', () => {
    const parts = {
      subject: 's',
      entry: 'main',
      commit: sha('a'),
      job: 'unit',
      definition: 'd',
      request: 1,
      attempt: 1,
    };
    const points: readonly BuildPoint[] = [
      {},
      { cell: {} },
      ...cells.map((cell) => ({ cell })),
      { cell: { go: '1.23' } },
    ];
    expect(new Set(points.map((point) => buildIdFor({ ...parts, point }))).size).toBe(points.length);
  });

  it.each<[BuildPoint, string]>([
    [{}, ''],
    [{ image: 'api', target: 'runtime', platform: 'linux/arm64' }, 'api runtime linux/arm64'],
    [{ cell: { go: '1.23', os: 'alpine' } }, 'go=1.23 os=alpine'],
  ])('%j is %s in words', (point, words) => {
    expect(pointWords(point).join(' ')).toBe(words);
  });
});

describe('what a cell is started from', () => {
  it.each`
    written                                    | filled
    ${'make {{ matrix.go }}'}                  | ${'make 1.23'}
    ${'make {{matrix.go}} {{ matrix.os }}'}    | ${'make 1.23 alpine'}
    ${'make {{ matrix.none }}'}                | ${'make {{ matrix.none }}'}
    ${"docker inspect --format '{{ .Id }}' x"} | ${"docker inspect --format '{{ .Id }}' x"}
    ${'make {{ go }} $matrix {{ matrix'}       | ${'make {{ go }} $matrix {{ matrix'}
  `('$written: $filled', ({ written, filled }) => {
    const job = withMatrix({ image: `${written}`, command: written, env: { A: written } });
    const placed = atPoint(job, { cell: { go: '1.23', os: 'alpine' } });
    expect(placed.job.content).toMatchObject({ image: filled, command: filled, env: { A: filled } });
    expect(placed.image).toBeNull();
  });

  it('is filled in once: a value is never read as a template', () => {
    const placed = atPoint(withMatrix({ command: '{{ matrix.a }}' }), { cell: { a: '{{ matrix.b }}', b: 'no' } });
    expect(placed.job.content).toMatchObject({ command: '{{ matrix.b }}' });
  });
});
