import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { hideSecrets } from '../../src/app/hide-secrets.ts';
import { loadJobLibrary } from '../../src/config/job-library.ts';
import { renderPod } from '../../src/core/pod/render-pod.ts';
import { toBuildId } from '../../src/model/build.ts';
import { pool, uploadOrder } from '../core/pod/order-fixture.ts';
import { createFakeExecutor } from '../fakes/executor.ts';
import { startWorld, type World } from '../harness/world.ts';

// Whole worlds take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const repo = 'acme/api';
let world: World;

beforeAll(async () => {
  world = await startWorld({ private: true });
});
afterAll(async () => world.stop());

const formsOf = (secret: string): string[] => [
  secret,
  Buffer.from(secret).toString('base64'),
  encodeURIComponent(secret),
];

it('no log, page or check run shows the token of a checkout (A24)', async () => {
  const pull = await world.github.openPullRequest({ repo, by: 'ada', files: { 'README.md': 'x\n' } });
  const build = await world.until('the build runs', () => world.executor.running('build-image')[0]);
  const token = world.executor.secretsOf(build)?.['git-token']?.token ?? '';
  expect(token.length).toBeGreaterThan(15);
  const log = `begin\n${formsOf(token).join('\n')}\n${token.slice(0, 9)}\u001b[2J${token.slice(9)}\nerror building image: ${token} end\n`;
  world.executor.finish(build, { exitCode: 1, container: 'build', log });
  const run = await world.concluded(repo, pull.headSha, 'build-image');
  const [link = ''] = /http:\/\/127[^)]*/.exec(run.summary ?? '') ?? [];
  const page = await (await fetch(link)).text();
  expect(page).toMatch(/begin\n(\*\*\*\n){4}error building image: \*\*\* end\n/);
  for (const form of formsOf(token)) expect(`${page}${run.title}${run.summary}${run.text}`).not.toContain(form);
});

it('the log of a build that never stops talking is cut at 10 MB, and says so (A32)', async () => {
  const pull = await world.github.openPullRequest({ repo, by: 'ada', files: { 'README.md': 'long\n' } });
  const build = await world.until('the build runs', () => world.executor.running('build-image')[0]);
  const log = `${'x'.repeat(99)}\n`.repeat(120_000);
  world.executor.finish(build, { exitCode: 1, container: 'build', log });
  const run = await world.concluded(repo, pull.headSha, 'build-image');
  const [link = ''] = /http:\/\/127[^)]*/.exec(run.summary ?? '') ?? [];
  const text = await (await fetch(link.replace('?', '/raw?'))).text();
  expect(text.length).toBeGreaterThan(10_000_000);
  expect(text.length).toBeLessThan(10_500_000);
  expect(text.trimEnd().endsWith('… the log is cut here: it is longer than 10 MB')).toBe(true);
});

it('no log of our containers shows the login of a registry (A24, A45)', async () => {
  const library = await loadJobLibrary(resolve(import.meta.dirname, '../../jobs'));
  const manifest = renderPod(uploadOrder(), pool, library);
  const build = toBuildId(manifest.metadata.name);
  const inner = createFakeExecutor(Date.now);
  const executor = hideSecrets(inner);
  const auth = Buffer.from('uploader:a-password-of-quay').toString('base64');
  const config = JSON.stringify({
    auths: { 'quay.io/acme/api': { auth }, 'b.example': { identitytoken: 'an-identity' } },
  });
  await executor.start(manifest, { registry: { 'config.json': config, 'ca.crt': 'a certificate' } });
  const log = `uploader shows a-password-of-quay, ${auth}, an-identity\na certificate\n`;
  inner.finish(build, { exitCode: 1, container: 'upload', log });
  let told = '';
  await executor.follow(build, ({ container, text }) => (told += `[${container}] ${text}`), AbortSignal.timeout(5_000));
  expect(told.replaceAll('[upload] ', '')).toBe('uploader shows ***, ***, ***\na certificate\n');
});
