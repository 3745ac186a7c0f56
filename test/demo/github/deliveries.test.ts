import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { acme, asApp, asInstallation, startedReceiver } from './setting.ts';

const name = 'acme/app';

async function listening(answer?: Parameters<typeof startedReceiver>[0], options: Parameters<typeof acme>[0] = {}) {
  const world = await acme(options);
  const receiver = await startedReceiver(answer);
  const pull = await world.github.openPullRequest({ repo: name, by: 'mia', branch: 'more', files: { a: '1' } });
  await world.github.setWebhookUrl(world.app.appId, receiver.url);
  const say = (body: string) => world.github.comment(name, pull.number, 'mia', body);
  const said = (): unknown[] => receiver.received.map(({ payload }) => (payload.comment as { body: string }).body);
  return { ...world, receiver, pull, say, said };
}

test('a webhook is signed over its bytes and says what it is', async () => {
  const { github, app, receiver, say, installationId } = await listening();
  await say('héllo');
  await github.webhooks.settled();
  const [hook] = receiver.received;
  const mac = (kind: string) =>
    createHmac(kind, app.webhookSecret)
      .update(hook?.body ?? '')
      .digest('hex');
  expect(hook?.headers).toMatchObject({
    'content-type': 'application/json',
    'user-agent': expect.stringMatching(/^GitHub-Hookshot\//),
    'x-github-event': 'issue_comment',
    'x-github-delivery': expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    'x-github-hook-id': expect.stringMatching(/^\d+$/),
    'x-github-hook-installation-target-id': String(app.appId),
    'x-github-hook-installation-target-type': 'integration',
    'x-hub-signature': `sha1=${mac('sha1')}`,
    'x-hub-signature-256': `sha256=${mac('sha256')}`,
  });
  expect(hook?.payload).toMatchObject({
    installation: { id: installationId },
    sender: { login: 'mia' },
    organization: { login: 'acme' },
  });
});

test('the log shows what failed; nothing is sent again by itself; a redelivery keeps the GUID and gets a new number', async () => {
  let healthy = false;
  const world = await listening(() => (healthy ? 202 : 503));
  const { github, receiver, say } = world;
  await say('one');
  await github.webhooks.settled();
  expect(receiver.received).toHaveLength(1);
  const { rest } = asApp(world);
  const [failed] = (await rest.apps.listWebhookDeliveries({ status: 'failure' })).data;
  expect(failed).toMatchObject({
    status: 'Service Unavailable',
    status_code: 503,
    redelivery: false,
    event: 'issue_comment',
    action: 'created',
  });
  healthy = true;
  expect((await rest.apps.redeliverWebhookDelivery({ delivery_id: failed?.id ?? 0 })).status).toBe(202);
  await github.webhooks.settled();
  const { data: all } = await rest.apps.listWebhookDeliveries();
  expect(all.map(({ guid, redelivery, status }) => [guid, redelivery, status])).toEqual([
    [failed?.guid, true, 'OK'],
    [failed?.guid, false, 'Service Unavailable'],
  ]);
  expect(all[0]?.id).not.toBe(failed?.id);
  expect(receiver.received.map(({ guid }) => guid)).toEqual([failed?.guid, failed?.guid]);
  const { data: whole } = await rest.apps.getWebhookDelivery({ delivery_id: all[0]?.id ?? 0 });
  expect(whole.request.payload).toMatchObject({ comment: { body: 'one' } });
  expect(github.violations).toEqual([]);
});

test('the log is paged by a cursor, newest first, and forgets after three days', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const world = await listening(undefined, { now: () => now });
  for (let n = 0; n < 7; n += 1) await world.say(`comment ${n}`);
  await world.github.webhooks.settled();
  const octokit = asApp(world);
  const pages: number[][] = [];
  for await (const { data } of octokit.paginate.iterator(octokit.rest.apps.listWebhookDeliveries, { per_page: 3 })) {
    pages.push(data.map(({ id }) => id));
  }
  expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
  const ids = pages.flat();
  expect(ids).toEqual(ids.toSorted((a, b) => b - a));
  now += 3 * 86_400_000 + 1;
  expect((await octokit.rest.apps.listWebhookDeliveries()).data).toEqual([]);
  expect(world.github.violations).toEqual([]);
});

test('a receiver that does not answer in time has failed, and the next webhook comes nevertheless', async () => {
  let first = true;
  const patient = () => {
    const wait = first ? 5000 : 0;
    first = false;
    return new Promise<number>((resolve) => setTimeout(() => resolve(202), wait));
  };
  const world = await listening(patient, { hookTimeout: 100 });
  await world.say('one');
  await world.say('two');
  await world.github.webhooks.settled();
  const log = await world.github.webhooks.deliveries(world.app.appId);
  expect(log.map(({ status, statusCode }) => [status, statusCode])).toEqual([
    ['OK', 202],
    ['timed out', 0],
  ]);
});

test('nobody there to answer is a failed delivery too', async () => {
  const world = await listening();
  await world.github.setWebhookUrl(world.app.appId, 'http://127.0.0.1:1/');
  await world.say('one');
  await world.github.webhooks.settled();
  expect(world.github.webhooks.deliveries(world.app.appId)).toMatchObject([
    { status: 'failed to connect to host', statusCode: 0 },
  ]);
});

test.each`
  fault         | arrives                      | logged
  ${'none'}     | ${['1', '2', '3', '4']}      | ${4}
  ${'lost'}     | ${['2', '3', '4']}           | ${3}
  ${'failed'}   | ${['2', '3', '4']}           | ${4}
  ${'doubled'}  | ${['1', '1', '2', '3', '4']} | ${5}
  ${'late'}     | ${['2', '3', '1', '4']}      | ${4}
  ${'reversed'} | ${['3', '2', '1', '4']}      | ${4}
  ${'held'}     | ${['4', '3', '2', '1']}      | ${4}
  ${'paused'}   | ${['3', '4']}                | ${2}
`('with webhooks $fault, 1 2 3 4 arrive as $arrives', async ({ fault, arrives, logged }) => {
  const { github, app, say, said } = await listening();
  const { webhooks } = github;
  const begin: Record<string, () => void> = {
    lost: () => webhooks.lose({ event: 'issue_comment' }),
    failed: () => webhooks.lose({ event: 'issue_comment', logged: true }),
    doubled: () => webhooks.double(),
    late: () => webhooks.delay({ action: 'created', behind: 2 }),
    reversed: () => webhooks.reorder(3),
    held: () => webhooks.hold(),
    paused: () => webhooks.pause(),
  };
  begin[fault]?.();
  await say('1');
  await say('2');
  if (fault === 'paused') webhooks.resume();
  await say('3');
  await say('4');
  if (fault === 'held') webhooks.release((waiting) => waiting.toReversed());
  await webhooks.settled();
  expect(said()).toEqual(arrives);
  expect(webhooks.deliveries(app.appId)).toHaveLength(logged);
});

test('a payload above 25 MB is never sent, and the log does not know of it', async () => {
  const { github, app, pull, receiver, say } = await listening();
  await github.editBody(name, pull.number, 'x'.repeat(26 * 1024 * 1024), 'mia');
  await github.webhooks.settled();
  expect(receiver.received).toEqual([]);
  await github.editBody(name, pull.number, 'short', 'mia');
  await say('one');
  await github.webhooks.settled();
  expect(github.webhooks.deliveries(app.appId).map(({ parcel }) => parcel.event)).toEqual(['issue_comment']);
});

test('more than three tags in one push send nothing', async () => {
  const { github, receiver } = await listening();
  await github.pushTags(name, ['a', 'b', 'c'], 'mia');
  await github.webhooks.settled();
  expect(receiver.names()).toEqual(['create', 'push', 'create', 'push', 'create', 'push']);
  await github.pushTags(name, ['d', 'e', 'f', 'g'], 'mia');
  await github.webhooks.settled();
  expect(receiver.received).toHaveLength(6);
});

test('an App hears what it asked for and may know, of the repositories it is installed in', async () => {
  const { github, installationId, receiver } = await listening();
  const other = await startedReceiver();
  await github.createRepository('acme/second');
  const app = await github.createApp({
    owner: 'acme',
    name: 'Other',
    permissions: { contents: 'read', issues: 'read' },
    events: ['push', 'pull_request', 'issue_comment'],
    webhookUrl: other.url,
  });
  await github.installApp(app.appId, 'acme', ['acme/second']);
  for (const repo of ['acme/second', name]) {
    const { number } = await github.openPullRequest({ repo, by: 'mia', branch: 'other', files: { a: '2' } });
    await github.comment(repo, number, 'mia', 'hello');
  }
  await github.webhooks.settled();
  expect(other.names()).toEqual(['installation.created', 'push', 'issue_comment.created']);
  receiver.received.length = 0;
  await github.suspend(installationId);
  await github.push({ repo: name, by: 'mia', branch: 'other', files: { a: '3' } });
  await github.webhooks.settled();
  expect(receiver.names()).toEqual(['installation.suspend']);
});

test('check runs are told to the App that owns them: made, completed, buttons and re-runs', async () => {
  const world = await listening();
  const { github, receiver, pull } = world;
  const octokit = asInstallation(world);
  const actions = [{ label: 'Cancel', description: 'Stops it', identifier: 'cancel' }];
  const { data: run } = await octokit.rest.checks.create({
    owner: 'acme',
    repo: 'app',
    name: 'build',
    head_sha: pull.headSha,
    actions,
  });
  await github.pressCheckAction(name, run.id, 'cancel', 'mia');
  await expect(github.pressCheckAction(name, run.id, 'other', 'mia')).rejects.toThrow('no button other');
  await octokit.rest.checks.update({ owner: 'acme', repo: 'app', check_run_id: run.id, conclusion: 'cancelled' });
  await github.pressRerun(name, { checkRun: run.id }, 'mia');
  await github.pressRerun(name, { checkSuite: run.check_suite?.id ?? 0 }, 'mia');
  await github.webhooks.settled();
  expect(receiver.names()).toEqual([
    'check_run.created',
    'check_run.requested_action',
    'check_run.completed',
    'check_suite.completed',
    'check_run.rerequested',
    'check_suite.rerequested',
  ]);
  expect(receiver.received[1]?.payload).toMatchObject({
    requested_action: { identifier: 'cancel' },
    sender: { login: 'mia' },
    check_run: { head_sha: pull.headSha, pull_requests: [{ number: pull.number }] },
  });
});

test('a GitHub that ends gives up what it was sending', async () => {
  const world = await listening(() => new Promise<number>((resolve) => setTimeout(() => resolve(202), 5000)));
  await world.say('one');
  await world.say('two');
  const begun = performance.now();
  await world.github.close();
  expect(performance.now() - begun).toBeLessThan(3000);
  expect(world.receiver.received.length).toBeLessThan(2);
});
