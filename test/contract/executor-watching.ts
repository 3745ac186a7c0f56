import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { BuildId } from '../../src/model/build.ts';
import { containerOf, type ExecutorRig } from './executor-rig.ts';
import { shell } from './pod-manifest.ts';

/** What is seen of a build: its output, its secrets, by whom, and when. */
export function describeWatching(rig: ExecutorRig): void {
  describe('its output', () => {
    it('comes in order, from the start, whole, and again on every call', async () => {
      const build = await rig.start({
        // Runtimes read the two streams separately: what is written to both at once has no order.
        init: [shell('first', 'echo a; sleep 0.2; echo b >&2; sleep 0.2; echo -n c')],
        main: [shell('main', 'for i in 1 2 3; do echo $i; sleep 0.2; done')],
      });
      const whole = '[first]a\nb\n[first]c[main]1\n2\n3\n';
      const live = await rig.logOf(build);
      expect(live.replaceAll(/\[(first|main)\]/g, '')).toBe('a\nb\nc1\n2\n3\n');
      expect(await rig.logOf(build)).toBe(whole);
      expect(await rig.logOf(build)).toBe(whole);
    });

    it('comes whole when it is a megabyte, with long lines and letters of several bytes', async () => {
      // A letter of two bytes, doubled thirteen times: 16 KiB a line.
      const script =
        's=ä; i=0; while [ $i -lt 13 ]; do s=$s$s; i=$((i+1)); done; i=0; while [ $i -lt 64 ]; do echo "$s $i"; i=$((i+1)); done';
      const build = await rig.start({ main: [shell('main', script)] });
      await rig.finished(build);
      const lines = (await rig.logOf(build)).replaceAll('[main]', '').split('\n');
      expect(lines).toHaveLength(65);
      expect(lines.slice(0, 64).every((line, at) => line === `${'ä'.repeat(8192)} ${at}`)).toBe(true);
    });

    it('is given while the build runs, in whole lines', async () => {
      const build = await rig.start({
        main: [shell('main', 'echo early; echo -n ha; sleep 1; echo lf; sleep 30')],
        grace: 1,
      });
      const chunks: string[] = [];
      const enough = new AbortController();
      const following = rig.subject().executor.follow(
        build,
        ({ text }) => {
          chunks.push(text);
          if (text.includes('half')) enough.abort();
        },
        AbortSignal.any([enough.signal, AbortSignal.timeout(15_000)]),
      );
      await following;
      expect(chunks.join('')).toBe('early\nhalf\n');
      expect(chunks.every((text) => text.endsWith('\n'))).toBe(true);
      expect((await rig.subject().executor.observe(build))?.phase).toBe('running');
    });

    it('is nothing for a build that is gone', async () => {
      expect(await rig.logOf(rig.nextName())).toBe('');
    });
  });

  describe('its secrets', () => {
    const volumes = [{ name: 'git', secret: { secretName: 'git', defaultMode: 0o440 } }];
    const mount = [{ name: 'git', mountPath: '/.sluice/git', readOnly: true }];
    const show = 'cat /.sluice/git/token 2>/dev/null || echo none';

    it('are read only where they are mounted, and in no environment', async () => {
      const build = await rig.start(
        {
          init: [shell('with', `${show}; env`, { volumeMounts: mount })],
          main: [shell('without', `${show}; env`)],
          volumes,
        },
        { git: { token: 'canary-secret' } },
      );
      await rig.finished(build);
      const log = await rig.logOf(build);
      expect(log.match(/canary-secret/g)).toHaveLength(1);
      expect(log).toContain('[with]canary-secret');
      expect(log).toContain('none');
      const { labels, annotations, containers } = await rig.finished(build);
      expect(JSON.stringify([labels, annotations, containers])).not.toContain('canary');
    });

    it('are two, each only where it is mounted', async () => {
      const keys = [{ name: 'keys', mountPath: '/.sluice/keys', readOnly: true }];
      const look = 'cat /.sluice/git/token /.sluice/keys/config.json 2>/dev/null; echo end';
      const build = await rig.start(
        {
          init: [shell('first', look, { volumeMounts: mount }), shell('second', look)],
          main: [shell('last', look, { volumeMounts: keys })],
          volumes: [...volumes, { name: 'keys', secret: { secretName: 'keys', defaultMode: 0o440 } }],
        },
        { git: { token: 'canary-one ' }, keys: { 'config.json': 'canary-two ' } },
      );
      expect((await rig.finished(build)).phase).toBe('succeeded');
      expect(await rig.logOf(build)).toBe('[first]canary-one end\n[second]end\n[last]canary-two end\n');
    });

    it('are read by a container that is not root', async () => {
      const user = { ...shell('x', '').securityContext, runAsUser: 65532, runAsGroup: 65532, runAsNonRoot: true };
      const build = await rig.start(
        { main: [shell('main', show, { volumeMounts: mount, securityContext: user })], volumes },
        { git: { token: 'canary-secret' } },
      );
      await rig.finished(build);
      expect(await rig.logOf(build)).toBe('[main]canary-secret');
    });
  });

  describe('what later workers see', () => {
    it('is every build of theirs and none of another owner', async () => {
      const mine = await rig.start({ main: [shell('main', 'sleep 30')], grace: 1 });
      const later = rig.subject().another(rig.subject().owner);
      const stranger = rig.subject().another('somebody-else');
      try {
        expect((await later.list()).map(({ name }) => name)).toContain(mine);
        expect((await stranger.list()).map(({ name }) => name)).not.toContain(mine);
      } finally {
        await later.close();
        await stranger.close();
      }
    });

    it.each`
      until         | moment
      ${'called'}   | ${'while it was starting the build'}
      ${'answered'} | ${'right after the build was started'}
    `('is a build whose worker was killed $moment, and its end', async ({ until }) => {
      const manifest = rig.pod({
        init: [shell('first', 'sleep 1; echo first')],
        main: [shell('main', 'sleep 1; echo main; echo -n done >/.sluice/result')],
      });
      const build = manifest.metadata.name as BuildId;
      await rig.subject().startAndDie(manifest, {}, until);
      expect(['created', 'exists']).toContain((await rig.subject().executor.start(manifest, {})).kind);
      const found = await rig.finished(build);
      expect(found.phase).toBe('succeeded');
      expect(containerOf(found, 'main')).toMatchObject({ message: 'done' });
      expect(await rig.logOf(build)).toBe('[first]first\n[main]main\n');
    });

    it('is the deadline of a build whose worker was killed', async () => {
      const manifest = rig.pod({ main: [shell('main', 'sleep 60')], deadline: 2, grace: 1 });
      await rig.subject().startAndDie(manifest, {}, 'answered');
      expect(await rig.finished(manifest.metadata.name as BuildId)).toMatchObject({
        phase: 'failed',
        reason: 'DeadlineExceeded',
      });
    });
  });

  it('ends its followers when it is closed, and no build', async () => {
    const build = await rig.start({ main: [shell('main', 'echo on; sleep 30')], grace: 1 });
    await rig.seen(build, (found) => found.phase === 'running');
    const other = rig.subject().another(rig.subject().owner);
    const following = other.follow(build, () => 'heard', AbortSignal.timeout(15_000));
    await sleep(500);
    const before = Date.now();
    await other.close();
    await following;
    expect(Date.now() - before).toBeLessThan(5_000);
    expect((await rig.subject().executor.observe(build))?.phase).toBe('running');
  });

  it('tells a watcher of the start and the end of a build, until the watch is ended', async () => {
    const told: string[] = [];
    const end = rig.subject().executor.watch((build) => told.push(build));
    const build = await rig.start({ main: [shell('main', 'sleep 1')] });
    await rig.finished(build);
    await sleep(2500);
    end();
    expect(told.filter((one) => one === build).length).toBeGreaterThanOrEqual(2);
    const before = told.length;
    await rig.start({ main: [shell('main', 'true')] });
    await sleep(1000);
    expect(told).toHaveLength(before);
  });
}
