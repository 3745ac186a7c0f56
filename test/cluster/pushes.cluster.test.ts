import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { registryPassword } from '../harness/guarded-registry.ts';
import { type ApiRecord, recordApi, type SeenPod } from './api-record.ts';
import { type ClusterWorld, startClusterWorld } from './cluster-world.ts';
import { type ImageRegistries, startImageRegistries } from './image-registries.ts';
import type { CheckRun } from './waiting.ts';

const mill = 'acme/mill';
const bread = 'acme/bread';
const secret = 'kneaded-by-hand';
const resources = 'resources: { cpu: 100m, memory: 512Mi, ephemeralStorage: 1Gi }';

/** A project with a version, whose pushes are published, and one without, whose git tags are; a job by the clock in each. */
function files(repo: string, base: string, final: string): Record<string, string> {
  const name = repo.slice('acme/'.length);
  const isMill = repo === mill;
  return {
    'README.md': `# ${name}\n`,
    'flour.txt': '1\n',
    Dockerfile: `FROM ${base}\nCOPY flour.txt /flour.txt\n`,
    ...(isMill ? { VERSION: 'v1.2.0-dev\n' } : {}),
    '.sluice.yaml': [
      'apiVersion: sluice/v1',
      `images: [{ name: ${name}, repository: ${final}/${repo} }]`,
      ...(isMill ? ['version: { main: main, releaseBranches: "release-v*", release: { initiators: [boss] } }'] : []),
      'jobs:',
      '  build-image: null',
      '  upload-image: null',
      `  publish: { template: upload-image, on: [${isMill ? 'postsubmit, release' : 'tag'}], publish: direct, ${resources} }`,
      ...(isMill ? tell : taste),
      '',
    ].join('\n'),
  };
}

const tell = [
  '  tell:',
  '    on: [postsubmit, release]',
  '    image: localhost/busybox:1',
  '    secrets: { TOKEN: mill-token }',
  `    run: 'test -n "$TOKEN" && echo "flour $(cat flour.txt), token $TOKEN"'`,
  `    ${resources}`,
];

const taste = [
  '  taste:',
  '    on: { cron: "* * * * *", unchanged: skip }',
  '    image: localhost/busybox:1',
  '    run: echo "$(cat flour.txt) g" && test "$(cat flour.txt)" -gt 0',
  `    ${resources}`,
];

describe('pushes, git tags, releases and the clock in a cluster: each job is a pod', { timeout: 300_000 }, () => {
  let world: ClusterWorld;
  let registries: ImageRegistries;
  let record: ApiRecord;
  let folder: string;
  /** Of bread: what fails by the clock, and what passes; each has its minute while other things are looked at. */
  let bad = '';
  let good = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-cluster-secrets-'));
    world = await startClusterWorld();
    registries = await startImageRegistries(mill, bread);
    record = await recordApi(world.namespace);
    const { github, baseImage } = world;
    await github.createUser('boss');
    for (const repo of [mill, bread]) {
      await github.createRepository(repo, { files: files(repo, baseImage, registries.final.front.host) });
      for (const login of ['ada', 'boss']) await github.setPermission(repo, login, 'write');
    }
    await writeFile(join(folder, 'token'), `${secret}\n`);
    const grants = [
      { name: 'mill-token', projects: [mill], branches: ['main', 'release-v*'], from: { file: 'token' } },
    ];
    await writeFile(join(folder, 'secrets.yaml'), stringify(grants));
    const sluice = world.serve('all', {
      SLUICE_REGISTRIES: registries.file,
      SLUICE_SECRETS: join(folder, 'secrets.yaml'),
    });
    world.front.turnTo(await sluice.url());
    await sluice.ready();
    bad = await push(bread, 'ada', 'main', { 'flour.txt': '0\n' });
  }, 180_000);

  afterAll(async () => {
    await record?.stop();
    await world?.stop();
    await registries?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 120_000);

  async function push(repo: string, by: string, branch: string, change: Record<string, string>): Promise<string> {
    return world.github.push({ repo, by, branch, files: change, message: `Change ${Object.keys(change).join(', ')}` });
  }

  /** What was ever seen of the pods of a job on a commit, each as it was last. */
  function podsOf(job: string, commit: string): readonly SeenPod[] {
    const versions = record.pods.filter(
      ({ metadata: { annotations } }) =>
        annotations?.['sluice.dev/job'] === job && annotations['sluice.dev/commit'] === commit,
    );
    return [...new Map(versions.map((pod) => [pod.metadata.uid, pod])).values()];
  }

  /** One pod for each of these kinds of subject, on a node, whose containers but `holder` mount nothing of this volume. */
  function expectPods(job: string, commit: string, kinds: readonly string[], holder: string, volume: string): void {
    const pods = podsOf(job, commit);
    const subjects = pods.map(({ metadata }) => metadata.annotations?.['sluice.dev/subject']?.split('/')[0]);
    expect(subjects.sort()).toEqual(kinds);
    for (const { spec, metadata } of pods) {
      expect(spec.nodeName).toBeTruthy();
      const containers = [...(spec.initContainers ?? []), ...spec.containers];
      const mounts = containers.flatMap(({ name, volumeMounts }) => volumeMounts.map((mount) => [name, mount.name]));
      expect(mounts.filter(([, name]) => name === volume)).toEqual([[holder, volume]]);
      const whole = JSON.stringify(record.pods.filter((seen) => seen.metadata.uid === metadata.uid));
      for (const credential of [registryPassword, secret, Buffer.from(secret).toString('base64')])
        expect(whole).not.toContain(credential);
    }
  }

  async function logOf({ summary }: CheckRun): Promise<string> {
    const [, address] = /\]\((http[^)]+)\)/.exec(summary ?? '') ?? [];
    if (address === undefined) throw new Error(`the check run has no log: ${summary}`);
    return (await fetch(address)).text();
  }

  it('a push to main is built by kaniko, uploaded and named; its other job has its secret, which no log shows', async () => {
    const commit = await push(mill, 'ada', 'main', { 'flour.txt': '2\n' });
    for (const name of ['publish', 'tell', 'sluice/version', 'sluice/promote'])
      expect(await world.concluded(mill, commit, name)).toMatchObject({ conclusion: 'success' });
    const { final } = registries;
    const own = await final.digestOf(mill, `v1.2.0-dev-${commit}`);
    expect(own).toMatch(/^sha256:/);
    expect(await final.digestOf(mill, 'v1.2.0-dev')).toBe(own);
    expectPods('publish', commit, ['push'], 'upload', 'registry');
    expectPods('tell', commit, ['push'], 'command', 'secrets');
    const told = await world.check(mill, commit, 'tell');
    const log = told ? await logOf(told) : '';
    expect(log).toContain('flour 2, token ');
    expect(log).not.toContain(secret);
  });

  const issue = async (state: string) => (await world.github.issues(bread)).find((each) => each.state === state);

  it('what runs by the clock is a pod that fails, and opens an issue', async () => {
    expect(await world.concluded(bread, bad, 'taste', 200)).toMatchObject({ conclusion: 'failure' });
    await world.until('an issue to be opened', () => issue('open'));
    good = await push(bread, 'ada', 'main', { 'flour.txt': '5\n' });
  });

  it('a VERSION that becomes final on a release branch is released by pods of the release, under its final tags', async () => {
    const { github } = world;
    const tip = (await github.branchSha(mill, 'main')) ?? '';
    await github.setBranch({ repo: mill, by: 'boss', branch: 'release-v1.2', sha: tip });
    const next = await push(mill, 'boss', 'release-v1.2', { VERSION: 'v1.2.1-dev\n' });
    expect(await world.concluded(mill, next, 'sluice/version')).toMatchObject({ conclusion: 'skipped' });
    const commit = await push(mill, 'boss', 'release-v1.2', { VERSION: 'v1.2.1\n' });
    expect(await world.concluded(mill, commit, 'sluice/release/v1.2.1')).toMatchObject({ conclusion: 'success' });
    expect(await registries.final.digestOf(mill, 'v1.2.1')).toMatch(/^sha256:/);
    expectPods('publish', commit, ['release'], 'upload', 'registry');
    // A push of VERSION alone builds no image, and runs what builds none.
    expectPods('tell', commit, ['push', 'release'], 'command', 'secrets');
  });

  it('a git tag in a project without VERSION is built by a pod and published under its name', async () => {
    const tip = (await world.github.branchSha(bread, 'main')) ?? '';
    await world.github.pushTag({ repo: bread, by: 'boss', tag: 'rye', target: tip });
    expect(await world.concluded(bread, tip, 'sluice/tag/rye')).toMatchObject({ conclusion: 'success' });
    expect(await registries.final.digestOf(bread, 'rye')).toMatch(/^sha256:/);
    expectPods('publish', tip, ['release'], 'upload', 'registry');
  });

  it('what runs by the clock closes its issue once it passes', async () => {
    expect(await world.concluded(bread, good, 'taste', 200)).toMatchObject({ conclusion: 'success' });
    await world.until('the issue to be closed', () => issue('closed'));
    expect(await world.github.issues(bread)).toHaveLength(1);
    for (const commit of [bad, good])
      expect(podsOf('taste', commit).map(({ metadata }) => metadata.annotations?.['sluice.dev/subject'])).toEqual([
        expect.stringMatching(/^periodic\//),
      ]);
  });

  it('neither pod nor secret is left', async () => {
    await world.until('no pod to be left', async () => (await world.pods()).length === 0);
    await world.until('no secret to be left', async () => (await record.namesOfSecrets()).length === 0);
  });
});
