import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProcessExecutor } from '../../src/adapters/process/executor.ts';
import type { ProcessSettings } from '../../src/adapters/process/settings.ts';
import { loadJobLibrary } from '../../src/config/job-library.ts';
import { judgePod } from '../../src/core/pod/judge-pod.ts';
import { renderPod } from '../../src/core/pod/render-pod.ts';
import type { BuildOrder } from '../../src/model/order.ts';
import { toSha } from '../../src/model/sha.ts';
import type { Executor, PodSecrets } from '../../src/ports/executor.ts';
import { makeProcessSettings, processLeftovers } from '../adapters/process/process-subject.ts';
import { commandOrder, imageOrder, type OrderParts, pool } from '../core/pod/order-fixture.ts';
import { type CheckoutStage, openCheckoutStage } from './checkout-stage.ts';

const root = resolve(import.meta.dirname, '../..');
const library = await loadJobLibrary(resolve(root, 'jobs'));
const hasBuildah = spawnSync('buildah', ['--version']).status === 0 && process.getuid?.() === 0;
if (!hasBuildah) process.stderr.write('\n*** BUILDAH IS NOT TESTED AS A PROCESS: not installed, or not root ***\n\n');

let stage: CheckoutStage;
let settings: ProcessSettings;
let executor: Executor & { close(): Promise<void> };

beforeEach(async () => {
  stage = await openCheckoutStage();
  const stepCommand = [process.execPath, resolve(root, 'jobs/steps/step.ts')];
  settings = { ...(await makeProcessSettings()), owner: pool.owner, stepCommand };
  executor = createProcessExecutor(settings);
});

afterEach(async () => {
  await executor.close();
  await stage.end();
  await rm(settings.folder, { recursive: true, force: true });
});

/** The merge of main and the branch, as code that has landed: plain processes take no other. */
async function run(make: (parts: OrderParts) => BuildOrder, parts: OrderParts, secrets: PodSecrets = {}) {
  const { base, head } = stage.branched(
    { 'main.txt': 'm' },
    { 'api/Dockerfile': 'FROM scratch\nARG WHAT\nCOPY . /\nLABEL what=$WHAT\n', 'api/x': 'x' },
  );
  const order = make({ ...parts, trust: 'trusted', job: { timeoutSeconds: 60 }, heads: [head] });
  const cloneUrl = `${stage.server.url}/acme/api.git`;
  const checkout = { ...order.checkout, cloneUrl, base, tree: toSha(stage.plan(base, head)) };
  const manifest = renderPod({ ...order, checkout }, { ...pool, builder: 'buildah' }, library);
  expect(await executor.start(manifest, secrets)).toEqual({ kind: 'created' });
  const texts: string[] = [];
  await executor.follow(order.build.id, ({ text }) => texts.push(text), AbortSignal.timeout(60_000));
  const log = texts.join('');
  for (;;) {
    const pod = await executor.observe(order.build.id);
    const judged = pod === null ? null : judgePod(pod, { buildsImage: order.image !== null, logTail: log });
    if (judged?.kind === 'ended') {
      await executor.remove(order.build.id);
      return { judged, log };
    }
    await new Promise((done) => setTimeout(done, 20));
  }
}

describe('rendered pods as plain processes', { timeout: 90_000 }, () => {
  it('run a command in the merge, with the token out of its reach', async () => {
    const command = 'ls; git status --porcelain; git log --format=%P -1 | wc -w; ls -d /.sluice/git || echo no token';
    const project = { private: true };
    const secrets = { 'git-token': { token: 'tok-1234567890' } };
    const { judged, log } = await run(
      (parts) => commandOrder({ ...parts, content: { command } }),
      { project },
      secrets,
    );
    expect(judged, log).toMatchObject({ result: 'success' });
    expect(log).toMatch(/a\.txt\napi\nb\.txt\nmain\.txt\n2\n/);
    expect(log).toContain('no token');
    expect(log).not.toContain('tok-1234567890');
    expect(await processLeftovers(settings)).toEqual([]);
  });

  it('give the command its secrets in variables, and no manifest holds them', async () => {
    const command = 'test "$DEPLOY" = "s3cret of two words" && env | grep -c DEPLOY; ls /.sluice/secrets';
    const secrets = { secrets: { DEPLOY: 's3cret of two words\n' } };
    const { judged, log } = await run(
      (parts) => commandOrder({ ...parts, content: { command, secrets: { DEPLOY: 'deploy-key' } } }),
      {},
      secrets,
    );
    expect(judged, log).toMatchObject({ result: 'success' });
    expect(log).toMatch(/1\nDEPLOY\n$/);
    expect(await processLeftovers(settings)).toEqual([]);
  });

  it.skipIf(!hasBuildah)('build an image with buildah and measure it', async () => {
    const image = { context: 'api', buildArgs: { WHAT: 'a $b "c"' } };
    const { judged, log } = await run(imageOrder, { image, resolved: { containerFile: 'api/Dockerfile' } });
    expect(judged, log).toMatchObject({ result: 'success', image: { layers: 1 } });
    expect(await processLeftovers(settings)).toEqual([]);
  });
});
