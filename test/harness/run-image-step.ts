import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PodContainer, PodManifest } from '../../src/model/pod.ts';
import type { Digest } from '../../src/model/sha.ts';
import type { PodSecrets } from '../../src/ports/executor.ts';
import { makeLayout } from '../jobs/layout-fixture.ts';
import { makeWorkFolder, runStep } from '../jobs/run-step.ts';

interface PodEnd {
  readonly exitCode: number;
  readonly message: string;
  readonly log: string;
}

function containersOf({ spec }: PodManifest): readonly PodContainer[] {
  return [...spec.initContainers, ...spec.containers];
}

/** What a container's step program was told; null: there is no such container. */
function inputOf(manifest: PodManifest, container: string): Record<string, unknown> | null {
  const step = containersOf(manifest).find(({ name }) => name === container);
  const input = step?.env.find(({ name }) => name === 'SLUICE_STEP')?.value;
  return input === undefined ? null : JSON.parse(input);
}

/** What the uploader of a pod was told; null: it uploads nothing. */
export function uploadOf(manifest: PodManifest): { readonly repository: string; readonly tag: string } | null {
  return inputOf(manifest, 'upload') as { repository: string; tag: string } | null;
}

/** Runs a step program as the pod has it, with these secrets of the pod in a folder of their own. */
async function run(
  name: string,
  input: Record<string, unknown>,
  secrets: Readonly<Record<string, string>>,
  prepare: (folder: string) => Record<string, unknown>,
): Promise<PodEnd> {
  const work = await makeWorkFolder();
  const keys = join(work.folder, 'keys');
  try {
    await mkdir(keys);
    for (const [file, text] of Object.entries(secrets)) await writeFile(join(keys, file), text);
    const end = await runStep(name, { ...input, keys, result: join(work.folder, 'result'), ...prepare(work.folder) });
    return { exitCode: end.code, message: end.result, log: end.log };
  } finally {
    await work.end();
  }
}

export async function promoteByStep(manifest: PodManifest, secrets: PodSecrets): Promise<PodEnd> {
  const [only] = containersOf(manifest);
  const input = inputOf(manifest, only?.name ?? '') ?? {};
  return run('promote', input, secrets['registry-promote'] ?? {}, () => ({}));
}

/** Uploads an image of the pod's own, as its builder would have left it. */
export async function uploadByStep(
  manifest: PodManifest,
  secrets: PodSecrets,
): Promise<PodEnd & { readonly digest: Digest | null }> {
  const end = await run('upload', inputOf(manifest, 'upload') ?? {}, secrets.registry ?? {}, (folder) => {
    const layout = join(folder, 'layout');
    makeLayout(layout).image(manifest.metadata.name, 'the same in all');
    return { layout };
  });
  return { ...end, digest: end.exitCode === 0 ? JSON.parse(end.message).digest : null };
}
