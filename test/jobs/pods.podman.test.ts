import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildStepImage } from '../../jobs/step-image/build-step-image.ts';
import { createPodmanExecutor, type PodmanExecutor } from '../../src/adapters/podman/executor.ts';
import { loadImageArchive } from '../../src/adapters/podman/images.ts';
import { type BuildNetwork, createBuildNetwork } from '../../src/adapters/podman/network.ts';
import { loadJobLibrary } from '../../src/config/job-library.ts';
import { judgePod } from '../../src/core/pod/judge-pod.ts';
import { renderPod } from '../../src/core/pod/render-pod.ts';
import type { BuildId } from '../../src/model/build.ts';
import type { BuildOrder, PoolSettings } from '../../src/model/order.ts';
import { type Sha, toSha } from '../../src/model/sha.ts';
import { makeTestStore, podmanAbsence, settingsFor, type TestStore } from '../adapters/podman/podman-subject.ts';
import { commandOrder, imageOrder, type OrderParts, pool } from '../core/pod/order-fixture.ts';
import { type CheckoutStage, openCheckoutStage } from './checkout-stage.ts';
import { openGateway } from './gateway.ts';

const absence = await podmanAbsence();
const library = await loadJobLibrary(resolve(import.meta.dirname, '../../jobs'));

describe.skipIf(absence !== null)(`rendered pods with podman and kaniko ${absence ?? ''}`, { timeout: 180_000 }, () => {
  let made: TestStore;
  let executor: PodmanExecutor;
  let stage: CheckoutStage;
  let settings: PoolSettings;
  let network: BuildNetwork;
  let gateway: Awaited<ReturnType<typeof openGateway>>;
  const started: BuildId[] = [];

  beforeAll(async () => {
    made = await makeTestStore();
    const path = '/usr/local/bin:/usr/bin:/bin';
    const step = await buildStepImage({ cache: join(homedir(), '.cache/sluice/steps'), node: process.execPath, path });
    await loadImageArchive(made.store, step.archive);
    settings = { ...pool, stepImage: step.image, kanikoImage: 'localhost/kaniko:v1.24.0' };
    network = await createBuildNetwork(made.store, 'jobs');
    executor = createPodmanExecutor(settingsFor(made.store, network.name, pool.owner));
    stage = await openCheckoutStage();
    gateway = await openGateway(network.gateway, stage.server.url);
  }, 180_000);

  afterAll(async () => {
    for (const build of started) await executor.remove(build);
    await executor?.close();
    gateway?.close();
    await stage?.end();
    await network?.remove();
    await made?.end();
  });

  /** The order's pod from start to end: what it printed, and how it is judged. */
  async function run(order: BuildOrder, secrets: Record<string, Record<string, string>> = {}) {
    const build = order.build.id;
    started.push(build);
    const before = performance.now();
    expect(await executor.start(renderPod(order, settings, library), secrets)).toEqual({ kind: 'created' });
    const texts: string[] = [];
    await executor.follow(build, ({ text }) => texts.push(text), AbortSignal.timeout(120_000));
    const log = texts.join('');
    const judged = await judgedEnd(build, order.image !== null, log);
    process.stderr.write(`${order.job.name} as a podman pod: ${Math.round(performance.now() - before)} ms\n`);
    return { log, judged };
  }

  async function judgedEnd(build: BuildId, buildsImage: boolean, logTail: string) {
    for (;;) {
      const pod = await executor.observe(build);
      const judged = pod === null ? null : judgePod(pod, { buildsImage, logTail });
      if (judged?.kind === 'ended') return judged;
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  type Maker = (parts: OrderParts) => BuildOrder;

  function ordered(make: Maker, base: Sha, heads: readonly Sha[], wanted: string, parts: OrderParts = {}): BuildOrder {
    const order = make({
      ...parts,
      job: { resources: { cpu: '1', memory: '1Gi', ephemeralStorage: '2Gi' }, timeoutSeconds: 120 },
      heads,
      parts: { commit: heads[0] ?? base, entry: String(started.length) },
    });
    const cloneUrl = `${gateway.url}/acme/api.git`;
    return { ...order, checkout: { ...order.checkout, cloneUrl, base, tree: toSha(wanted) } };
  }

  const merged = (make: Maker, { base, head }: { base: Sha; head: Sha }, parts: OrderParts = {}) =>
    ordered(make, base, [head], stage.plan(base, head), parts);

  it('builds the merge of a private project and measures what kaniko left', async () => {
    const change = stage.branched(
      { 'main.txt': 'from main' },
      { Dockerfile: 'FROM scratch AS one\nCOPY a.txt /\nFROM one\nCOPY main.txt /\nCOPY . /all/\n' },
    );
    const order = merged(imageOrder, change, { project: { private: true } });
    const { log, judged } = await run(order, { 'git-token': { token: 'tok-1234567890' } });
    expect(judged, log).toMatchObject({ kind: 'ended', result: 'success', image: { layers: 3 } });
    const digest = judged.image?.digest ?? '';
    expect(log).toContain(`Built ${digest}`);
    const sent = Buffer.from('x-access-token:tok-1234567890').toString('base64');
    expect(stage.server.requests.map((each) => each.authorization)).toContain(`Basic ${sent}`);
    expect(log).not.toMatch(/tok-1234567890/);
  });

  it('runs a command on the merge, in a clean repository, as a user without rights', async () => {
    const change = stage.branched({ 'main.txt': 'm' }, { 'head.txt': 'h' });
    const command = `id -u; pwd; ls; touch new && echo writable; echo "$GREETING $$" | sed 's/[0-9]*$/pid/'; test -d .git; echo ~ $HOME; exit 3`;
    const content = { image: 'localhost/busybox:1', command, env: { GREETING: 'it’s $HOME' } };
    const make = (parts: OrderParts) => commandOrder({ ...parts, content });
    const { log, judged } = await run(merged(make, change));
    expect(judged, log).toMatchObject({ result: 'failure', because: expect.stringContaining('exit code 3') });
    expect(log).toContain('65532\n/.sluice/src\na.txt\nb.txt\nhead.txt\nmain.txt\nwritable\nit’s $HOME pid\n');
    expect(log).toContain('/.sluice/home /.sluice/home');
  });

  it('is our error, to be tried again, when the commits cannot be fetched, and the author’s for a link that leaves', async () => {
    const base = stage.onMain({ 'out/side': { mode: '120000', content: '/etc/passwd' } });
    const order = ordered(imageOrder, base, [], stage.treeOf(base));
    expect((await run(order)).judged).toMatchObject({
      result: 'failure',
      because: expect.stringContaining('out/side'),
    });
    stage.server.failWith = 404;
    const again = ordered(imageOrder, base, [], stage.treeOf(base));
    const { judged } = await run(again);
    stage.server.failWith = null;
    expect(judged).toMatchObject({ result: 'error', retry: true });
  });
});
