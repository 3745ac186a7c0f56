import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { containerOf, type ExecutorRig } from './executor-rig.ts';
import { shell } from './pod-manifest.ts';

/** How builds end, by themselves and by `stop`, `remove` and their deadline. */
export function describeEnding(rig: ExecutorRig): void {
  describe('how it ends', () => {
    it.each`
      script                           | code
      ${'exit 3'}                      | ${3}
      ${'no-such-program-anywhere'}    | ${127}
      ${"sh -c 'kill -9 $$'; exit $?"} | ${137}
    `('failed with the exit code $code of "$script"', async ({ script, code }) => {
      const build = await rig.start({ main: [shell('main', script)] });
      const before = Date.now();
      const found = await rig.finished(build);
      expect(found.phase).toBe('failed');
      const state = containerOf(found, 'main');
      expect(state).toMatchObject({ kind: 'terminated', exitCode: code, reason: 'Error' });
      expect(Math.abs((state.kind === 'terminated' ? state.finishedAt : 0) - before)).toBeLessThan(20_000);
    });

    it('failed when an init container fails, and the main one never starts', async () => {
      const build = await rig.start({ init: [shell('first', 'echo no; exit 4')], main: [shell('main', 'echo never')] });
      const found = await rig.finished(build);
      expect(found.phase).toBe('failed');
      expect(containerOf(found, 'first')).toMatchObject({ kind: 'terminated', exitCode: 4 });
      expect(containerOf(found, 'main')).toMatchObject({ kind: 'waiting' });
      expect(await rig.logOf(build)).toBe('[first]no\n');
    });

    it('failed with StartError when the program is not there', async () => {
      const build = await rig.start({ main: [shell('main', '', { command: ['/no/such/program'] })] });
      const found = await rig.finished(build);
      expect(found).toMatchObject({
        phase: 'failed',
        reason: 'StartError',
        message: expect.stringContaining('/no/such/program'),
      });
      expect(containerOf(found, 'main')).toMatchObject({ kind: 'terminated', exitCode: 128, reason: 'StartError' });
    });

    it('keeps the last 4,096 bytes of the termination message of each container', async () => {
      const build = await rig.start({
        init: [shell('first', 'echo -n small >/.sluice/result')],
        main: [
          shell('main', 'head -c 9000 /dev/zero | tr "\\0" x >/.sluice/result; echo -n END >>/.sluice/result; exit 1'),
        ],
      });
      const found = await rig.finished(build);
      expect(containerOf(found, 'first')).toMatchObject({ message: 'small' });
      expect(containerOf(found, 'main')).toMatchObject({ message: `${'x'.repeat(4093)}END`, exitCode: 1 });
    });

    it('ended by the deadline that the manifest sets, and says so', async () => {
      const build = await rig.start({ main: [shell('main', 'echo go; sleep 60')], deadline: 2, grace: 1 });
      expect(await rig.finished(build)).toMatchObject({ phase: 'failed', reason: 'DeadlineExceeded' });
    });

    it('gives a container that is asked to end the time to do so', async () => {
      const build = await rig.start({
        main: [shell('main', 'trap "echo bye; exit 5" TERM; echo ready; while true; do sleep 0.1; done')],
        grace: 10,
      });
      await rig.seen(build, (found) => found.phase === 'running');
      await sleep(300);
      await rig.subject().executor.stop(build);
      const found = await rig.finished(build);
      expect(containerOf(found, 'main')).toMatchObject({ exitCode: 5 });
      expect(await rig.logOf(build)).toContain('bye\n');
    });

    it('kills, after the grace period, what does not end by itself', async () => {
      const build = await rig.start({
        main: [shell('main', 'trap "" TERM; while true; do sleep 0.1; done')],
        grace: 1,
      });
      await rig.seen(build, (found) => found.phase === 'running');
      const before = Date.now();
      await rig.subject().executor.stop(build);
      const found = await rig.finished(build);
      expect(containerOf(found, 'main')).toMatchObject({ kind: 'terminated', exitCode: 137 });
      expect(Date.now() - before).toBeLessThan(10_000);
    });

    it('starts nothing more when it is stopped during an init container that then succeeds', async () => {
      const build = await rig.start({
        init: [shell('first', 'trap "exit 0" TERM; while true; do sleep 0.1; done')],
        main: [shell('main', 'echo never')],
        grace: 5,
      });
      await rig.seen(build, (found) => containerOf(found, 'first').kind === 'running');
      await sleep(300);
      await rig.subject().executor.stop(build);
      expect(await rig.finished(build)).toMatchObject({ phase: 'failed' });
      expect(await rig.logOf(build)).not.toContain('never');
    });

    it('can be stopped and removed again and again, and when it never was', async () => {
      const build = await rig.start({ main: [shell('main', 'sleep 60')], grace: 1 });
      await rig.subject().executor.remove(build);
      expect(await rig.subject().executor.observe(build)).toBeNull();
      await rig.subject().executor.remove(build);
      await rig.subject().executor.stop(build);
      await rig.subject().executor.stop(rig.nextName());
      await rig.subject().executor.remove(rig.nextName());
      expect(await rig.subject().leftovers()).toEqual([]);
    });
  });
}
