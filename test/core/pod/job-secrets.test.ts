import { describe, expect, it } from 'vitest';
import { loadJobLibrary } from '../../../src/config/job-library.ts';
import { combineConfig } from '../../../src/core/combine-config.ts';
import { combineGateConfig } from '../../../src/core/gate/combine-gate-config.ts';
import { secretCallerOf } from '../../../src/core/pod/job-secrets.ts';
import { renderPod } from '../../../src/core/pod/render-pod.ts';
import { whyNotRender } from '../../../src/core/pod/why-not-render.ts';
import type { Job } from '../../../src/model/job.ts';
import { type Subject, subjectIdOf } from '../../../src/model/subject.ts';
import { aConfig, aJob } from '../../fakes/model-data.ts';
import { commandOrder, pool } from './order-fixture.ts';

const library = await loadJobLibrary(new URL('../../../jobs', import.meta.url).pathname);
const content = { command: 'npm publish', secrets: { NPM_TOKEN: 'npm-token' } };

describe('a job with secrets', () => {
  it('has them in a volume that its command alone reads, and only their names in its pod', () => {
    const pod = renderPod(commandOrder({ trust: 'trusted', content }), pool, library);
    const mounts = [...pod.spec.initContainers, ...pod.spec.containers].flatMap(({ name, volumeMounts }) =>
      volumeMounts.flatMap((mount) => (mount.name === 'secrets' ? [{ name, readOnly: mount.readOnly }] : [])),
    );
    expect(mounts).toEqual([{ name: 'command', readOnly: true }]);
    expect(pod.spec.containers[0]?.command?.at(-1)).toBe(
      'NPM_TOKEN=$(cat /.sluice/secrets/NPM_TOKEN) && export NPM_TOKEN || exit 1\nnpm publish',
    );
    expect(pod.metadata.annotations['sluice.dev/secrets']).toBe('npm-token');
  });

  it('is not started on code that nobody approved, and says why', () => {
    const order = commandOrder({ trust: 'untrusted', content });
    expect(whyNotRender(order, pool, library)).toMatch(
      /gets the secret `npm-token`, which is never given to code that nobody approved/,
    );
    expect(() => renderPod(order, pool, library)).toThrow(/never given/);
  });

  it.each<[Subject, string | undefined, object]>([
    [{ kind: 'queue', repository: 7, branch: 'release-1' }, undefined, { pipeline: 'gate', branch: 'release-1' }],
    [{ kind: 'push', repository: 7, branch: 'main' }, undefined, { pipeline: 'postsubmit', branch: 'main' }],
    [{ kind: 'periodic', repository: 7, branch: 'main' }, undefined, { pipeline: 'periodic', branch: 'main' }],
    [{ kind: 'release', repository: 7, name: 'v1' }, 'release-1', { pipeline: 'release', branch: 'release-1' }],
  ])('asks for them in the name of %j', (subject, branch, caller) => {
    const order = commandOrder({ content, parts: { subject: subjectIdOf(subject), entry: 'main' } });
    expect(secretCallerOf({ ...order, ...(branch === undefined ? {} : { branch }) })).toMatchObject(caller);
  });

  it.each<Subject>([
    { kind: 'release', repository: 7, name: 'v1' },
    { kind: 'presubmit', repository: 7, number: 5 },
  ])('asks for none where no branch is known, and for no presubmit: %j', (subject) => {
    expect(secretCallerOf(commandOrder({ content, parts: { subject: subjectIdOf(subject) } }))).toBeNull();
  });
});

describe('which secrets a job has is power (intake A6)', () => {
  const run = (name: string, secrets?: Readonly<Record<string, string>>): Job =>
    aJob(name, {
      pipelines: ['presubmit', 'gate'],
      content: { template: 'run', image: 'a', command: 'x', env: {}, ...(secrets === undefined ? {} : { secrets }) },
    });
  const file = (...jobs: readonly Job[]) => ({ kind: 'valid', config: aConfig(jobs) }) as const;
  const has = { A: 'one', B: 'two' };
  const wishes = { A: 'one', B: 'other', C: 'three' };

  it.each([
    ['a pull request', combineConfig],
    ['a candidate', combineGateConfig],
  ])('%s has what the branch gives that job under the same variable, and no more', (_, combine) => {
    const outcome = combine(file(run('unit', has)), file(run('unit', wishes), run('new', has)));
    if (outcome.kind !== 'usable') throw new Error(outcome.because);
    const given = outcome.config.jobs.map(({ content: each }) => (each.template === 'run' ? each.secrets : null));
    expect(given).toEqual([{ A: 'one' }, undefined]);
  });
});
