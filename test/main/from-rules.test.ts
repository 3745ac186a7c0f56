import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkConfig } from '../../src/check-config.ts';
import { whyNotPodman } from '../../src/choose-executor.ts';
import { renderLocally } from '../../src/plan-locally.ts';
import { tryJob } from '../../src/try-job.ts';
import { startOciRegistry, type TestRegistry } from '../harness/oci-registry.ts';
import {
  type LocalRepository,
  machineWith,
  makeRepository,
  type OwnTemporary,
  ownTemporary,
} from './local-repository.ts';

const busybox = '/usr/bin/busybox';
const hasBuildah = spawnSync('buildah', ['--version']).status === 0 && process.getuid?.() === 0;
const noPodman = await whyNotPodman(machineWith());
if (!hasBuildah) console.error('NOT TESTED: FROM rules with buildah, because it is not here or this is not root');
if (noPodman !== null) console.error(`NOT TESTED: FROM rules with kaniko, because ${noPodman}`);

let registry: TestRegistry;
let temporary: OwnTemporary;
let repository: LocalRepository;

const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

async function put(path: string, content: Buffer, type: string): Promise<void> {
  const answer = await fetch(`${registry.base}${path}`, {
    method: 'PUT',
    headers: { 'content-type': type },
    body: new Uint8Array(content),
  });
  expect(answer.status, await answer.text()).toBe(201);
}

async function putBlob(name: string, content: Buffer): Promise<object> {
  const begun = await fetch(`${registry.base}/v2/${name}/blobs/uploads/`, { method: 'POST' });
  const place = new URL(begun.headers.get('location') ?? '', registry.base);
  place.searchParams.set('digest', digestOf(content));
  await put(`${place.pathname}${place.search}`, content, 'application/octet-stream');
  return { digest: digestOf(content), size: content.length };
}

/** A base image that can run something and says which one it is, in as many layers as named. */
async function pushBase(name: string, tag: string, layers: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-test-main-base-'));
  await mkdir(join(folder, 'bin'));
  await copyFile(busybox, join(folder, 'bin/busybox'));
  await writeFile(join(folder, 'which'), `this is ${tag}\n`);
  await writeFile(join(folder, 'extra'), tag);
  const parts = [['bin', 'which'], ['extra']].slice(0, layers);
  const tars = parts.map(
    (files) => spawnSync('tar', ['-c', '--owner=0', '--group=0', ...files], { cwd: folder, maxBuffer: 1e9 }).stdout,
  );
  const config = Buffer.from(
    JSON.stringify({
      os: 'linux',
      architecture: 'amd64',
      config: {},
      rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
    }),
  );
  const blobs = [];
  for (const tar of tars)
    blobs.push({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...(await putBlob(name, gzipSync(tar))) });
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const image = { mediaType: 'application/vnd.oci.image.config.v1+json', ...(await putBlob(name, config)) };
  await put(
    `/v2/${name}/manifests/${tag}`,
    Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config: image, layers: blobs })),
    mediaType,
  );
  await rm(folder, { recursive: true });
}

const goodRule = '{ match: "*/acme/base:1*", use: { stream: "base-{{ goMod.version }}" } }';

function config(rule: string): string {
  return `apiVersion: sluice/v1
streams:
  base-1.24: ${registry.host}/acme/base:two
images:
  - name: api
    buildArgs: { BASE_TAG: one }
    from:
      - ${rule}
jobs:
  build-image: { template: build-image, on: presubmit }
`;
}

const dockerfile = (host: string, last: string): string => `# The base that developers use.
ARG BASE_TAG=0
FROM --platform=linux/amd64 ${host}/acme/base:\${BASE_TAG} AS build
RUN ["/bin/busybox", "cat", "/which"]
COPY . /context
${last}
`;

const matching = (host: string): string =>
  `{ match: "${host}/acme/base:o*", use: { stream: "base-{{ goMod.version }}" } }`;

beforeAll(async () => {
  temporary = await ownTemporary();
  registry = await startOciRegistry();
  await pushBase('acme/base', 'one', 1);
  await pushBase('acme/base', 'two', 2);
  repository = await makeRepository({
    'go.mod': 'module acme.io/api\n\ngo 1.24.3\n',
    '.sluice.yaml': config(matching(registry.host)),
    Dockerfile: dockerfile(registry.host, 'RUN ["/bin/busybox", "cat", "/context/Dockerfile"]'),
  });
}, 60_000);
afterAll(async () => {
  await registry?.stop();
  await temporary?.remove();
}, 120_000);

let output = '';
async function attempt(executor: 'podman' | 'process') {
  output = '';
  const machine = machineWith({ SLUICE_INSECURE_REGISTRIES: registry.host });
  const onOutput = (text: string): void => {
    output += text;
  };
  const [tried] = await tryJob(
    repository.folder,
    'build-image',
    executor,
    onOutput,
    machine,
    new AbortController().signal,
  );
  return tried;
}

describe('a base that a rule names is what the image is really built on (flavours-from-promotion.md §3A)', {
  timeout: 400_000,
}, () => {
  const builders = [
    ['buildah', 'process', hasBuildah],
    ['kaniko', 'podman', noPodman === null],
  ] as const;
  for (const [builder, executor, isHere] of builders) {
    it.runIf(isHere)(`with ${builder}: the layers of the stream, the context as its author wrote it`, async () => {
      const tried = await attempt(executor);
      expect(tried, output).toMatchObject({ result: 'success' });
      expect(output).toContain('this is two');
      expect(output).not.toContain('this is one');
      // COPY . brings the author's own file.
      expect(output).toContain(`${registry.host}/acme/base:\${BASE_TAG} AS build`);
      expect(output).toMatch(
        /Dockerfile:3 is built as FROM --platform=linux\/amd64 127\.0\.0\.1:\d+\/acme\/base:two AS build/,
      );
      // Two of the base that has two; what the builder adds for a command that changes nothing is its own matter.
      expect(tried?.image?.layers).toBeGreaterThanOrEqual(2 + 1);
    });
  }

  it.runIf(hasBuildah)(
    'a rule that matches nothing is a failure that says what to write, and nothing is built',
    async () => {
      await repository.write({ '.sluice.yaml': config('{ match: "golang:1.22", use: { stream: base-1.24 } }') });
      const tried = await attempt('process');
      await repository.git('checkout', '--', '.sluice.yaml');
      expect(tried).toMatchObject({ job: 'build-image', result: 'failure' });
      expect(tried?.because).toContain('rule 1 of `from` (`golang:1.22`) matches nothing in `Dockerfile`, which names');
      expect(output).not.toContain('STEP');
    },
  );
});

describe('before it is merged', () => {
  it('the pod says which lines it builds otherwise, and the checkout leaves them outside of the context', async () => {
    const [pod] = await renderLocally(repository.folder, 'build-image', machineWith());
    expect(pod?.metadata.annotations['sluice.dev/from']).toMatch(
      /^line 3: FROM .*\$\{BASE_TAG\} AS build -> FROM .*\/acme\/base:two AS build \(rule 1 of `from` .*: the stream `base-1.24`\)$/,
    );
    const [checkout, , build] = pod?.spec.initContainers ?? [];
    expect(checkout?.volumeMounts.map(({ name }) => name)).toEqual(['src', 'out']);
    expect(build?.args).toContain('--dockerfile=/.sluice/out/Containerfile');
  });

  it('`sluice check` names the line of the rule', async () => {
    const file = join(repository.folder, '.sluice.yaml');
    expect((await checkConfig(Buffer.from(config(matching(registry.host))), file)).problems).toEqual([]);
    const { problems } = await checkConfig(Buffer.from(config(goodRule.replace('1*', '9*'))), file);
    expect(problems).toMatchObject([
      { line: 8, column: 9, path: 'images[0].from[0]', message: expect.stringMatching(/^rule 1 of `from`/) },
    ]);
  });
});
