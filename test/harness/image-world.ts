import type { PodManifest } from '../../src/model/pod.ts';
import type { Digest } from '../../src/model/sha.ts';
import type { RegistryKeys } from '../../src/ports/registry-keys.ts';
import { type GateWorld, type GateWorldOptions, startGateWorld } from './gate-world.ts';
import { makeImage, seedImage, type TestImage } from './oci-image.ts';
import { type RegistryWishes, startOciRegistry, type TestRegistry } from './oci-registry.ts';
import { type RegistryFront, startRegistryFront } from './registry-front.ts';
import { promoteByStep, uploadByStep, uploadOf } from './run-image-step.ts';
import { dockerfile } from './world.ts';

/** A gate's world with two real registries, each behind a front that a story can spoil; builds upload images by themselves. */
export interface ImageWorld extends GateWorld {
  readonly final: RegistryFront;
  readonly staging: RegistryFront;
  /** Folders of what the registries have. */
  readonly finalStorage: string;
  readonly stagingStorage: string;
  /** What builds uploaded, as `image@change`, in order; of a platform or stage as `image/linux-arm64@change`. */
  readonly uploaded: ReadonlyMap<string, TestImage>;
  /** The same of worlds with a guard, whose images are made by the uploader's own step. */
  readonly digests: ReadonlyMap<string, Digest>;
  /** From now on what builds an image ends so: it uploads by itself, fails, or waits until the story says otherwise. */
  uploadBy(judge: (image: string) => 'upload' | 'fail' | 'wait'): void;
  /** The digest under a reference where people pull it, read straight from the registry; null: nothing. */
  published(image: string, reference?: string): Promise<string | null>;
  /** The check run `sluice/promote` on a landed commit. */
  promoteCheck(
    commit: string,
  ): Promise<{ title: string; summary: string; status: string; conclusion: string | null } | undefined>;
  /** Names of the change tags that are left, in both registries. */
  changeTags(): Promise<readonly string[]>;
}

export interface ImageWorldOptions extends GateWorldOptions {
  readonly images?: readonly string[];
  /** Images that only a change of these paths builds. */
  readonly onlyIf?: Readonly<Record<string, string>>;
  /** Stages of each image, which are its tags; left out: it is one. */
  readonly stages?: readonly string[];
  /** Each image is built once for each; left out: once. */
  readonly platforms?: readonly string[];
  /** Further lines of the file. */
  readonly lines?: string;
  readonly registry?: RegistryWishes;
  /** Given these of the options that the server is started with. */
  readonly mode?: 'tag' | 'intermediate' | 'rebuild';
  /** Who lets nobody by without a credential; those of the server, by the hosts of the final and the staging registry. */
  readonly guard?: { readonly auth: object; readonly keys: (final: string, staging: string) => RegistryKeys };
  /** Further repositories with the same files. */
  readonly twins?: readonly string[];
  /** Who promotes; left out: the worker. */
  readonly promoter?: 'pod';
}

/** Everybody may do everything, as nobody. */
const openKeys: RegistryKeys = { whyNot: () => null, filesFor: async () => ({}) };

function isOfRegistry(job: string): boolean {
  return job.includes('upload') || job === 'publish' || job === 'promote-image';
}

/** The file of a project with these images. */
export function imageConfig(
  final: string,
  staging: string,
  { images = ['api'], platforms, stages, onlyIf = {}, lines = '', mode = 'intermediate', promoter }: ImageWorldOptions,
): string {
  const tags = stages === undefined ? 'latest, "{{ sha }}"' : '"{{ target }}", "{{ target }}-{{ sha }}"';
  const list = images.map((name) => {
    const keys = [
      `name: ${name}, repository: ${final}/acme/${name}, tags: [${tags}]`,
      ...(platforms === undefined ? [] : [`platforms: [${platforms.join(', ')}]`]),
      ...(stages === undefined ? [] : [`targets: [${stages.join(', ')}]`]),
      ...(onlyIf[name] === undefined ? [] : [`onlyIf: { paths: ["${onlyIf[name]}"] }`]),
    ];
    return `  - { ${keys.join(', ')} }`;
  });
  const by = promoter === undefined ? '' : `, executor: ${promoter}`;
  const place = mode === 'intermediate' ? `, staging: ${staging}/waiting` : '';
  const way = `{ mode: ${mode}${place}${by} }`;
  return [
    'apiVersion: sluice/v1',
    'images:',
    ...list,
    `promotion: ${way}`,
    'gate: { requires: { approvals: 1 } }',
    lines,
    '',
  ].join('\n');
}

/** The same registry once more, before which somebody stands. */
function guardOf({ storage }: TestRegistry, { registry, guard }: ImageWorldOptions): Promise<TestRegistry> {
  return startOciRegistry({ ...registry, storage, ...(guard ? { auth: guard.auth } : {}) });
}

export async function startImageWorld(options: ImageWorldOptions = {}): Promise<ImageWorld> {
  const registries: readonly TestRegistry[] = [
    await startOciRegistry(options.registry),
    await startOciRegistry(options.registry),
  ];
  const [finalReal, stagingReal] = registries as [TestRegistry, TestRegistry];
  const guarded =
    options.guard === undefined ? [] : await Promise.all(registries.map((each) => guardOf(each, options)));
  const [finalGuard = finalReal, stagingGuard = stagingReal] = guarded;
  const final = await startRegistryFront(finalGuard.base);
  const staging = await startRegistryFront(stagingGuard.base);
  const registryKeys = options.guard?.keys(final.host, staging.host) ?? openKeys;
  const files = {
    Dockerfile: dockerfile,
    'README.md': 'hello\n',
    '.sluice.yaml': imageConfig(final.host, staging.host, options),
  };
  const insecureRegistries = [final.host, staging.host];
  const gate = await startGateWorld({
    files,
    others: Object.fromEntries((options.twins ?? []).map((name) => [name, files])),
    ...options,
    judge: (tree, job) => (isOfRegistry(job) ? null : options.judge ? options.judge(tree, job) : 'success'),
    insecureRegistries,
    sluice: { registryKeys, ...options.sluice },
  });
  let judgeUpload: (image: string) => 'upload' | 'fail' | 'wait' = () => 'upload';
  const uploaded = new Map<string, TestImage>();
  const digests = new Map<string, Digest>();
  const busy = new Set<string>();

  async function upload(manifest: PodManifest): Promise<void> {
    const { name, annotations } = manifest.metadata;
    const to = uploadOf(manifest);
    if (to === null) return gate.executor.finish(name, { exitCode: 0 });
    const [host, ...path] = to.repository.split('/');
    if (options.guard !== undefined) {
      const { digest, ...end } = await uploadByStep(manifest, gate.executor.secretsOf(name) ?? {});
      if (digest !== null) digests.set(`${path.at(-1)}@${annotations['sluice.dev/commit']}`, digest);
      return gate.executor.finish(name, end);
    }
    const image = makeImage([4_000, 2_000]);
    const base = host === final.host ? finalReal.base : stagingReal.base;
    await seedImage(base, path.join('/'), image, to.tag);
    const part =
      /-(linux-[a-z0-9-]+)$/.exec(to.tag)?.[1] ?? options.stages?.find((stage) => to.tag.endsWith(`_${stage}`));
    const which = part === undefined ? path.at(-1) : `${path.at(-1)}/${part}`;
    uploaded.set(`${which}@${annotations['sluice.dev/commit']}`, image);
    const said = { ...to, mediaType: image.mediaType, manifestBytes: image.content.length };
    const { repository, tag, mediaType, manifestBytes } = said;
    const message = {
      digest: image.digest,
      bytes: 6_000,
      layers: 2,
      uploaded: { repository, tag, mediaType, manifestBytes },
    };
    gate.executor.finish(name, { exitCode: 0, message: JSON.stringify(message) });
  }

  async function promote(manifest: PodManifest): Promise<void> {
    const { name } = manifest.metadata;
    gate.executor.finish(name, await promoteByStep(manifest, gate.executor.secretsOf(name) ?? {}));
  }

  const timer = setInterval(() => {
    for (const name of gate.executor.running()) {
      const manifest = gate.executor.manifests.find((each) => each.metadata.name === name);
      const job = manifest?.metadata.annotations['sluice.dev/job'] ?? '';
      if (!manifest || busy.has(name) || !isOfRegistry(job)) continue;
      const how =
        job === 'promote-image' ? 'upload' : judgeUpload(uploadOf(manifest)?.repository.split('/').at(-1) ?? '');
      if (how === 'wait') continue;
      if (how === 'fail') gate.executor.finish(name, { exitCode: 1, log: 'it does not build\n' });
      if (how === 'fail') continue;
      busy.add(name);
      const done = job === 'promote-image' ? promote(manifest) : upload(manifest);
      // What was taken away meanwhile has no end.
      const fail = (cause: unknown): void => {
        if (gate.executor.running().includes(name)) gate.executor.finish(name, { exitCode: 1, log: String(cause) });
      };
      done.catch(fail);
    }
  }, 20);

  async function tagsIn({ base }: TestRegistry, name: string): Promise<readonly string[]> {
    const answer = await fetch(`${base}/v2/${name}/tags/list`);
    const { tags } = (await answer.json()) as { tags?: readonly string[] | null };
    return (tags ?? []).map((tag) => `${name}:${tag}`);
  }

  const { stop } = gate;
  return Object.assign(gate, {
    final,
    staging,
    finalStorage: finalReal.storage,
    stagingStorage: stagingReal.storage,
    uploaded,
    digests,
    uploadBy(judge: (image: string) => 'upload' | 'fail' | 'wait') {
      judgeUpload = judge;
    },
    async published(image: string, reference = 'latest') {
      const answer = await fetch(`${finalReal.base}/v2/acme/${image}/manifests/${reference}`, {
        method: 'HEAD',
        headers: { accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json' },
      });
      return answer.ok ? answer.headers.get('docker-content-digest') : null;
    },
    async promoteCheck(commit: string) {
      const run = (await gate.github.checkRuns(gate.repo, commit)).findLast(({ name }) => name === 'sluice/promote');
      if (!run) return undefined;
      const { status, conclusion, title, summary } = run;
      return {
        status,
        conclusion: conclusion === null ? null : String(conclusion),
        title: title ?? '',
        summary: summary ?? '',
      };
    },
    async changeTags() {
      const names = (options.images ?? ['api']).flatMap((image) => [
        tagsIn(finalReal, `acme/${image}`),
        tagsIn(stagingReal, `waiting/${final.host.replace(':', '-')}/acme/${image}`),
      ]);
      return (await Promise.all(names)).flat().filter((tag) => tag.includes(':change_'));
    },
    async stop() {
      clearInterval(timer);
      await stop();
      for (const front of [final, staging]) await front.close();
      for (const registry of [...guarded, ...registries]) await registry.stop();
    },
  });
}
