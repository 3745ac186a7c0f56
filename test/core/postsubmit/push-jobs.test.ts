import { describe, expect, it } from 'vitest';
import { parseProjectConfig } from '../../../src/config/parse-project-config.ts';
import { judgePushedJob, saysSkip } from '../../../src/core/postsubmit/push-jobs.ts';
import type { Job } from '../../../src/model/job.ts';

function jobOf(text: string): Job {
  const image = 'images: [{ name: api, repository: r.example.com/api, onlyIf: { paths: ["api/**"] } }]';
  const state = parseProjectConfig(`${image}\njobs: { it: ${text} }\n`, { file: 'f', repositoryName: 'r' });
  const job = state.kind === 'valid' ? state.config.jobs.find(({ name }) => name === 'it') : undefined;
  if (job === undefined) throw new Error(JSON.stringify(state));
  return job;
}

const command = 'on: postsubmit, image: "localhost/a:1", run: make';
const unknown = { known: false, because: 'the forge is away' } as const;

describe('a job after a push', () => {
  it.each`
    job                                                              | branch        | isWatched | paths        | says
    ${`{ ${command} }`}                                              | ${'main'}     | ${true}   | ${['a']}     | ${'run'}
    ${`{ ${command} }`}                                              | ${'x'}        | ${false}  | ${['a']}     | ${'the branch `x` is not watched: name it in `branches` of the job if it is to run there'}
    ${`{ ${command}, branches: ["rel-*"] }`}                         | ${'rel-1'}    | ${false}  | ${['a']}     | ${'run'}
    ${`{ ${command}, branches: ["rel-*"] }`}                         | ${'my-rel-1'} | ${true}   | ${['a']}     | ${'the branch `my-rel-1` is none of `rel-*`'}
    ${`{ ${command}, branches: ["rel-*"] }`}                         | ${'main'}     | ${true}   | ${['a']}     | ${'the branch `main` is none of `rel-*`'}
    ${`{ ${command}, skipBranches: [main] }`}                        | ${'main'}     | ${true}   | ${['a']}     | ${'the branch `main` matches `main` of its skipBranches'}
    ${`{ ${command}, trigger: manual }`}                             | ${'main'}     | ${true}   | ${['a']}     | ${'it is manual: a push does not start it'}
    ${`{ ${command}, onlyIf: { paths: ["src/**"] } }`}               | ${'main'}     | ${true}   | ${['a']}     | ${'none of the 1 changed files matches `src/**`'}
    ${`{ ${command}, onlyIf: { paths: ["src/**"] } }`}               | ${'main'}     | ${true}   | ${['src/a']} | ${'run'}
    ${'{ template: upload-image, publish: direct, on: postsubmit }'} | ${'main'}     | ${true}   | ${['api/a']} | ${'run api'}
    ${'{ template: upload-image, publish: direct, on: postsubmit }'} | ${'main'}     | ${true}   | ${['web/a']} | ${'no image is concerned'}
  `('$job on $branch, where $paths changed: $says', ({ job, branch, isWatched, paths, says }) => {
    const judged = judgePushedJob(jobOf(job), { branch, isWatched, changed: { known: true, paths } });
    const images = judged.kind === 'run' ? judged.images.map(({ name }) => name) : [];
    expect(judged.kind === 'run' ? ['run', ...images].join(' ') : judged.because).toContain(says);
  });

  it('of which it is not known what changed runs with all of its images', () => {
    const job = jobOf('{ template: upload-image, publish: direct, on: postsubmit }');
    const judged = judgePushedJob(job, { branch: 'main', isWatched: true, changed: unknown });
    expect(judged).toMatchObject({ kind: 'run', images: [{ name: 'api' }] });
  });
});

it.each`
  message                   | says
  ${'a fix [skip ci]'}      | ${true}
  ${'a fix\n\n[CI SKIP]\n'} | ${true}
  ${'skip ci'}              | ${false}
  ${'[skip-ci]'}            | ${false}
`('$message asks for no dev images: $says', ({ message, says }) => {
  expect(saysSkip(message)).toBe(says);
});
