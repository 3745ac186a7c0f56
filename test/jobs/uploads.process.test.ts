import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProcessExecutor, type ProcessExecutor } from '../../src/adapters/process/executor.ts';
import type { ProcessSettings } from '../../src/adapters/process/settings.ts';
import { makeProcessSettings, processLeftovers } from '../adapters/process/process-subject.ts';
import { pool } from '../core/pod/order-fixture.ts';
import { type GuardedRegistry, startGuardedRegistry } from '../harness/guarded-registry.ts';
import { artifactStories } from './artifact-stories.ts';
import { type CheckoutStage, openCheckoutStage } from './checkout-stage.ts';
import { uploadStories } from './upload-stories.ts';

const hasBuildah =
  spawnSync('buildah', ['--version']).status === 0 && process.getuid?.() === 0 && existsSync('/usr/bin/busybox');
if (!hasBuildah) process.stderr.write('\n*** UPLOADS ARE NOT TESTED AS PROCESSES: no buildah, busybox or root ***\n\n');

describe.skipIf(!hasBuildah)('uploads as plain processes with buildah', { timeout: 120_000 }, () => {
  let stage: CheckoutStage;
  let settings: ProcessSettings;
  let executor: ProcessExecutor;
  let registry: GuardedRegistry;

  beforeAll(async () => {
    stage = await openCheckoutStage();
    registry = await startGuardedRegistry();
    const stepCommand = [process.execPath, resolve(import.meta.dirname, '../../jobs/steps/step.ts')];
    settings = { ...(await makeProcessSettings()), owner: pool.owner, stepCommand };
    executor = createProcessExecutor(settings);
  });

  afterAll(async () => {
    await executor?.close();
    await registry?.stop();
    await stage?.end();
    await rm(settings.folder, { recursive: true, force: true });
  });

  uploadStories(() => ({
    executor,
    pool: { ...pool, builder: 'buildah', insecureRegistries: [registry.host] },
    stage,
    cloneUrl: `${stage.server.url}/acme/api.git`,
    registry,
    host: registry.host,
  }));

  artifactStories(() => ({
    executor,
    pool: { ...pool, builder: 'buildah', insecureRegistries: [registry.host] },
    stage,
    cloneUrl: `${stage.server.url}/acme/api.git`,
    registry,
    host: registry.host,
    imageOf: async () => 'localhost/none',
  }));

  it('leave nothing behind', async () => {
    expect(await processLeftovers(settings)).toEqual([]);
  });
});
