import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkConfig } from '../../src/check-config.ts';
import { explainHere } from '../../src/explain-here.ts';
import { planLocally, renderLocally } from '../../src/plan-locally.ts';
import { sluice } from '../cli/cli-fixture.ts';
import {
  environment,
  type LocalRepository,
  machineWith,
  makeRepository,
  type OwnTemporary,
  ownTemporary,
} from './local-repository.ts';

const run = promisify(execFile);
let temporary: OwnTemporary;
let repository: LocalRepository;
let organisation: LocalRepository;

const own = `extends: make@v1
images:
  - name: api
    repository: quay.io/acme/api
    buildArgs: { WHO: "it's me" }
    from: [{ match: scratch2, use: scratch }]
jobs:
  unit: { timeout: 5m }
`;
const theirs = `defaults:
  gate: { requires: { approvals: 2 } }
templates:
  make@v1:
    jobs:
      unit: { on: presubmit, image: busybox, run: make test }
repos: { match: { hasFile: Makefile }, apply: make@v1 }
`;

beforeAll(async () => {
  temporary = await ownTemporary();
  repository = await makeRepository({
    '.sluice.yaml': own.replace(/ {4}from:.*\n/, ''),
    Dockerfile: 'FROM scratch AS base\nARG WHO\nLABEL who="$WHO"\nCOPY Makefile /\n',
    Makefile: 'test:\n',
  });
  await repository.git('remote', 'add', 'origin', 'https://github.example.com/acme/shop.git');
  organisation = await makeRepository({ 'sluice.yaml': theirs });
});
afterAll(() => temporary.remove());

const explained = (job: string | null = null, folder: string | null = organisation.folder) =>
  explainHere({ folder: repository.folder, job, organisation: folder }, machineWith());

describe('explain', () => {
  it('says of each value in which file and line it stands, and what gives those that nobody wrote', async () => {
    const { values, notes } = await explained();
    const from = Object.fromEntries(values.map(({ path, value, from: origin }) => [path, [value, origin]]));
    const at = (file: string, line: number, column: number) => ({ kind: 'written', file, line, column });
    const sluiceYaml = join(organisation.folder, 'sluice.yaml');
    expect(from['jobs.unit.run']).toEqual(['make test', at(sluiceYaml, 6, 51)]);
    expect(from['jobs.unit.timeout']).toEqual(['5m', at('.sluice.yaml', 7, 20)]);
    expect(from['gate.requires.approvals']).toEqual([2, at(sluiceYaml, 2, 34)]);
    expect(from['gate.method']).toEqual(['merge', { kind: 'default', because: 'built in' }]);
    expect(from['images[0].repository']).toEqual(['quay.io/acme/api', at('.sluice.yaml', 4, 17)]);
    expect(from['images[0].tags']).toEqual([['latest'], { kind: 'default', because: 'built in' }]);
    expect(from['jobs.build-image.template']).toEqual([
      'build-image',
      { kind: 'default', because: 'a job that images give' },
    ]);
    expect(from['promotion.mode']?.[1]).toMatchObject({ because: expect.stringMatching(/names no staging place/) });
    expect(notes).toContain('Templates below it, lowest first: make@v1.');
  });

  it('shows a job alone with the images that it works on', async () => {
    const { values, byHand } = await explained('unit');
    expect(values.every(({ path }) => path.startsWith('jobs.unit.'))).toBe(true);
    expect(byHand).toEqual([]);
    const built = await explained('build-image');
    expect(built.values.some(({ path }) => path === 'images[0].name')).toBe(true);
    expect(built.byHand).toHaveLength(1);
    await expect(explained('unti')).rejects.toThrow('there is no job "unti"; did you mean unit?');
  });

  it('gives commands that build the very same', async () => {
    const { byHand } = await explained('build-image');
    const [{ buildah = '', kaniko = '', prepare = '' } = {}] = byHand;
    expect(prepare).toBe(null);
    expect(buildah).toMatchInlineSnapshot(
      `"buildah build --tag=localhost/api --isolation=chroot --format=oci --layers=false --skip-unused-stages=false --file=./Dockerfile '--build-arg=WHO=it'\\''s me' --label=org.opencontainers.image.source=https://github.example.com/acme/shop ."`,
    );
    expect(kaniko).toMatchInlineSnapshot(
      `"mkdir -p /tmp/sluice-built && tar --create --gzip --owner=0 --group=0 . | podman run --rm --interactive --volume=/tmp/sluice-built:/built localhost/kaniko:v1.24.0 --context=tar://stdin --dockerfile=/kaniko/buildcontext/Dockerfile --no-push --oci-layout-path=/built --snapshot-mode=full --ignore-path=/product_uuid '--build-arg=WHO=it'\\''s me' --label=org.opencontainers.image.source=https://github.example.com/acme/shop"`,
    );
    const storage = join(repository.folder, '..', 'storage.conf');
    await writeFile(storage, `[storage]\ndriver = "vfs"\nrunroot = "${storage}.run"\ngraphroot = "${storage}.root"\n`);
    const env = environment({ CONTAINERS_STORAGE_CONF: storage });
    await run('sh', ['-c', buildah], {
      cwd: repository.folder,
      env,
    });
    const { stdout } = await run(
      'buildah',
      ['inspect', '--type=image', '--format={{index .OCIv1.Config.Labels "who"}}', 'localhost/api'],
      { env },
    );
    expect(stdout.trim()).toBe("it's me");
  }, 60_000);

  it('writes the file that rules make of the container file first', async () => {
    const text = 'FROM scratch AS base\n  # a comment\nFROM busybox:1 AS other\nCOPY Makefile /\n';
    await repository.write({
      Dockerfile: text,
      '.sluice.yaml': `${own.replace('match: scratch2, use: scratch', 'match: busybox, use: "docker.io/library/busybox:1.37"')}`,
    });
    const { byHand } = await explained('build-image');
    const [{ prepare = null, buildah = '' } = {}] = byHand;
    await run('sh', ['-c', prepare ?? ''], { cwd: repository.folder });
    expect(buildah).toContain('--file=/tmp/sluice-Containerfile');
    expect(await readFile('/tmp/sluice-Containerfile', 'utf8')).toBe(
      text.replace('busybox:1', 'docker.io/library/busybox:1.37'),
    );
    await rm('/tmp/sluice-Containerfile');
    await repository.git('checkout', '--quiet', '--', '.');
  });

  it('prints a table, the commands, and the same as JSON', async () => {
    const words = ['explain', repository.folder, '--job', 'unit', '--organisation', organisation.folder];
    const explain = (wish: Parameters<typeof explainHere>[0]) => explainHere(wish, machineWith());
    const { code, out, err } = await sluice(words, { explain });
    expect(code).toBe(0);
    expect(out.replaceAll(organisation.folder, 'ORG')).toMatchInlineSnapshot(`
      "VALUE                                 IS             FROM
      jobs.unit.on                          ["presubmit"]  ORG/sluice.yaml:6:19
      jobs.unit.image                       busybox        ORG/sluice.yaml:6:37
      jobs.unit.run                         make test      ORG/sluice.yaml:6:51
      jobs.unit.trigger                     auto           (built in)
      jobs.unit.optional                    false          (built in)
      jobs.unit.timeout                     5m             .sluice.yaml:7:20
      jobs.unit.pool                        default        (built in)
      jobs.unit.allowPrivilegeEscalation    false          (built in)
      jobs.unit.reusable                    false          (built in)
      jobs.unit.template                    run            (built in)
      jobs.unit.resources.cpu               1              (built in)
      jobs.unit.resources.memory            2Gi            (built in)
      jobs.unit.resources.ephemeralStorage  10Gi           (built in)
      "
    `);
    expect(err).toContain('Topics only the forge knows');
    const asJson = JSON.parse((await sluice([...words, '--json'], { explain })).out);
    expect(asJson.values[0]).toMatchObject({ path: 'jobs.unit.on', value: ['presubmit'] });
  });

  it('says where the organisation is to be had from, to whoever names a template of it', async () => {
    await expect(explained(null, null)).rejects.toThrow(
      /\.sluice\.yaml:1:1: The templates of the organisation are not known here\.? Set SLUICE_ORGANISATION to a clone/i,
    );
    await expect(explained(null, join(organisation.folder, 'nowhere'))).rejects.toThrow('is no folder');
  });
});

describe('other verbs', () => {
  const machine = () => machineWith({ SLUICE_ORGANISATION: organisation.folder });

  it('plan and render with what the organisation that the environment names says', async () => {
    const [pod] = await renderLocally(repository.folder, 'unit', machine());
    expect(JSON.stringify(pod)).toContain('make test');
    const head = await repository.git('rev-parse', 'HEAD');
    const range = {
      range: `${'0'.repeat(40)}..${head}`,
      ref: 'refs/heads/main',
      pushedBy: [],
      released: [],
      published: [],
    };
    const known = await planLocally(repository.folder, { kind: 'push', wish: range }, machine());
    expect(known.decisions.map(({ decision }) => decision)).not.toContain('refuse');
    const { decisions } = await planLocally(repository.folder, { kind: 'push', wish: range }, machineWith());
    expect(decisions).toMatchObject([{ decision: 'refuse', reason: expect.stringContaining('not known here') }]);
  });

  it('check looks templates up where the organisation is known, and checks its own file', async () => {
    const file = join(repository.folder, '.sluice.yaml');
    const text = await readFile(file);
    expect((await checkConfig(Buffer.from('extends: make@v1\n'), file)).notes).toContain(
      'extends: its templates are not looked up here; SLUICE_ORGANISATION names a clone of OWNER/.sluice',
    );
    const unsure = (await checkConfig(text, file)).problems.map(({ line, message }) => `${line} ${message}`);
    expect(unsure).toEqual([
      '1 the templates of the organisation are not known here',
      '7 the job says neither `run` nor `template`',
    ]);
    expect((await checkConfig(text, file, organisation.folder)).notes).toContain(
      'job unit on presubmit: runs in busybox',
    );
    const wrong = await checkConfig(Buffer.from('extends: mkae@v1\n'), file, organisation.folder);
    expect(wrong.problems).toMatchObject([{ line: 1, hint: 'did you mean `make@v1`?' }]);
    expect(await checkConfig(Buffer.from(theirs), 'sluice.yaml')).toEqual({
      problems: [],
      notes: ['defaults: below what every repository says', 'template make@v1: chosen by a selector'],
    });
    expect((await checkConfig(Buffer.from('templates: []'), 'sluice.yaml')).problems).toHaveLength(1);
  });
});
