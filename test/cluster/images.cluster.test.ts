import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PodContainer } from '../../src/model/pod.ts';
import { registryPassword } from '../harness/guarded-registry.ts';
import { look } from '../jobs/upload-stories.ts';
import { type ApiRecord, recordApi, type SeenPod } from './api-record.ts';
import { type ClusterWorld, startClusterWorld } from './cluster-world.ts';
import { bridge } from './forge.ts';
import { type ImageRegistries, startImageRegistries } from './image-registries.ts';
import type { CheckRun } from './waiting.ts';

const repo = 'acme/store';
const gateCheck = 'sluice/gate/main';
const wrongPassword = 'hunter2hunter2';

/** In every form in which somebody could come upon it. */
const credentials = [registryPassword, wrongPassword].flatMap((password) => {
  const pair = Buffer.from(`uploader:${password}`).toString('base64');
  return [password, pair, Buffer.from(pair).toString('base64')];
});

function config(final: string, staging: string): string {
  return [
    'apiVersion: sluice/v1',
    'images:',
    `  - { name: api, repository: ${final}/acme/api, tags: [latest, "{{ sha }}"] }`,
    `promotion: { mode: intermediate, staging: "${staging}/waiting", executor: pod }`,
    'jobs:',
    '  build-image: null',
    '  upload-image:',
    '    template: upload-image',
    '    on: gate',
    '    resources: { cpu: 100m, memory: 512Mi, ephemeralStorage: 1Gi }',
    'gate: { requires: { approvals: 1 } }',
    '',
  ].join('\n');
}

interface LandedImage {
  readonly digest: string;
  readonly staged: { readonly repository: string; readonly tag: string };
}

describe('an image in a cluster, uploaded and promoted by pods', { timeout: 300_000 }, () => {
  let world: ClusterWorld;
  let registries: ImageRegistries;
  let record: ApiRecord;
  let head: string;
  let number: number;

  beforeAll(async () => {
    world = await startClusterWorld();
    registries = await startImageRegistries(repo);
    record = await recordApi(world.namespace);
    const { github, baseImage } = world;
    const { final, staging, file } = registries;
    await github.createUser('boss');
    const dockerfile = [`FROM ${baseImage}`, 'COPY look.sh /', 'RUN ["/bin/busybox", "sh", "/look.sh"]', ''];
    const files = { Dockerfile: dockerfile.join('\n'), 'look.sh': look, 'README.md': '# store\n' };
    const written = { ...files, '.sluice.yaml': config(final.front.host, staging.front.host) };
    await github.createRepository(repo, { private: true, files: written });
    for (const login of ['ada', 'boss']) await github.setPermission(repo, login, 'write');
    await registries.believe(wrongPassword);
    const sluice = world.serve('all', { SLUICE_REGISTRIES: file });
    world.front.turnTo(await sluice.url());
    await sluice.ready();
    const title = 'Open a store';
    const pull = await github.openPullRequest({ repo, by: 'ada', title, files: { 'README.md': '# the store\n' } });
    [head, number] = [pull.headSha, pull.number];
    await github.review({ repo, number, by: 'boss', state: 'APPROVED' });
  }, 180_000);

  afterAll(async () => {
    await record?.stop();
    await world?.stop();
    await registries?.stop();
  }, 120_000);

  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', world.github.gitFolder(repo), ...args], { encoding: 'utf8' }).trim();

  function versionsOf(job: string): readonly SeenPod[] {
    return record.pods.filter(({ metadata }) => metadata.annotations?.['sluice.dev/job'] === job);
  }

  /** Each pod of the job that there ever was, as it was last. */
  function podsOf(job: string): readonly SeenPod[] {
    return [...new Map(versionsOf(job).map((pod) => [pod.metadata.uid, pod])).values()];
  }

  /** How the promoting pods ended, in order. */
  function exits(): readonly number[] {
    const ended = versionsOf('promote-image').flatMap(({ metadata, status }) =>
      (status?.containerStatuses ?? []).flatMap(({ state }) =>
        state?.terminated ? [[metadata.uid, state.terminated.exitCode] as const] : [],
      ),
    );
    return [...new Map(ended).values()];
  }

  /** The one image of the landing, as its signed entry has it. */
  function landedImage(): LandedImage {
    const entry = JSON.parse(git('show', 'refs/sluice/ledger/main:entry.json'));
    const [image] = entry.detail.verdict.images as readonly LandedImage[];
    if (image === undefined) throw new Error('the ledger records no image of the landing');
    return image;
  }

  async function logOf(run: CheckRun): Promise<string> {
    const [, address] = /`upload-image`.*\]\((http[^)]+)\)/.exec(run.summary ?? '') ?? [];
    if (address === undefined) throw new Error(`the check run has no log of upload-image: ${run.summary}`);
    return (await fetch(address)).text();
  }

  /** Nothing of a pod but one container's one mount leads to a credential; the secret that it mounts does hold one. */
  function expectOnlyIn(container: string, volume: string, pods: readonly SeenPod[]): void {
    for (const { metadata, spec } of pods) {
      const all = containersOf({ spec });
      const mounts = all.flatMap(({ name, volumeMounts }) => volumeMounts.map((mount) => [name, mount.name]));
      expect(mounts.filter(([, name]) => name === volume)).toEqual([[container, volume]]);
      const whole = JSON.stringify(record.pods.filter((seen) => seen.metadata.uid === metadata.uid));
      for (const credential of credentials) expect(whole).not.toContain(credential);
      const secretName = spec.volumes.find(({ name }) => name === volume)?.secret?.secretName;
      const held = record.secrets.filter((secret) => secret.metadata.name === secretName);
      expect(held.length).toBeGreaterThan(0);
      const config = Buffer.from(held[0]?.data?.['config.json'] ?? '', 'base64').toString();
      expect(credentials.some((credential) => config.includes(credential))).toBe(true);
    }
  }

  it('is uploaded under the change tag by the one container that holds the credential; its build finds none', async () => {
    await world.github.comment(repo, number, 'boss', `/gate ${head}`);
    const run = await world.concluded(repo, head, gateCheck);
    expect(run).toMatchObject({ conclusion: 'success' });
    const uploads = podsOf('upload-image');
    expect(uploads.map((pod) => containersOf(pod).map(({ name }) => name))).toEqual([
      ['checkout', 'own', 'build', 'upload'],
    ]);
    expectOnlyIn('upload', 'registry', uploads);
    const log = await logOf(run);
    expect(log).toContain('looked everywhere');
    expect(log.match(/found: .*/g)).toEqual(['found: /planted']);
    for (const credential of credentials) expect(log).not.toContain(credential);
    const { digest, staged } = landedImage();
    expect(staged.tag).toMatch(new RegExp(`^change_${number}_[0-9a-f]{12}_latest$`));
    const name = staged.repository.slice(staged.repository.indexOf('/') + 1);
    expect(await registries.staging.digestOf(name, staged.tag)).toBe(digest);
  });

  it('stays where it waits while the registry refuses the promoting pod, and people are told in its words', async () => {
    const commit = git('rev-parse', 'main');
    const check = await world.until('it is told that it waits', async () => {
      const found = await world.check(repo, commit, 'sluice/promote');
      return found?.summary?.includes('the pod that promotes it ended') && found;
    });
    expect(check.summary).toMatch(/the registry did not do what it was asked for: .*the registry said 401/);
    expect(exits()).toEqual([19]);
    for (const credential of credentials) expect(check.summary).not.toContain(credential);
    expect(await registries.final.tagsOf('acme/api')).toEqual([]);
  });

  it('is promoted by a pod of one container with one secret, and by nobody else', async () => {
    const commit = git('rev-parse', 'main');
    await registries.believe();
    await world.github.comment(repo, number, 'boss', '/promote');
    const check = await world.concluded(repo, commit, 'sluice/promote');
    expect(check).toMatchObject({ conclusion: 'success' });
    const { digest } = landedImage();
    for (const tag of ['latest', commit]) expect(await registries.final.digestOf('acme/api', tag)).toBe(digest);
    const promoters = podsOf('promote-image');
    expect(exits()).toEqual([19, 0]);
    expectOnlyIn('promote', 'registry-promote', promoters);
    for (const { spec } of promoters) {
      expect(containersOf({ spec }).map(({ name }) => name)).toEqual(['promote']);
      expect(spec.volumes.map(({ name }) => name)).toEqual(['registry-promote']);
    }
    const addresses = new Set(versionsOf('promote-image').flatMap(({ status }) => status?.podIP ?? []));
    const { seen } = registries.final.front;
    const writers = seen.filter(({ line }) => !/^(GET|HEAD) /.test(line)).map(({ from }) => from);
    expect(writers.length).toBeGreaterThan(0);
    expect(writers.filter((from) => from === undefined || !addresses.has(from))).toEqual([]);
    // The worker, which is seen reading, speaks from here.
    expect(seen.some(({ from }) => from === bridge)).toBe(true);
  });

  it('leaves neither pod nor secret', async () => {
    await world.until('no pod to be left', async () => (await world.pods()).length === 0);
    await world.until('no secret to be left', async () => (await record.namesOfSecrets()).length === 0);
    expect(new Set(record.secrets.map(({ metadata }) => metadata.name)).size).toBeGreaterThanOrEqual(3);
  });
});

/** The API server leaves out what is empty. */
function containersOf({ spec }: Pick<SeenPod, 'spec'>): readonly PodContainer[] {
  return [...((spec.initContainers as readonly PodContainer[] | undefined) ?? []), ...spec.containers];
}
