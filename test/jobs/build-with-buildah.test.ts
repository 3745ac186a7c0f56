import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planBuildah } from '../../src/core/builders/buildah.ts';
import type { BuilderOptions } from '../../src/core/builders/options.ts';
import { readMeasured } from '../../src/core/pod/read-measured.ts';
import { makeWorkFolder, runStep, type StepEnd } from './run-step.ts';

let work: Awaited<ReturnType<typeof makeWorkFolder>>;

beforeEach(async () => {
  work = await makeWorkFolder();
  await mkdir(join(work.folder, 'src'));
  await copyFile('/usr/bin/busybox', join(work.folder, 'src/busybox'));
});

afterEach(() => work.end());

const withShell = 'FROM scratch AS shell\nCOPY busybox /bin/sh\n';

async function build(dockerfile: string, over: Partial<BuilderOptions> = {}, environment = {}): Promise<StepEnd> {
  await writeFile(join(work.folder, 'src/Dockerfile'), dockerfile);
  const plan = planBuildah({
    root: join(work.folder, 'src'),
    context: '.',
    containerFile: 'Dockerfile',
    target: null,
    buildArgs: {},
    labels: {},
    platform: null,
    registryMaps: [],
    insecureRegistries: [],
    layout: join(work.folder, 'out/image'),
    ...over,
  });
  return runStep('build-with-buildah', { ...plan, environment, result: join(work.folder, 'result') });
}

interface Config {
  readonly config: { readonly Labels?: Readonly<Record<string, string>> };
}

function configOf(): Config {
  const args = ['inspect', '--config', '--raw', `oci:${join(work.folder, 'out/image')}`];
  return JSON.parse(execFileSync('skopeo', args, { encoding: 'utf8' })) as Config;
}

async function mountsBelow(): Promise<readonly string[]> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  return mounts.split('\n').filter((line) => line.includes(work.folder));
}

// It needs root, as the builder's container has it, and buildah.
describe('the step that builds with buildah', () => {
  it('leaves an image of several stages that can be measured, and nothing else', async () => {
    const end = await build(`${withShell}RUN echo made > /made\nFROM scratch\nCOPY --from=shell /made /made\n`);
    expect(end.log).toContain('STEP');
    expect(end.code).toBe(0);
    expect(await readdir(join(work.folder, 'out'))).toEqual(['image']);
    expect(await mountsBelow()).toEqual([]);
    const measured = await runStep('measure', {
      layout: join(work.folder, 'out/image'),
      result: join(work.folder, 'r'),
    });
    expect(readMeasured(measured.result)).toMatchObject({ layers: 1 });
  });

  it('is red for a broken stage that nothing refers to, with the exit code of its command, and leaves nothing', async () => {
    const end = await build(`${withShell}RUN exit 7\nFROM scratch\nCOPY Dockerfile /\n`);
    expect(end.code).toBe(7);
    expect(end.log).toContain('building at STEP "RUN exit 7"');
    expect(await readdir(join(work.folder, 'out'))).toEqual([]);
    expect(await mountsBelow()).toEqual([]);
  });

  it('builds the one stage that is named', async () => {
    const dockerfile = `${withShell}LABEL stage=shell\nFROM shell AS broken\nRUN exit 7\n`;
    expect(await build(dockerfile, { target: 'shell' })).toMatchObject({ code: 0 });
    expect(configOf().config.Labels).toMatchObject({ stage: 'shell' });
  });

  it('hands on labels and build arguments word for word', async () => {
    const text = 'a=b "c" $(id) \'d\' \\ ü';
    const end = await build('FROM scratch\nARG TEXT\nLABEL given=$TEXT\nCOPY Dockerfile /\n', {
      buildArgs: { TEXT: text },
      labels: { 'com.acme.note': text, 'org.opencontainers.image.source': 'https://x' },
    });
    expect(end.code).toBe(0);
    expect(configOf().config.Labels).toMatchObject({
      given: text,
      'com.acme.note': text,
      'org.opencontainers.image.source': 'https://x',
    });
  });

  it('takes context and container file from where they are, and nothing from outside the context', async () => {
    await mkdir(join(work.folder, 'src/svc'));
    await writeFile(join(work.folder, 'src/svc/Containerfile'), 'FROM scratch\nCOPY own.txt /\n');
    await writeFile(join(work.folder, 'src/svc/own.txt'), 'x');
    await writeFile(join(work.folder, 'src/other.txt'), 'x');
    const place = { context: 'svc', containerFile: 'svc/Containerfile' };
    expect(await build('', place)).toMatchObject({ code: 0 });
    await writeFile(join(work.folder, 'src/svc/Containerfile'), 'FROM scratch\nCOPY ../other.txt /\n');
    expect((await build('', place)).code).not.toBe(0);
  });

  it('is not steered by the image’s environment', async () => {
    const environment = { HOME: '/nowhere', TMPDIR: '/nowhere', BUILDAH_ISOLATION: 'oci', NOTE: 'x' };
    expect(await build(`${withShell}RUN test -e /bin/sh\n`, {}, environment)).toMatchObject({ code: 0 });
  });

  it('ends with buildah’s own exit code where nothing can be built', async () => {
    expect((await build('FROMM scratch\n')).code).toBe(125);
    expect(await readdir(join(work.folder, 'out'))).toEqual([]);
  });
});
