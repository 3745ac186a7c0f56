import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planBuildah } from '../../src/core/builders/buildah.ts';
import type { BuilderOptions } from '../../src/core/builders/options.ts';
import { locateDockerfileFailure } from '../../src/core/pod/locate-failure.ts';
import { makeWorkFolder, runStep } from './run-step.ts';

const busybox = '/usr/bin/busybox';
const absence = findAbsence();
if (absence !== null) process.stderr.write(`\n*** BUILDAH IS NOT TESTED: ${absence} ***\n\n`);

function findAbsence(): string | null {
  if (spawnSync('buildah', ['--version']).status !== 0) return 'it is not installed (apt-get install buildah)';
  if (!existsSync(busybox)) return `there is no static ${busybox} (apt-get install busybox-static)`;
  return process.getuid?.() === 0 ? null : 'it needs root';
}

let work: Awaited<ReturnType<typeof makeWorkFolder>>;

beforeEach(async () => {
  work = await makeWorkFolder();
  mkdirSync(join(work.folder, 'src'));
  mkdirSync(join(work.folder, 'out'));
  if (existsSync(busybox)) copyFileSync(busybox, join(work.folder, 'src/busybox'));
});

afterEach(() => work.end());

async function build(dockerfile: string, more: Partial<BuilderOptions> = {}, environment: Record<string, string> = {}) {
  writeFileSync(join(work.folder, 'src/Dockerfile'), dockerfile);
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
    rewritten: null,
    ...more,
  });
  return runStep('build-with-buildah', { ...plan, environment, result: join(work.folder, 'result') });
}

async function measured(): Promise<{ config: unknown; layers: number }> {
  const layout = join(work.folder, 'out/image');
  const end = await runStep('measure', { layout, result: join(work.folder, 'measured') });
  const { digest, layers } = JSON.parse(end.result) as { digest: string; layers: number };
  const blob = (name: string): unknown => JSON.parse(readFileSync(join(layout, 'blobs/sha256', name.slice(7)), 'utf8'));
  const manifest = blob(digest) as { config: { digest: string } };
  return { config: (blob(manifest.config.digest) as { config: unknown }).config, layers };
}

const base =
  'FROM scratch AS base\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "ln", "-s", "busybox", "/bin/sh"]\n';

describe.skipIf(absence !== null)(`the buildah step ${absence ?? ''}`, { timeout: 60_000 }, () => {
  it('leaves an OCI layout that can be measured, and nothing else', async () => {
    const end = await build(`${base}ARG WHO\nRUN echo "hello $WHO" >/greeting\n`, {
      buildArgs: { WHO: 'you and "me"' },
      labels: { 'io.acme.team': 'core' },
    });
    expect(end.code, end.log).toBe(0);
    expect(await measured()).toMatchObject({ config: { Labels: { 'io.acme.team': 'core' } } });
    expect(readdirSync(join(work.folder, 'out'))).toEqual(['image']);
    expect(execFileSync('findmnt', ['-rno', 'TARGET'], { encoding: 'utf8' })).not.toContain(work.folder);
  });

  it('builds the stage that is named', async () => {
    const dockerfile = `${base}FROM base AS one\nLABEL stage=one\nFROM base\nLABEL stage=last\n`;
    expect((await build(dockerfile, { target: 'one' })).code).toBe(0);
    expect(await measured()).toMatchObject({ config: { Labels: { stage: 'one' } } });
  });

  it.each([
    ['with a name', 'AS broken'],
    ['without a name', ''],
  ])('is red for a broken stage that nothing refers to, %s', async (_, called) => {
    const dockerfile = `${base}FROM base ${called}\nRUN exit 7\nFROM base\nLABEL a=b\n`;
    const end = await build(dockerfile);
    expect(end.code).not.toBe(0);
    expect(end.result).toMatch(/^The build ended with exit code /);
    expect(locateDockerfileFailure(dockerfile, end.log)).toMatchObject({ line: 5 });
    expect(readdirSync(join(work.folder, 'out'))).toEqual([]);
  });

  it('ends with an exit code for a Dockerfile that is none', async () => {
    expect((await build('FRM scratch\n')).code).not.toBe(0);
  });

  it('shows the builder the environment that the image asks for, and none of ours', async () => {
    const end = await build(
      `${base}RUN echo "got $http_proxy and $SLUICE_STEP."\n`,
      {},
      { http_proxy: 'http://127.0.0.1:9' },
    );
    expect(end.code, end.log).toBe(0);
    expect(end.log).toContain('got http://127.0.0.1:9 and .');
  });
});
