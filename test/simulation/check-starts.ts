import { validatePod } from '../../src/core/pod/validate-pod.ts';
import { type PodManifest, podKeys } from '../../src/model/pod.ts';
import { toSha } from '../../src/model/sha.ts';
import type { TrustClass } from '../../src/model/trust.ts';
import type { PodSecrets } from '../../src/ports/executor.ts';
import { mergeOnto } from './forge-port.ts';
import {
  checkCandidate,
  checkPromoter,
  checkRebuild,
  isOfGate,
  isOfPromotion,
  isReplaced,
  wasTakenBack,
} from './gate/check-start.ts';
import {
  isActive,
  isConsented,
  mayWrite,
  pullOf,
  repositoryOf,
  requestIdOf,
  stepInput,
  takeNewPods,
  type Watched,
} from './ground-truth.ts';
import type { Pod } from './pod-life.ts';
import { promotionOf } from './promoter.ts';
import { checkPushed, isOfPushed } from './push/check-start.ts';
import type { RegistryWorld } from './registry-model.ts';
import { digestOf, uploadOf } from './uploader.ts';

function checkTrust({ sim, forge, age }: Watched, manifest: PodManifest): void {
  const found = pullOf(forge, manifest);
  const head = manifest.metadata.annotations[podKeys.commit] ?? '';
  if (!found) {
    sim.violate('S6', `${manifest.metadata.name} belongs to no pull request`);
    return;
  }
  const { repository, pull } = found;
  const from = sim.time.now() - age;
  const consented = isConsented(repository, pull, head);
  const trust = manifest.metadata.labels['sluice.dev/trust'];
  if (!consented && !mayWrite(repository, pull.author.id, from))
    sim.violate('untrusted', `${manifest.metadata.name} runs ${head} of ${pull.author.login}, which nobody approved`);
  if (trust !== 'untrusted' && !consented) sim.violate('S7', `${manifest.metadata.name} counts as ${trust}`);
  if (consented) sim.note('start: an approved head');
  if (!pull.head.since(from).some((each) => each === head))
    sim.violate('S6', `${manifest.metadata.name} runs ${head}, the head was another for long`);
  if (!pull.state.since(from).includes('open')) sim.violate('S6', `${manifest.metadata.name} of a closed pull request`);
  if (!repository.seen.since(from).includes(true)) sim.violate('S6', 'a start in a repository that we may not see');
}

function checkTree({ sim, forge, redis, trees }: Watched, manifest: PodManifest): void {
  const found = pullOf(forge, manifest);
  const { base, heads, tree } = stepInput(manifest);
  const { annotations } = manifest.metadata;
  const head = annotations[podKeys.commit] ?? '';
  const merged = found && base ? mergeOnto(found.repository, toSha(base), toSha(head)) : null;
  const right = merged?.merge.kind === 'merged' ? merged.merge.tree : null;
  if (heads?.join() !== head || tree !== right || annotations[podKeys.tree] !== right)
    sim.violate('S6', `${manifest.metadata.name} builds the tree ${tree}, planned for ${head} on ${base}: ${right}`);
  const request = requestIdOf(manifest);
  const known = trees.get(request);
  if (known !== undefined && known !== tree) {
    // Planned anew on another base after everything that was known of it was lost.
    if (redis.lostAt() === 0) sim.violate('S6', `one request builds two trees: ${known} and ${tree}`);
    sim.note('start: another tree for the same request after a loss');
  }
  trees.set(request, tree ?? '');
}

function isOfPresubmit(manifest: PodManifest): boolean {
  return !isOfGate(manifest) && !isOfPromotion(manifest) && !isOfPushed(manifest);
}

/** Nobody but its uploader sees the credential. */
function isOnlyUploader({ spec }: PodManifest): boolean {
  return [...spec.initContainers, ...spec.containers].every(
    ({ name, volumeMounts }) => name === 'upload' || !volumeMounts.some((mount) => mount.name === 'registry'),
  );
}

function checkSecrets({ sim, forge, minted }: Watched, manifest: PodManifest, secrets: PodSecrets): void {
  const project = repositoryOf(forge, manifest)?.project;
  const text = JSON.stringify(manifest);
  if (text.includes('ghs_')) sim.violate('S5', `${manifest.metadata.name} holds a token in its manifest`);
  const { registry, 'registry-promote': promoting, ...tokens } = secrets;
  if (promoting !== undefined && promotionOf(manifest) === null)
    sim.violate('S5', `${manifest.metadata.name} has the credential of those that promote`);
  if (registry !== undefined && (isOfPresubmit(manifest) || !isOnlyUploader(manifest)))
    sim.violate('S5', `${manifest.metadata.name} has a registry's credential`);
  const given = Object.entries(tokens);
  if (!project?.private && given.length > 0)
    sim.violate('S5', `${manifest.metadata.name} of a public project has secrets`);
  for (const [volume, files] of given) {
    if (volume !== 'git-token') sim.violate('S5', `a secret volume ${volume}`);
    for (const token of Object.values(files))
      if (minted.find((each) => each.token === token)?.project !== project?.id)
        sim.violate('S14', `${manifest.metadata.name} has a token of another project`);
  }
  const mounting = [...manifest.spec.initContainers, ...manifest.spec.containers].filter((container) =>
    container.volumeMounts.some(({ name }) => name === 'git-token'),
  );
  if (mounting.some(({ name }) => name !== 'checkout')) sim.violate('S5', 'a token outside the checkout');
  if (given.length > 0) sim.note('start: a private project with its token');
}

function checkLimits({ sim, cluster, redis, entries, age }: Watched, manifest: PodManifest): void {
  const now = sim.time.now();
  const mine = entries.get(manifest.metadata.name);
  if (!mine) {
    sim.violate('S12', `${manifest.metadata.name} started without a place in the line`);
    return;
  }
  const since = redis.lostAt() === 0 ? 0 : redis.lostAt() + age;
  const running = [...cluster.pods.values()]
    .filter((pod) => isActive(pod, now) && pod.createdAt > since)
    .flatMap((pod) => entries.get(pod.name) ?? [])
    .filter((entry) => entry.pool === mine.pool);
  const { limits } = sim.knobs;
  const check = (what: string, most: number, count: number): void => {
    if (count + 1 > most) sim.violate('S12', `${count + 1} pods at once, ${most} allowed per ${what}`);
    if (count + 1 === most) sim.note(`line: full per ${what}`);
  };
  check('pool', limits.pool, running.length);
  check('repository', limits.perRepository, running.filter((entry) => entry.repository === mine.repository).length);
  check('author', limits.perAuthor, running.filter((entry) => entry.author === mine.author).length);
}

/** What it uploaded is not there any more. */
function isLost(registries: RegistryWorld, { manifest }: Pod): boolean {
  const place = uploadOf(manifest);
  return place !== null && registries.find(place.repository, digestOf(manifest)) === null;
}

/** It had not passed when pods were listed before it was given up, or was only still there because its end takes a moment: nobody could have known better. */
function passedTooLate({ finishedAt, givenUpAt }: Pod): boolean {
  return finishedAt !== null && givenUpAt !== null && finishedAt >= givenUpAt;
}

function checkTwice(watched: Watched, manifest: PodManifest): void {
  const { sim, forge, cluster, redis, registries, requests, age } = watched;
  const request = requestIdOf(manifest);
  const { annotations, labels } = manifest.metadata;
  const same = (requests.get(request) ?? []).filter(
    (pod) => pod.manifest.metadata.annotations['sluice.dev/point'] === annotations['sluice.dev/point'],
  );
  const twin = same.find((pod) => cluster.pods.get(pod.name) === pod && isActive(pod, sim.time.now()));
  if (twin) sim.violate('S11', `${manifest.metadata.name} runs beside ${twin.name}, the same build`);
  const isUseless = (pod: Pod): boolean =>
    pod.struck ||
    passedTooLate(pod) ||
    isLost(registries, pod) ||
    isReplaced(watched, pod.manifest) ||
    wasTakenBack(watched, pod);
  const wasted = same.find((pod) => pod.phase === 'succeeded' && !isUseless(pod));
  // A tip is asked again for another change: what was known of it is forgotten with the first.
  if (wasted && redis.lostAt() === 0 && annotations['sluice.dev/entry']?.endsWith('/0') !== true)
    sim.violate('results', `${manifest.metadata.name} starts though ${wasted.name} has passed`);
  const told = (forge.checkRuns.get(toSha(annotations[podKeys.commit] ?? '')) ?? []).find(
    (run) => run.externalId === request,
  );
  if (told?.finalAt && told.finalAt < sim.time.now() - age && !redis.wentBack())
    sim.violate('S10', `${manifest.metadata.name} starts for a request that was told as ${told.title}`);
  if (Number(labels['sluice.dev/attempt']) > 1) sim.note(`start: attempt ${labels['sluice.dev/attempt']}`);
  if (Number(labels['sluice.dev/request']) > 1) sim.note('start: a later request');
  if (same.some((pod) => pod.name === manifest.metadata.name)) sim.note('start: the same build once more');
}

/** What must hold when a pod comes to be: whose code, which tree, which secrets, how many at once. */
export function checkStart(watched: Watched, manifest: PodManifest, secrets: PodSecrets): void {
  takeNewPods(watched);
  watched.sim.note('start: a pod');
  const flaws = validatePod(manifest, manifest.metadata.labels['sluice.dev/trust'] as TrustClass);
  if (flaws.length > 0) watched.sim.violate('S17', flaws.join('; '));
  if (isOfGate(manifest)) checkCandidate(watched, manifest);
  else if (promotionOf(manifest) !== null) checkPromoter(watched, manifest);
  else if (isOfPromotion(manifest)) checkRebuild(watched, manifest);
  else if (isOfPushed(manifest)) checkPushed(watched, manifest);
  else {
    checkTrust(watched, manifest);
    checkTree(watched, manifest);
  }
  checkSecrets(watched, manifest, secrets);
  checkLimits(watched, manifest);
  checkTwice(watched, manifest);
}
