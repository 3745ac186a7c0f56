import { describe, expect, it } from 'vitest';
import type { BuildId } from '../../src/model/build.ts';
import type { ExecutorRig } from './executor-rig.ts';
import { podOf, shell } from './pod-manifest.ts';

/** What `start` promises. */
export function describeStarting(rig: ExecutorRig): void {
  describe('what starts', () => {
    it('runs init containers one after another, then the main one, and succeeds', async () => {
      const data = [{ name: 'out', mountPath: '/.sluice/out' }];
      const build = await rig.start({
        init: [
          shell('first', 'sleep 0.3; echo one >>/.sluice/out/order', { volumeMounts: data }),
          shell('second', 'echo two >>/.sluice/out/order', { volumeMounts: data }),
        ],
        main: [shell('main', 'cat /.sluice/out/order', { volumeMounts: data })],
        volumes: [{ name: 'out', emptyDir: {} }],
      });
      const found = await rig.finished(build);
      expect(found).toMatchObject({ phase: 'succeeded', reason: null, name: build });
      expect(found.containers.map(({ name, init }) => [name, init])).toEqual([
        ['first', true],
        ['second', true],
        ['main', false],
      ]);
      expect(await rig.logOf(build)).toBe('[main]one\ntwo\n');
    });

    it('gives labels and annotations back as they were, however long', async () => {
      const annotations = { 'sluice.dev/subject': `gate/${'x'.repeat(300)}`, 'sluice.dev/commit': 'a'.repeat(40) };
      const build = await rig.start({
        main: [shell('main', 'true')],
        labels: { 'sluice.dev/tree': 'b'.repeat(40) },
        annotations,
      });
      const found = await rig.finished(build);
      expect(found.labels).toMatchObject({ 'sluice.dev/tree': 'b'.repeat(40), 'sluice.dev/build': build });
      expect(found.annotations).toEqual(annotations);
    });

    it('is one pod when started twice, and the second call says so', async () => {
      const data = [{ name: 'out', mountPath: '/.sluice/out' }];
      const manifest = rig.pod({
        main: [shell('main', 'echo once >>/.sluice/out/f; sleep 0.5; cat /.sluice/out/f', { volumeMounts: data })],
        volumes: [{ name: 'out', emptyDir: {} }],
      });
      const build = manifest.metadata.name as BuildId;
      expect(await rig.subject().executor.start(manifest, {})).toEqual({ kind: 'created' });
      const first = await rig.subject().executor.observe(build);
      expect(await rig.subject().executor.start(manifest, {})).toEqual({ kind: 'exists' });
      const last = await rig.finished(build);
      expect(await rig.subject().executor.start(manifest, {})).toEqual({ kind: 'exists' });
      expect(last.uid).toBe(first?.uid);
      expect(await rig.logOf(build)).toBe('[main]once\n');
    });

    it('is one pod when several workers start it at the same moment', async () => {
      const manifest = rig.pod({ main: [shell('main', 'echo here')] });
      const build = manifest.metadata.name as BuildId;
      const others = [rig.subject().another(rig.subject().owner), rig.subject().another(rig.subject().owner)];
      const outcomes = await Promise.all([rig.subject().executor, ...others].map((one) => one.start(manifest, {})));
      for (const other of others) await other.close();
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['created', 'exists', 'exists']);
      await rig.finished(build);
      expect(await rig.logOf(build)).toBe('[main]here\n');
    });

    it('is another pod, with another uid, after it was removed', async () => {
      const manifest = rig.pod({ main: [shell('main', 'true')] });
      const build = manifest.metadata.name as BuildId;
      await rig.subject().executor.start(manifest, {});
      const { uid } = await rig.finished(build);
      await rig.subject().executor.remove(build);
      expect(await rig.subject().executor.start(manifest, {})).toEqual({ kind: 'created' });
      expect((await rig.finished(build)).uid).not.toBe(uid);
    });

    it('is refused when a build of another owner has the name', async () => {
      const other = rig.subject().another('somebody-else');
      const name = rig.nextName();
      try {
        await other.start(podOf({ owner: 'somebody-else', name, main: [shell('main', 'sleep 30')] }), {});
        const mine = podOf({ owner: rig.subject().owner, name, main: [shell('main', 'true')] });
        expect(await rig.subject().executor.start(mine, {})).toMatchObject({
          kind: 'refused',
          because: expect.stringContaining(name),
        });
        expect(await rig.subject().executor.observe(name)).toBeNull();
        expect((await rig.seen(name, (found) => found.phase === 'running', other)).labels['sluice.dev/owner']).toBe(
          'somebody-else',
        );
      } finally {
        await other.remove(name);
        await other.close();
      }
    });

    it.each`
      flaw                                        | change
      ${'it lacks the volume that it mounts'}     | ${{ main: [shell('main', 'true', { volumeMounts: [{ name: 'no', mountPath: '/.sluice/no' }] })] }}
      ${'two containers have one name'}           | ${{ main: [shell('main', 'true'), shell('main', 'true')] }}
      ${'it has no container'}                    | ${{ main: [] }}
      ${'a secret volume has no content'}         | ${{ main: [shell('main', 'true')], volumes: [{ name: 't', secret: { secretName: 't', defaultMode: 0o400 } }] }}
      ${'the container name climbs out of paths'} | ${{ main: [shell('../x', 'true')] }}
    `('is refused, with a reason and without a trace, when $flaw', async ({ change }) => {
      const manifest = rig.pod(change);
      const outcome = await rig.subject().executor.start(manifest, {});
      expect(outcome).toMatchObject({ kind: 'refused', because: expect.stringMatching(/\w+ \w+/) });
      expect(await rig.subject().executor.observe(manifest.metadata.name as BuildId)).toBeNull();
    });
  });
}
