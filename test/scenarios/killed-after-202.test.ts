import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { startWorld, type World } from '../harness/world.ts';

const repo = 'acme/api';
let world: World;
let child: ChildProcess | null = null;

afterEach(async () => {
  if (child && child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await world.stop();
});

async function startWebProcess(): Promise<{ url: string; kill: () => Promise<void> }> {
  const { options, app } = world;
  const { appId, privateKey, apiUrl } = options.github;
  const { redis, data, jobsFolder, pool } = options;
  const settings = { redis, data, jobsFolder, pool, github: { appId, privateKey, apiUrl }, secret: app.webhookSecret };
  const program = join(import.meta.dirname, '../harness/web-process.ts');
  const started = spawn(process.execPath, [program, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = started;
  const url = await new Promise<string>((resolve, reject) => {
    started.once('exit', (code) => reject(new Error(`the web process ended with ${code}`)));
    started.stdout.once('data', (text: Buffer) => resolve(text.toString().trim()));
  });
  const kill = () =>
    new Promise<void>((resolve) => {
      started.removeAllListeners('exit');
      started.once('exit', () => resolve());
      started.kill('SIGKILL');
    });
  return { url, kill };
}

it('an event that was answered with 202 is acted upon although the process was killed right then', async () => {
  world = await startWorld({ sluice: { role: 'web' } });
  world.executor.always('build-image', { exitCode: 0, log: 'ok\n' });
  await world.sluice.close();
  const web = await startWebProcess();
  await world.github.setWebhookUrl(world.app.appId, `${web.url}/api/github/webhooks`);
  const pull = await world.github.openPullRequest({ repo, by: 'ada', files: { 'README.md': 'now\n' } });
  await world.github.webhooks.settled();
  await web.kill();
  const opened = world.github.webhooks
    .deliveries(world.app.appId)
    .find((delivery) => delivery.parcel.event === 'pull_request');
  expect(opened).toMatchObject({ statusCode: 202 });
  // Nobody redelivers or resyncs anything: what the dead process stored is all there is.
  const sluice = await world.startAnother({ role: 'worker', worker: 'worker-2' });
  expect(sluice.url).toBeNull();
  expect(await world.concluded(repo, pull.headSha, 'build-image')).toMatchObject({ conclusion: 'success' });
});
