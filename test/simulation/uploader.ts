import { createHash } from 'node:crypto';
import { stepExits } from '../../src/core/pod/judge-steps.ts';
import { type PodManifest, podKeys } from '../../src/model/pod.ts';
import { type Digest, toDigest } from '../../src/model/sha.ts';
import type { Pod } from './pod-life.ts';
import type { RegistryWorld } from './registry-model.ts';
import type { Sim } from './sim.ts';

interface Place {
  readonly repository: string;
  readonly tag: string;
}

/** Where a pod's uploader is told to put its image; null: it has none. */
export function uploadOf({ spec }: PodManifest): Place | null {
  const upload = spec.containers.find(({ name }) => name === 'upload');
  if (!upload) return null;
  const { repository, tag } = JSON.parse(upload.env.find(({ name }) => name === 'SLUICE_STEP')?.value ?? '{}');
  return { repository, tag };
}

/** What is built differs from Build to Build, and with the tree. */
export function digestOf({ metadata }: PodManifest): Digest {
  const parts = [metadata.name, metadata.annotations[podKeys.tree] ?? ''];
  return toDigest(`sha256:${createHash('sha256').update(parts.join('\0')).digest('hex')}`);
}

/** What the last step leaves when all went well. */
export function messageOf(manifest: PodManifest): string {
  const place = uploadOf(manifest);
  const measured = {
    digest: place === null ? `sha256:${'a1'.repeat(32)}` : digestOf(manifest),
    bytes: 1_234_567,
    layers: 2,
  };
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  return JSON.stringify(
    place === null ? measured : { ...measured, uploaded: { ...place, mediaType, manifestBytes: 501 } },
  );
}

export interface Uploader {
  /** What the step `upload` ends with. */
  upload(manifest: PodManifest): number;
  /** Its pod is over before it was done; what it had sent may arrive all the same. */
  cutOff(pod: Pod): void;
}

export function createUploader(sim: Sim, registries: RegistryWorld): Uploader {
  const draws = sim.chance.stream('uploads');

  function upload(manifest: PodManifest): number {
    const place = uploadOf(manifest);
    if (place === null) return 0;
    try {
      registries.mustAnswer(place.repository);
    } catch {
      sim.note('upload: the registry was away');
      return stepExits.registryAway;
    }
    const digest = digestOf(manifest);
    registries.put(place.repository, digest);
    registries.setTag(place.repository, place.tag, digest);
    sim.note('upload: an image');
    return 0;
  }

  return {
    upload,
    cutOff({ manifest, startedAt, work }) {
      if (startedAt === null || work !== 'success' || uploadOf(manifest) === null) return;
      if (!sim.faultsOn() || !draws.happens(sim.knobs.rates.lateUpload)) return;
      sim.time.after(draws.between(100, 240_000), () => {
        if (upload(manifest) === 0) sim.note('upload: late, from a pod that was stopped');
      });
    },
  };
}
