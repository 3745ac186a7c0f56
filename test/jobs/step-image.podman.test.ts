import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashRootFiles, listRootFiles } from '../../jobs/step-image/assemble.ts';
import { buildStepImage, type StepImage } from '../../jobs/step-image/build-step-image.ts';
import { loadImageArchive } from '../../src/adapters/podman/images.ts';
import { runPodman } from '../../src/adapters/podman/podman-command.ts';
import { makeTestStore, podmanAbsence, type TestStore } from '../adapters/podman/podman-subject.ts';

const absence = await podmanAbsence();
const ingredients = { node: process.execPath, path: '/usr/local/bin:/usr/bin:/bin' };

describe('what goes into the step image', () => {
  it('is named by its content: one changed byte is another name', async () => {
    const files = await listRootFiles(ingredients);
    const hash = await hashRootFiles(files);
    expect(await hashRootFiles(await listRootFiles(ingredients))).toBe(hash);
    const changed = new Map([...files, ['/etc/group', { text: 'root:x:0:\n', mode: 0o644 }] as const]);
    expect(await hashRootFiles(changed)).not.toBe(hash);
  });

  it('is refused by name where git is missing', async () => {
    await expect(listRootFiles({ ...ingredients, path: '/nonexistent' })).rejects.toThrow(
      'there is no git on /nonexistent',
    );
  });
});

describe.skipIf(absence !== null)(`the step image in podman ${absence ?? ''}`, { timeout: 120_000 }, () => {
  let made: TestStore;
  let cache: string;
  let built: StepImage;

  beforeAll(async () => {
    made = await makeTestStore();
    cache = await mkdtemp(join(tmpdir(), 'sluice-steps-'));
    const before = performance.now();
    built = await buildStepImage({ ...ingredients, cache });
    const { size } = await stat(built.archive);
    process.stderr.write(`step image: ${Math.round(performance.now() - before)} ms, ${Math.round(size / 1e6)} MB\n`);
    expect(await loadImageArchive(made.store, built.archive)).toEqual([built.image]);
  }, 120_000);

  afterAll(async () => {
    await rm(cache, { recursive: true, force: true });
    await made?.end();
  });

  it('is built once, with nothing left beside the archive', async () => {
    const before = await stat(built.archive);
    expect(await buildStepImage({ ...ingredients, cache })).toEqual(built);
    expect((await stat(built.archive)).mtimeMs).toBe(before.mtimeMs);
    expect(await readdir(cache)).toHaveLength(1);
  });

  /** One step in a container as the pod gives it: no user, no capability, nothing writable. */
  const run = (...words: string[]) =>
    runPodman(made.store, [
      'run',
      '--rm',
      '--network=none',
      '--read-only',
      '--read-only-tmpfs=false',
      '--cap-drop=ALL',
      '--user=65532:65532',
      '--security-opt=no-new-privileges',
      ...words,
    ]);

  it('runs its steps as a user without rights on a read-only root', async () => {
    const { code, words } = await run('--env=SLUICE_STEP={}', built.image, 'checkout');
    expect(code, words).toBe(14);
    expect(words).toContain('SLUICE_STEP.result is not a text');
  });

  it('has a git that finds its helpers and speaks https', async () => {
    const version = await run('--entrypoint=/usr/bin/git', built.image, '--version');
    expect(version.code, version.words).toBe(0);
    const https = await run('--entrypoint=/usr/bin/git', built.image, 'ls-remote', 'https://127.0.0.1:1/x.git');
    expect(https.words).toMatch(/Failed to connect|Couldn't connect|Connection refused/i);
  });

  it('knows its user by name', async () => {
    const script = 'console.error(require("os").userInfo().username, process.getuid())';
    const { words } = await run('--entrypoint=/usr/bin/node', built.image, '-e', script);
    expect(words).toContain('step 65532');
  });
});
