import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadJobLibrary } from '../../src/config/job-library.ts';
import { judgePod } from '../../src/core/pod/judge-pod.ts';
import { renderPod } from '../../src/core/pod/render-pod.ts';
import type { PodJudgement } from '../../src/core/presubmit/judgement.ts';
import type { BuildOrder, PoolSettings } from '../../src/model/order.ts';
import { type Sha, toSha } from '../../src/model/sha.ts';
import type { Executor } from '../../src/ports/executor.ts';
import type { RegistryFiles } from '../../src/ports/registry-keys.ts';
import { uploadOrder } from '../core/pod/order-fixture.ts';
import { type GuardedRegistry, registryPassword } from '../harness/guarded-registry.ts';
import type { CheckoutStage } from './checkout-stage.ts';

/** Where uploads are run: an executor with a registry and a repository that its pods reach. */
export interface UploadSubject {
  readonly executor: Executor;
  readonly pool: PoolSettings;
  readonly stage: CheckoutStage;
  readonly cloneUrl: string;
  readonly registry: GuardedRegistry;
  /** The registry as pods name it. */
  readonly host: string;
}

const library = await loadJobLibrary(new URL('../../jobs', import.meta.url).pathname);
const tag = 'change_7_aaaaaaaaaaaa_latest';

/** Looks wherever a command of a build can look, for the credential in both of its forms; `planted` shows that it would find it. */
export const look = `
B=/bin/busybox
echo dXBsb2Fk''ZXI6 >/planted
$B env
$B cat /proc/self/mountinfo /proc/self/environ /proc/1/environ
for folder in /* /.[a-z]*; do
  case $folder in /proc|/sys|/dev) continue;; esac
  $B grep -rlsF -e dXBsb2Fk''ZXI6 -e correct''-horse "$folder" | $B sed 's/^/found: /'
done
echo looked everywhere
`;

const dockerfile = (...more: string[]) =>
  ['FROM scratch', 'COPY busybox /bin/busybox', 'COPY look.sh /', ...more, ''].join('\n');

/** One commit of these files and of a shell without which nothing could run: nothing on a registry gives one here. */
export function commitWithShell({ origin, onMain }: CheckoutStage, files: Parameters<CheckoutStage['onMain']>[0]): Sha {
  onMain(files);
  const busybox = origin.write('blob', readFileSync('/usr/bin/busybox'));
  origin.git('read-tree', 'main');
  origin.git('update-index', '--add', '--cacheinfo', `100755,${busybox},busybox`);
  const commit = toSha(origin.git('commit-tree', '-m', 'with a shell', origin.git('write-tree')));
  origin.setRef('refs/heads/main', commit);
  return commit;
}

/** One commit whose image is built by commands. */
export function commitOf(stage: CheckoutStage, ...lines: string[]): Sha {
  return commitWithShell(stage, { Dockerfile: dockerfile(...lines), 'look.sh': look });
}

interface UploadEnd {
  readonly judged: Extract<PodJudgement, { kind: 'ended' }>;
  readonly log: string;
}

/** One upload of what a commit builds, from its pod's start to its end. */
export async function upload(
  subject: UploadSubject,
  name: string,
  commit: Sha,
  wish: { password?: string; attempt?: number } = {},
): Promise<UploadEnd> {
  const { registry, host } = subject;
  const order = uploadOrder({
    job: { resources: { cpu: '1', memory: '1Gi', ephemeralStorage: '2Gi' }, timeoutSeconds: 120 },
    heads: [],
    parts: { commit, entry: name, attempt: wish.attempt ?? 1 },
    upload: { repository: `${host}/${name}`, tag },
  });
  return runOrder(subject, order, { registry: registry.files(wish.password, host) });
}

/** An order's pod on the commit that it names, from its start to its end. */
export async function runOrder(
  { executor, pool, stage, cloneUrl }: UploadSubject,
  order: BuildOrder,
  secrets: Readonly<Record<string, RegistryFiles>> = {},
): Promise<UploadEnd> {
  const { commit } = order.build.parts;
  const checkout = { ...order.checkout, cloneUrl, base: commit, tree: toSha(stage.treeOf(commit)) };
  const manifest = renderPod({ ...order, checkout }, pool, library);
  expect(await executor.start(manifest, secrets)).toEqual({ kind: 'created' });
  const texts: string[] = [];
  await executor.follow(order.build.id, ({ text }) => texts.push(text), AbortSignal.timeout(120_000));
  const log = texts.join('');
  try {
    for (;;) {
      const pod = await executor.observe(order.build.id);
      const judged = pod === null ? null : judgePod(pod, { buildsImage: order.image !== null, logTail: log });
      if (judged?.kind === 'ended') return { judged, log };
      await new Promise((done) => setTimeout(done, 20));
    }
  } finally {
    await executor.remove(order.build.id);
  }
}

function expectNoPassword({ judged, log }: UploadEnd, password = registryPassword): void {
  const encoded = Buffer.from(`uploader:${password}`).toString('base64');
  for (const secret of [password, encoded]) expect(`${log}\n${JSON.stringify(judged)}`).not.toContain(secret);
}

/** What is promised of an upload, wherever it runs. */
export function uploadStories(subject: () => UploadSubject): void {
  describe('an upload', () => {
    it('leaves the image under the change tag with the digest that it says, and its build finds no credential', async () => {
      const { stage, registry, host } = subject();
      const commit = commitOf(stage, 'RUN ["/bin/busybox", "sh", "/look.sh"]');
      const end = await upload(subject(), 'acme/looked', commit);
      expect(end.judged, end.log).toMatchObject({
        result: 'success',
        because: 'it was built and uploaded',
        image: { uploaded: { repository: `${host}/acme/looked`, tag } },
      });
      expect(await registry.digestOf('acme/looked', tag)).toBe(end.judged.image?.digest);
      expect(end.log).toContain('looked everywhere');
      expect(end.log.match(/found: .*/g)).toEqual(['found: /planted']);
      expect(end.log).not.toContain('/.sluice/registry');
      expectNoPassword(end);
    });

    it('of the same candidate once more leaves one tag, on what the last one says', async () => {
      const { stage, registry } = subject();
      const commit = commitOf(stage);
      const first = await upload(subject(), 'acme/again', commit);
      const second = await upload(subject(), 'acme/again', commit, { attempt: 2 });
      expect([first.judged.result, second.judged.result], second.log).toEqual(['success', 'success']);
      expect(await registry.tagsOf('acme/again')).toEqual([tag]);
      expect(await registry.digestOf('acme/again', tag)).toBe(second.judged.image?.digest);
      const digest = first.judged.image?.digest ?? '';
      expect(await registry.digestOf('acme/again', digest)).toBe(digest);
    });

    it('with a wrong password is our error, with the registry’s words and without the password', async () => {
      const { stage, registry } = subject();
      const end = await upload(subject(), 'acme/refused', commitOf(stage), { password: 'hunter2hunter2' });
      expect(end.judged, end.log).toMatchObject({
        result: 'error',
        retry: true,
        image: null,
        because: expect.stringMatching(/did not take it from us: .*the registry said 401/),
      });
      expectNoPassword(end, 'hunter2hunter2');
      expect(await registry.tagsOf('acme/refused')).toEqual([]);
    });
  });
}
