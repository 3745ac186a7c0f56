import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { judgePod } from '../../../src/core/pod/judge-pod.ts';
import type { BuildId } from '../../../src/model/build.ts';
import type { PodContainer, PodManifest } from '../../../src/model/pod.ts';
import { shell } from '../../contract/pod-manifest.ts';
import { type MisfortuneRig, makeMisfortuneRig } from './misfortune-rig.ts';

const facts = { buildsImage: false, logTail: '' };

describe('what a real cluster does to a pod', { timeout: 60_000 }, () => {
  let rig: MisfortuneRig;
  let executor: MisfortuneRig['executor'];

  beforeAll(async () => {
    rig = await makeMisfortuneRig();
    ({ executor } = rig);
  });

  afterEach(() => rig.clear());

  afterAll(() => rig?.end());

  const pod = (main: PodContainer, more?: Partial<PodManifest['spec']>) => rig.pod(main, more);
  const start = (manifest: PodManifest) => rig.start(manifest);
  const seen: MisfortuneRig['seen'] = (build, wanted) => rig.seen(build, wanted);
  const put = (kind: string, name: string, spec: object) => rig.ask('POST', `/${kind}`, { metadata: { name }, spec });
  const drop = (kind: string, name: string) => rig.ask('DELETE', `/${kind}/${name}`);

  it('a full quota lets it be started later', async () => {
    await put('resourcequotas', 'full', { hard: { pods: '1' } });
    try {
      const first = await start(pod(shell('main', 'sleep 30')));
      const manifest = pod(shell('main', 'true'));
      // The quota counts a little later than it admits.
      let outcome = await executor.start(manifest, {});
      for (let tries = 0; tries < 50 && outcome.kind !== 'unavailable'; tries += 1) {
        await executor.remove(manifest.metadata.name as BuildId);
        await sleep(100);
        outcome = await executor.start(manifest, {});
      }
      expect(outcome).toMatchObject({ kind: 'unavailable', because: expect.stringContaining('exceeded quota: full') });
      await executor.remove(first);
      for (let tries = 0; tries < 100 && outcome.kind !== 'created'; tries += 1) {
        await sleep(100);
        outcome = await executor.start(manifest, {});
      }
      expect(outcome).toEqual({ kind: 'created' });
    } finally {
      await drop('resourcequotas', 'full');
    }
  });

  it('a limit on sizes refuses what the change asks for, in its words', async () => {
    await put('limitranges', 'small', { limits: [{ type: 'Container', max: { memory: '64Mi' } }] });
    try {
      const outcome = await executor.start(pod(shell('main', 'true')), {});
      expect(outcome).toMatchObject({ kind: 'refused', fault: 'change', because: expect.stringContaining('64Mi') });
    } finally {
      await drop('limitranges', 'small');
    }
  });

  it('Pod Security baseline refuses what is privileged, in its words', async () => {
    const { capabilities, ...rest } = shell('main', 'true').securityContext;
    const security = { ...rest, capabilities: { ...capabilities, add: ['SYS_ADMIN'] } };
    const outcome = await executor.start(pod(shell('main', 'true', { securityContext: security })), {});
    expect(outcome).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('PodSecurity "baseline:latest"'),
    });
  });

  it('no node takes it, in the words of the scheduler', async () => {
    const build = await start(pod(shell('main', 'true'), { nodeSelector: { 'no.such/node': 'x' } }));
    const found = await seen(build, ({ reason }) => reason !== null);
    expect(found).toMatchObject({
      phase: 'pending',
      reason: 'Unschedulable',
      message: expect.stringMatching(/nodes? .*available/),
    });
    await executor.stop(build);
    expect(await executor.observe(build)).toBeNull();
  });

  it.each`
    image                          | policy            | reason
    ${'localhost/no-such-image:1'} | ${'Never'}        | ${'ErrImageNeverPull'}
    ${'10.77.0.1:1/none:1'}        | ${'IfNotPresent'} | ${'ErrImagePull'}
    ${'Not A Name'}                | ${'IfNotPresent'} | ${'InvalidImageName'}
  `('the image $image cannot be had: $reason', async ({ image, policy, reason }) => {
    const build = await start(pod(shell('command', 'true', { image, imagePullPolicy: policy })));
    const found = await seen(build, (each) => judgePod(each, facts).kind === 'ended');
    expect([reason, 'ImagePullBackOff']).toContain(found.reason);
    expect(judgePod(found, facts)).toMatchObject({
      result: 'failure',
      because: expect.stringContaining('image of the job'),
    });
  });

  it('memory runs out', async () => {
    const script = 'x=a; while true; do x=$x$x; done';
    const limits = { requests: { cpu: '10m', memory: '8Mi' }, limits: { memory: '32Mi' } };
    const build = await start(pod(shell('command', script, { resources: limits })));
    const found = await seen(build, ({ phase }) => phase === 'failed');
    expect(found.containers[0]?.state).toMatchObject({ kind: 'terminated', exitCode: 137, reason: 'OOMKilled' });
    expect(judgePod(found, facts)).toMatchObject({
      result: 'failure',
      because: expect.stringContaining('command ran out of memory'),
    });
  });

  it('somebody deletes it: its end is no verdict, whatever it made of it', async () => {
    const build = await start(pod(shell('command', 'trap "exit 0" TERM; while true; do sleep 0.1; done')));
    await seen(build, ({ phase }) => phase === 'running');
    const phases: string[] = [];
    const end = executor.watch((changed) => {
      if (changed === build)
        void executor
          .observe(build)
          .then((each) =>
            phases.push(
              String(
                each && judgePod(each, facts).kind === 'ended' ? JSON.stringify(judgePod(each, facts)) : each?.phase,
              ),
            ),
          );
    });
    await drop('pods', build);
    for (let tries = 0; tries < 100 && !phases.includes('undefined'); tries += 1) await sleep(100);
    end();
    expect(phases.at(-1)).toBe('undefined');
    expect(phases.join()).not.toMatch(/"result":"(?:success|failure)"/);
  });
});
