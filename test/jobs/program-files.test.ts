import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listProgramFiles, readProgram } from '../../jobs/step-image/program-files.ts';

describe('what the step programs load', () => {
  it('is steps, the registry’s client and their words: nothing of the server and no package', async () => {
    const files = await listProgramFiles();
    const folders = new Set(files.map((file) => dirname(file)));
    expect([...folders].sort()).toEqual(['jobs/steps', 'src/adapters/oci', 'src/core/from', 'src/model']);
    expect(files).toContain('src/adapters/oci/push-layout.ts');
  });

  it('is enough to run them anywhere', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-programs-'));
    try {
      for (const file of await listProgramFiles()) {
        const { place, text } = await readProgram(file);
        await mkdir(dirname(join(folder, place)), { recursive: true });
        await writeFile(join(folder, place), text);
      }
      await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
      const env = { PATH: '/usr/bin:/bin', SLUICE_STEP: '{}' };
      const options = ['--no-experimental-strip-types', join(folder, 'jobs/steps/step.js'), 'upload'];
      const run = spawnSync(process.execPath, options, { env });
      expect(run.stderr.toString()).toContain('SLUICE_STEP.result is not a text');
      expect(run.status).toBe(14);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
