import { execFile } from 'node:child_process';
import { chown, cp, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { storeEnvironment } from '../../src/adapters/podman/store.ts';
import { explainHere } from '../../src/explain-here.ts';
import { makeTestStore, podmanAbsence, type TestStore } from '../adapters/podman/podman-subject.ts';
import {
  type LocalRepository,
  machineWith,
  makeRepository,
  type OwnTemporary,
  ownTemporary,
} from './local-repository.ts';

const run = promisify(execFile);
const absence = await podmanAbsence();
/** Where the printed commands leave what they build. */
const built = '/tmp/sluice-built';
const rewritten = '/tmp/sluice-Containerfile';

interface Config {
  readonly config: { readonly Labels?: Readonly<Record<string, string>>; readonly Env?: readonly string[] };
}

describe.skipIf(absence !== null)(`the printed command of kaniko ${absence ?? ''}`, { timeout: 180_000 }, () => {
  let temporary: OwnTemporary;
  let repository: LocalRepository;
  let made: TestStore;

  beforeAll(async () => {
    temporary = await ownTemporary();
    made = await makeTestStore();
    repository = await makeRepository({ Makefile: 'all:\n' });
    await repository.git('remote', 'add', 'origin', 'https://github.example.com/acme/shop.git');
  }, 120_000);
  afterEach(async () => {
    await rm(built, { recursive: true, force: true });
    await rm(rewritten, { force: true });
  });
  afterAll(async () => {
    await made?.end();
    await temporary?.remove();
  });

  /** What `sluice explain` prints for the one image of these files, typed into a shell in the repository. */
  async function type(
    files: Readonly<Record<string, string>>,
  ): Promise<Config & { readonly files: readonly string[] }> {
    await repository.write(files);
    const { byHand } = await explainHere({ folder: repository.folder, job: null, organisation: null }, machineWith());
    const [{ prepare = null, kaniko = '' } = {}] = byHand;
    await rm(built, { recursive: true, force: true });
    const env = storeEnvironment(made.store.folder);
    for (const command of [prepare, kaniko])
      if (command !== null) await run('sh', ['-c', command], { cwd: repository.folder, env });
    return readLayout();
  }

  async function readLayout() {
    const blob = (digest: string): string => join(built, 'blobs', digest.replace(':', '/'));
    const json = async <T>(path: string): Promise<T> => JSON.parse(await readFile(path, 'utf8')) as T;
    const { manifests } = await json<{ manifests: { digest: string }[] }>(join(built, 'index.json'));
    expect(manifests).toHaveLength(1);
    type Manifest = { config: { digest: string }; layers: { digest: string }[] };
    const { config, layers } = await json<Manifest>(blob(manifests[0]?.digest ?? ''));
    const listed = await Promise.all(
      layers.map(async ({ digest }) => (await run('tar', ['--list', '--verbose', '--file', blob(digest)])).stdout),
    );
    const lines = listed.join('').split('\n');
    const files = lines.flatMap((line) => (/^-\S+ (\S+) +(\d+) .* (\S+)$/.exec(line) ?? []).slice(1).join(' ') || []);
    return { ...(await json<Config>(blob(config.digest))), files };
  }

  const image = (more: string): string => `images: [{ name: api, repository: quay.io/acme/api${more} }]\n`;

  it('builds the image with everything that the configuration says, whatever a shell makes of its words', async () => {
    await mkdir(join(repository.folder, 'src'));
    const shell = join(repository.folder, 'src', 'busybox');
    await cp('/usr/bin/busybox', shell);
    await chown(shell, 1000, 1000);
    const { config, files } = await type({
      '.sluice.yaml': image(`, context: src, target: run, buildArgs: { WHO: "it's $HOME" }, labels: { who: "a b" }`),
      'src/Dockerfile': [
        'FROM scratch AS base',
        'COPY busybox /bin/sh',
        'ARG WHO',
        'RUN echo "$WHO" > /made',
        'FROM base AS run',
        'ENV MADE=here',
        'FROM base AS other',
        'RUN exit 1',
        '',
      ].join('\n'),
    });
    expect(config.Labels).toMatchObject({ who: 'a b' });
    expect(config.Env).toContain('MADE=here');
    const { size } = await stat('/usr/bin/busybox');
    expect(files).toEqual([`0/0 ${size} bin/sh`, `0/0 ${"it's $HOME".length + 1} made`]);
  });

  it('builds the file that rules make of the container file, and no other', async () => {
    const typed = type({
      '.sluice.yaml': image(', from: [{ match: "nowhere.test/base", use: "nowhere.test/other:1" }]'),
      Dockerfile: 'FROM nowhere.test/base\n',
    });
    await expect(typed).rejects.toThrow(/Retrieving image nowhere\.test\/other:1 .*\n(.*\n)*.*no such host/);
  });
});
