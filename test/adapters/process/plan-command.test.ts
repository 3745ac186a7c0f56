import { describe, expect, it } from 'vitest';
import { planCommand, rewriterFor } from '../../../src/adapters/process/plan-command.ts';
import type { BuildRecord } from '../../../src/adapters/process/record.ts';
import { toBuildId } from '../../../src/model/build.ts';
import type { PodContainer } from '../../../src/model/pod.ts';
import { podOf, shell } from '../../contract/pod-manifest.ts';

describe('the paths of a container', () => {
  const rewrite = rewriterFor(
    new Map([
      ['/.sluice/src', '/tmp/b/volumes/src'],
      ['/.sluice/src/deep', '/tmp/b/volumes/deep'],
      ['/dev/termination-log', '/tmp/b/results/main'],
    ]),
  );

  it.each`
    text                                        | expected
    ${'/.sluice/src'}                           | ${'/tmp/b/volumes/src'}
    ${'/.sluice/src/'}                          | ${'/tmp/b/volumes/src/'}
    ${'/.sluice/src/Dockerfile'}                | ${'/tmp/b/volumes/src/Dockerfile'}
    ${'/.sluice/src/deep/x'}                    | ${'/tmp/b/volumes/deep/x'}
    ${'--context=dir:///.sluice/src'}           | ${'--context=dir:///tmp/b/volumes/src'}
    ${'--out=/dev/termination-log'}             | ${'--out=/tmp/b/results/main'}
    ${'cd /.sluice/src && cat >/.sluice/src/a'} | ${'cd /tmp/b/volumes/src && cat >/tmp/b/volumes/src/a'}
    ${'"/.sluice/src"'}                         | ${'"/tmp/b/volumes/src"'}
    ${'/.sluice/src:/.sluice/src/deep'}         | ${'/tmp/b/volumes/src:/tmp/b/volumes/deep'}
    ${'/.sluice/srcs'}                          | ${'/.sluice/srcs'}
    ${'/.sluice/src-old'}                       | ${'/.sluice/src-old'}
    ${'/home/.sluice/src'}                      | ${'/home/.sluice/src'}
    ${'/.sluice/out'}                           | ${'/.sluice/out'}
    ${'$& and $1 stay'}                         | ${'$& and $1 stay'}
  `('in "$text" make it "$expected"', ({ text, expected }) => {
    expect(rewrite(text)).toBe(expected);
  });

  it('stay as they are when the container mounts nothing', () => {
    expect(rewriterFor(new Map())('/.sluice/src')).toBe('/.sluice/src');
  });
});

describe('the command of a container', () => {
  function plan(container: PodContainer) {
    const name = toBuildId(`b-plan-${'0'.repeat(24)}`);
    const volumes = [
      { name: 'src', emptyDir: {} },
      { name: 'git', secret: { secretName: 'git', defaultMode: 0o400 } },
    ];
    const manifest = podOf({ owner: 'o', name, main: [container], volumes });
    const record: BuildRecord = {
      manifest,
      uid: 'u',
      createdAt: 0,
      stepCommand: ['/usr/bin/node', '/jobs/step.ts'],
      searchPath: '/usr/bin:/bin',
      logLimit: 1,
    };
    return planCommand(record, '/f', container);
  }

  it('has the step programs in the place of /sluice/step', () => {
    const container = shell('checkout', '', {
      command: ['/sluice/step', 'checkout'],
      args: ['--into=/.sluice/src', '--token=/.sluice/git/token'],
      volumeMounts: [
        { name: 'src', mountPath: '/.sluice/src' },
        { name: 'git', mountPath: '/.sluice/git', readOnly: true },
      ],
    });
    expect(plan(container)).toMatchObject({
      program: '/usr/bin/node',
      args: ['/jobs/step.ts', 'checkout', '--into=/f/volumes/src', '--token=/f/secrets/checkout/git/token'],
    });
  });

  it('has no other environment than the manifest’s, a home and a search path', () => {
    const container = shell('main', 'true', { env: [{ name: 'OUT', value: '/.sluice/result' }] });
    expect(plan(container).env).toEqual({
      PATH: '/usr/bin:/bin',
      HOME: '/f/home',
      TMPDIR: '/f/home',
      OUT: '/f/results/main',
    });
  });

  it('keeps its home, by which its processes are found again, whatever the manifest says', () => {
    const container = shell('main', 'true', {
      env: [
        { name: 'HOME', value: '/root' },
        { name: 'PATH', value: '/opt/bin' },
      ],
    });
    expect(plan(container).env).toMatchObject({ HOME: '/f/home', PATH: '/opt/bin' });
  });

  it.each`
    workingDir            | expected
    ${undefined}          | ${'/f/home'}
    ${'/.sluice/src/sub'} | ${'/f/volumes/src/sub'}
  `('works in $expected when the manifest says $workingDir', ({ workingDir, expected }) => {
    const volumeMounts = [{ name: 'src', mountPath: '/.sluice/src' }];
    const more = workingDir === undefined ? {} : { workingDir };
    expect(plan(shell('main', 'true', { volumeMounts, ...more })).workingDir).toBe(expected);
  });
});
