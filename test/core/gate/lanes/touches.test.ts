import { describe, expect, it } from 'vitest';
import { touchesOf } from '../../../../src/core/gate/lanes/touches.ts';
import type { Job } from '../../../../src/model/job.ts';
import type { ChangedFiles } from '../../../../src/model/matcher.ts';
import { anImage, matchers } from '../../../fakes/model-data.ts';
import { closed } from '../reuse/reuse-fixture.ts';

const left = closed('left', { selection: { onlyIf: matchers('left/**') } });
const right = closed('right', { selection: { onlyIf: matchers('right/**') } });
const wide = closed('wide');
const api = anImage('api', { context: 'api', onlyIf: matchers('api/**'), repository: null });
const web = anImage('web', { context: 'web', onlyIf: matchers('web/**'), repository: null });
const content = { template: 'upload-image', images: [api, web], publish: 'promote' } as const;
const stage = closed('stage', { content });

function touched(jobs: readonly Job[], ...paths: readonly string[]) {
  return touchesOf({ jobs, images: [api, web], judged: new Map() }, 'main', { known: true, paths });
}

describe('what a change touches', () => {
  it.each<[string, readonly Job[], readonly string[], readonly string[]]>([
    ['the jobs that read it', [left, right], ['left/a'], ['left']],
    ['each of them', [left, right], ['left/a', 'right/a'], ['left', 'right']],
    ['nothing where no job reads it', [left, right], ['docs/a'], []],
    ['the images that are built of it', [left, stage], ['api/a'], ['stage:api']],
    ['what reads everything', [left, wide], ['docs/a'], ['wide']],
  ])('is %s', (_, jobs, paths, touches) => {
    expect(touched(jobs, ...paths).touches).toEqual(touches);
  });

  it.each<[string, readonly Job[], readonly string[], string]>([
    ['it changes the configuration', [left], ['left/a', '.sluice.yaml'], 'it changes .sluice.yaml'],
    ['it changes a lock file', [left], ['right/go.sum'], 'it changes right/go.sum'],
    ['a job is not reusable', [withoutWord(left)], ['left/a'], '`left` is not `reusable`'],
  ])('is everything where %s', (_, jobs, paths, because) => {
    expect(touched(jobs, ...paths)).toMatchObject({ touches: 'everything', because: expect.stringContaining(because) });
  });

  it('is everything where its files are not known', () => {
    const changed: ChangedFiles = { known: false, because: 'too many' };
    expect(touchesOf({ jobs: [left], images: [], judged: new Map() }, 'main', changed).touches).toBe('everything');
  });

  it('leaves out whether a job is reusable that is not run for it', () => {
    expect(touched([left, withoutWord(right)], 'left/a').touches).toEqual(['left']);
  });
});

function withoutWord({ reusable: _, ...job }: Job): Job {
  return job;
}
