import { stepExits } from '../../src/core/pod/judge-steps.ts';
import { type PodManifest, podKeys } from '../../src/model/pod.ts';
import type { PromotedImage } from '../../src/model/promotion.ts';
import type { RegistryCaller } from '../../src/model/registry.ts';
import { parseSubjectId } from '../../src/model/subject.ts';
import type { Pod } from './pod-life.ts';
import type { RegistryWorld } from './registry-model.ts';
import type { RegistryWatch } from './registry-port.ts';
import type { Sim } from './sim.ts';

/** What a pod is told to promote; null: it promotes nothing. */
export function promotionOf({ spec }: PodManifest): readonly PromotedImage[] | null {
  const step = spec.containers.find(({ name }) => name === 'promote');
  if (!step) return null;
  return JSON.parse(step.env.find(({ name }) => name === 'SLUICE_STEP')?.value ?? '{}').images;
}

function callerOf({ metadata }: PodManifest): RegistryCaller {
  const subject = parseSubjectId(metadata.annotations[podKeys.subject] ?? '');
  if (subject?.kind !== 'promote') throw new Error(`${metadata.name} promotes, and is of no line`);
  return { project: subject.repository, fullName: metadata.name, branch: subject.branch, use: 'promote' };
}

export interface Promoter {
  /** What the step `promote` ends with. */
  promote(pod: Pod): number;
  /** Its pod is over before it was done: some of it may have been. */
  cutOff(pod: Pod): void;
}

/** What the pods do that promote: all digests first, then the tags, as `jobs/steps/promote.ts` does it. */
export function createPromoter(sim: Sim, registries: RegistryWorld, watch: RegistryWatch): Promoter {
  const draws = sim.chance.stream('promotions');

  function bring({ from, to }: PromotedImage): number {
    registries.mustAnswer(to);
    if (registries.find(to, from.digest) !== null) return 0;
    if (from.repository === to) return stepExits.registryRefused;
    registries.mustAnswer(from.repository);
    if (registries.find(from.repository, from.digest) === null) return stepExits.registryRefused;
    registries.put(to, from.digest);
    sim.note('registry: an image is copied');
    return 0;
  }

  function setTag(pod: Pod, { from, to }: PromotedImage, tag: string): number {
    registries.mustAnswer(to);
    if (registries.find(to, from.digest) === null) return stepExits.registryAway;
    if (registries.find(to, tag) === from.digest) return 0;
    const image = { repository: to, digest: from.digest };
    watch.onTag({ caller: callerOf(pod.manifest), image, tag, decidedAt: pod.createdAt });
    registries.setTag(to, tag, from.digest);
    return 0;
  }

  /** At most so many requests of it. */
  function run(pod: Pod, most: number): number {
    const images = promotionOf(pod.manifest) ?? [];
    const requests = [
      ...images.map((image) => () => bring(image)),
      ...images.flatMap((image) => image.tags.map((tag) => () => setTag(pod, image, tag))),
    ];
    try {
      for (const request of requests.slice(0, most)) {
        const exit = request();
        if (exit !== 0) return exit;
      }
    } catch {
      return stepExits.registryAway;
    }
    return 0;
  }

  return {
    promote(pod) {
      const exit = run(pod, Number.POSITIVE_INFINITY);
      sim.note(exit === 0 ? 'promote: a pod has done it' : `promote: a pod failed with ${exit}`);
      return exit;
    },
    cutOff(pod) {
      if (pod.startedAt === null || pod.work !== 'success' || promotionOf(pod.manifest) === null) return;
      sim.note('promote: a pod was cut off');
      run(pod, draws.between(0, 4));
    },
  };
}
