import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe } from 'vitest';
import { createProcessExecutor } from '../../src/adapters/process/executor.ts';
import { makeProcessSettings } from '../adapters/process/process-subject.ts';
import { pool } from '../core/pod/order-fixture.ts';
import { builderContract } from './builder.ts';

const hasBuildah =
  spawnSync('buildah', ['--version']).status === 0 && process.getuid?.() === 0 && existsSync('/usr/bin/busybox');
if (!hasBuildah) process.stderr.write('\n*** BUILDAH IS NOT TESTED AS A BUILDER: no buildah, busybox or root ***\n\n');

// It has no form of its own in a pod: it is what builds on one machine, as a plain process.
describe.skipIf(!hasBuildah)('on one machine', () => {
  builderContract(
    'buildah',
    async () => '127.0.0.1',
    async ({ front }) => {
      const stepCommand = [process.execPath, resolve(import.meta.dirname, '../../jobs/steps/step.ts')];
      const settings = { ...(await makeProcessSettings()), owner: pool.owner, stepCommand, acceptUntrusted: true };
      const executor = createProcessExecutor(settings);
      return {
        executor,
        pool: { ...pool, builder: 'buildah', insecureRegistries: [front.host] },
        end: async () => {
          await executor.close();
          await rm(settings.folder, { recursive: true, force: true });
        },
      };
    },
  );
});
