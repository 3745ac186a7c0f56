import { execFile } from 'node:child_process';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProcessExecutor, type ProcessExecutor } from '../../../src/adapters/process/executor.ts';
import type { ProcessSettings } from '../../../src/adapters/process/settings.ts';
import { toBuildId } from '../../../src/model/build.ts';
import { podOf, shell } from '../../contract/pod-manifest.ts';
import { createStory, isOver, type Story } from '../podman/story.ts';
import { makeProcessSettings, processLeftovers } from './process-subject.ts';

const run = promisify(execFile);
const name = toBuildId(`b-process-${'e'.repeat(24)}`);

describe('a build as plain processes', { timeout: 30_000 }, () => {
  let settings: ProcessSettings;
  let executor: ProcessExecutor;
  let story: Story;

  beforeEach(async () => {
    settings = await makeProcessSettings();
    executor = createProcessExecutor(settings);
    story = createStory(executor, settings.owner);
  });

  afterEach(async () => {
    await story.removeAll();
    await executor.remove(name);
    await executor.close();
    expect(await processLeftovers(settings)).toEqual([]);
    await rm(settings.folder, { recursive: true, force: true });
  });

  it.each(['labels', 'annotations'] as const)(
    'is refused when its %s say that its code is untrusted',
    async (place) => {
      const manifest = podOf({
        owner: settings.owner,
        name,
        main: [shell('main', 'true')],
        [place]: { 'sluice.dev/trust': 'untrusted' },
      });
      expect(await executor.start(manifest, {})).toMatchObject({
        kind: 'refused',
        because: expect.stringContaining('untrusted'),
      });
      const lenient = createProcessExecutor({ ...settings, acceptUntrusted: true });
      expect(await lenient.start(manifest, {})).toEqual({ kind: 'created' });
      await lenient.close();
    },
  );

  it('is refused when a container relies on the entry point of an image', async () => {
    const { command: _, ...main } = shell('main', '', { args: ['--no-push'] });
    const outcome = await executor.start(podOf({ owner: settings.owner, name, main: [main] }), {});
    expect(outcome).toMatchObject({ kind: 'refused', because: expect.stringContaining('names no command') });
  });

  it('gets nothing of the worker’s environment', async () => {
    process.env.SLUICE_CANARY = 'canary';
    try {
      const { log } = await story.run({ main: [shell('main', 'env', { env: [{ name: 'OWN', value: 'yes' }] })] });
      const names = log
        .trim()
        .split('\n')
        .map((line) => line.split('=')[0]);
      expect(names.filter((one) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(one ?? '')).sort()).toEqual([
        'HOME',
        'OWN',
        'PATH',
        'TMPDIR',
      ]);
    } finally {
      delete process.env.SLUICE_CANARY;
    }
  });

  it('has no secret of a later container on the disk, and none of an earlier one', async () => {
    const volumes = ['git', 'keys'].map((volume) => ({
      name: volume,
      secret: { secretName: volume, defaultMode: 0o440 },
    }));
    const mounts = (volume: string) => ({
      volumeMounts: [{ name: volume, mountPath: `/.sluice/${volume}`, readOnly: true }],
    });
    const look = 'find "$HOME/../secrets" -type f -exec cat {} +; echo end';
    const { log } = await story.run(
      {
        init: [shell('first', look, mounts('git')), shell('second', look)],
        main: [shell('last', look, mounts('keys'))],
        volumes,
      },
      { git: { token: 'canary-one ' }, keys: { 'config.json': 'canary-two ' } },
    );
    expect(log).toBe('canary-one end\nend\ncanary-two end\n');
  });

  it('runs /sluice/step by the step command of the settings', async () => {
    const { log } = await story.run({ main: [shell('main', '', { command: ['/sluice/step', '-c', 'echo stepped'] })] });
    expect(log).toBe('stepped\n');
  });

  it.each`
    how                            | script
    ${'in its process group'}      | ${'sleep 987 & echo started'}
    ${'in a session of their own'} | ${'setsid sleep 987 </dev/null >/dev/null 2>&1 & sleep 0.3; echo started'}
  `('ends the processes that a container leaves behind $how', async ({ script }) => {
    const { pod } = await story.run({ main: [shell('main', script)] });
    expect(pod.phase).toBe('succeeded');
    const { stdout } = await run('ps', ['-eo', 'args']);
    expect(stdout).not.toContain('sleep 987');
  });

  it('is failed with StartError, and its processes are ended, when its runner was killed', async () => {
    const build = await story.start({ main: [shell('main', 'sleep 986')] });
    await story.until(build, (pod) => pod.phase === 'running');
    const state = JSON.parse(await readFile(join(settings.folder, 'builds', build, 'state.json'), 'utf8'));
    process.kill(state.runner.pid, 'SIGKILL');
    expect(await story.until(build, isOver)).toMatchObject({ phase: 'failed', reason: 'StartError' });
    await sleep(100);
    expect((await run('ps', ['-eo', 'args'])).stdout).not.toContain('sleep 986');
  });

  it('does not take a process that got the number of its runner for the runner', async () => {
    const build = await story.start({ main: [shell('main', 'sleep 985')] });
    await story.until(build, (pod) => pod.phase === 'running');
    const path = join(settings.folder, 'builds', build, 'state.json');
    const state = JSON.parse(await readFile(path, 'utf8'));
    process.kill(state.runner.pid, 'SIGKILL');
    await writeFile(path, JSON.stringify({ ...state, runner: { pid: process.pid, startTime: '1' } }));
    expect(await story.until(build, isOver)).toMatchObject({ phase: 'failed', reason: 'StartError' });
  });

  it('is unavailable when the Node program is not there', async () => {
    const broken = createProcessExecutor({ ...settings, node: '/no/such/node' });
    const outcome = await broken.start(podOf({ owner: settings.owner, name, main: [shell('main', 'true')] }), {});
    expect(outcome).toMatchObject({ kind: 'unavailable', because: expect.stringContaining('/no/such/node') });
    await broken.close();
  });

  it('keeps the first bytes of a log that is too long, and drops the rest', async () => {
    const small = createProcessExecutor({ ...settings, logLimit: 10_000 });
    const wordy = createStory(small, settings.owner);
    const { log } = await wordy.run({ main: [shell('main', 'echo first; yes | head -c 100000; sleep 1.2')] });
    expect(log.startsWith('first\ny\n')).toBe(true);
    const { size } = await stat(join(settings.folder, 'builds', `b-contract-${'0'.repeat(24)}`, 'logs', 'main'));
    expect(size).toBeLessThanOrEqual(10_000);
    await wordy.removeAll();
    await small.close();
  });

  it('is not set up without the words that allow it', () => {
    const unsaid = { ...settings, allowed: 'yes' } as unknown as ProcessSettings;
    expect(() => createProcessExecutor(unsaid)).toThrow(/trusted-only/);
  });
});
