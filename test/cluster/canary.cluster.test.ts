import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ServedProcess } from '../harness/served-process.ts';
import { type ClusterWorld, startClusterWorld } from './cluster-world.ts';
import { bridge } from './forge.ts';
import { createApi, repo } from './repository.ts';

/** Of this machine, and nobody listens there. */
const nobody = `${bridge}:9`;

describe('the isolation canary in a cluster that enforces no network policy', { timeout: 300_000 }, () => {
  let world: ClusterWorld;
  let served: ServedProcess | null = null;

  beforeAll(async () => {
    world = await startClusterWorld();
    await createApi(world, { jobs: ['unit'], script: 'true' });
  }, 180_000);

  afterEach(async () => {
    await served?.kill('SIGKILL');
    served = null;
  });

  afterAll(async () => {
    await world?.stop();
  }, 120_000);

  async function serve(targets: string, accepted = '', other: Readonly<Record<string, string>> = {}): Promise<void> {
    const settings = { SLUICE_ISOLATION_TARGETS: targets, SLUICE_ISOLATION_ACCEPTED: accepted, ...other };
    served = world.serve('all', { SLUICE_ISOLATION: 'prove', ...settings });
    world.front.turnTo(await served.url());
    await served.ready();
  }

  async function openPull(title: string): Promise<{ readonly number: number; readonly sha: string }> {
    const files = { [`${title}.txt`]: `${title}\n` };
    const { number, headSha } = await world.github.openPullRequest({ repo, by: 'ada', branch: title, title, files });
    return { number, sha: headSha };
  }

  function testsSeen(): number {
    return [...world.everSeen().values()].filter((name) => name.startsWith('b-unit-')).length;
  }

  /** Waits until the check run of the test says this. */
  async function saying(sha: string, words: RegExp) {
    return world.until(`unit to say ${words}`, async () => {
      const run = await world.check(repo, sha, 'unit');
      return words.test(run?.summary ?? '') && run;
    });
  }

  it('reaches another pod, the API server, the kubelet and a registry that takes writes: unapproved code waits, and is told why', async () => {
    const registry = world.baseImage.replace(/:1$/, '');
    const api = 'api-server=10.96.0.1:443';
    await serve(`pod ${api} kubelet=${bridge}:10250 registry=http://${registry} metadata=${nobody}`);
    const pull = await openPull('held');
    const run = await saying(pull.sha, /reached what it must not/);
    expect(run).toMatchObject({ status: 'queued', title: 'Waiting: not proved that it would be shut in' });
    expect(run.summary).toMatch(/since \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    for (const name of ['pod', 'api-server', 'kubelet', 'registry']) expect(run.summary).toContain(`\`${name}\` (`);
    expect(run.summary).not.toContain('`metadata`');
    expect(run.summary).toContain('SLUICE_ISOLATION_ACCEPTED=pod,api-server,kubelet,registry');
    expect(testsSeen()).toBe(0);
    await world.github.comment(repo, pull.number, 'ada', `/ok-to-test ${pull.sha}`);
    const approved = await world.concluded(repo, pull.sha, 'unit');
    expect(approved.conclusion).toBe('success');
    expect(approved.summary).not.toContain('shut in');
    const pods = (await world.pods()).map(({ metadata }) => metadata.name);
    expect(pods.filter((name) => name.startsWith('b-canary'))).toEqual([]);
  });

  it('is not asked again about what the operator accepts, which every check run then names', async () => {
    await serve(`pod metadata=${nobody}`, 'pod');
    const pull = await openPull('accepted');
    const run = await world.concluded(repo, pull.sha, 'unit');
    expect(run.conclusion).toBe('success');
    expect(run.summary).toMatch(/\*\*Not shut in:\*\* the operator accepts .*: `pod`\./);
  });

  it('passes where nothing is reached, and nothing is said of it', async () => {
    await serve(`metadata=${nobody} redis=${bridge}:10`);
    const pull = await openPull('shut-in');
    const run = await world.concluded(repo, pull.sha, 'unit');
    expect(run.conclusion).toBe('success');
    expect(run.summary).not.toMatch(/shut in|canary/);
  });

  it('proves nothing when it cannot even reach the forge', async () => {
    await serve(`metadata=${nobody} kubelet=${bridge}:11`, '', { SLUICE_ISOLATION_CONTROL: `${bridge}:12` });
    const pull = await openPull('no-control');
    const run = await saying(pull.sha, /did not even reach what every build must reach/);
    expect(run.status).toBe('queued');
  });
});
