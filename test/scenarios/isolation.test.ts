import { afterEach, expect, it } from 'vitest';
import type { IsolationOutcome, ProvedIsolation } from '../../src/model/isolation.ts';
import { startWorld, type World } from '../harness/world.ts';

const config = 'jobs:\n  unit: { on: [presubmit], image: localhost/busybox:1, run: make test }\n';
const files = { 'README.md': 'hello\n', '.sluice.yaml': config };
const repo = 'acme/api';

const isolation: ProvedIsolation = {
  kind: 'proved',
  place: 'namespace builds',
  targets: [{ name: 'api', kind: 'connect', host: '10.0.0.1', port: 443 }],
  accepted: [],
  control: { name: 'control', kind: 'connect', host: 'github.com', port: 443 },
};

let world: World;

afterEach(async () => world.stop());

function canarySees(outcome: IsolationOutcome) {
  const control = { name: 'control', outcome: 'reached', detail: 'ok' };
  return { exitCode: 0, message: JSON.stringify({ control, targets: [{ name: 'api', outcome, detail: 'ok' }] }) };
}

/** With one slot for all. */
async function begin(): Promise<void> {
  world = await startWorld({ files, sluice: { isolation, limits: { pool: 1, perRepository: 1, perAuthor: 1 } } });
}

/** The canary ends like this, whether it runs already or not. */
function endCanary(outcome: IsolationOutcome): void {
  world.executor.always('canary', canarySees(outcome));
  for (const canary of world.executor.running('canary')) world.executor.finish(canary, canarySees(outcome));
}

function open(text: string) {
  return world.github.openPullRequest({ repo, by: 'ada', files: { 'README.md': text } });
}

async function waits(sha: string, words: RegExp) {
  return world.until(`unit waits: ${words}`, async () => {
    const run = await world.check(repo, sha, 'unit');
    return words.test(run?.summary ?? '') && run;
  });
}

it('code that nobody approved waits for the first canary, which is no job of anybody', async () => {
  await begin();
  world.executor.always('unit', { exitCode: 0 });
  const pull = await open('a\n');
  const run = await waits(pull.headSha, /no canary has ended here yet/);
  expect(run).toMatchObject({ status: 'queued', title: 'Waiting: not proved that it would be shut in' });
  expect(world.executor.manifests.filter(({ metadata }) => metadata.name.startsWith('b-unit-'))).toEqual([]);
  endCanary('refused');
  const ended = await world.concluded(repo, pull.headSha, 'unit');
  expect(ended).toMatchObject({ conclusion: 'success' });
  expect(ended.summary).not.toMatch(/canary|shut in/);
}, 120_000);

it('a canary that reaches something keeps it waiting, which takes no slot from what is approved', async () => {
  await begin();
  endCanary('reached');
  const stranger = await open('a\n');
  const run = await waits(stranger.headSha, /reached what it must not/);
  expect(run.summary).toContain('`SLUICE_ISOLATION_ACCEPTED=api`');
  const approved = await open('b\n');
  await world.github.comment(repo, approved.number, 'boss', `/ok-to-test ${approved.headSha}`);
  const [pod = ''] = await world.until('the approved one runs', () => {
    const running = world.executor.running('unit');
    return running.length > 0 && running;
  });
  world.executor.finish(pod, { exitCode: 0 });
  expect(await world.concluded(repo, approved.headSha, 'unit')).toMatchObject({ conclusion: 'success' });
  expect(world.executor.running('unit')).toEqual([]);
  expect(await world.check(repo, stranger.headSha, 'unit')).toMatchObject({ status: 'queued' });

  await world.sluice.close();
  await world.startAnother({ worker: 'worker-2', isolation: { ...isolation, accepted: ['api'] } });
  world.executor.always('unit', { exitCode: 0 });
  const ended = await world.concluded(repo, stranger.headSha, 'unit');
  expect(ended).toMatchObject({ conclusion: 'success' });
  expect(ended.summary).toMatch(/\*\*Not shut in:\*\* the operator accepts .*: `api`\./);
}, 180_000);
