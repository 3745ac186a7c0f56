import type { BuildkitSettings, BuildOrder, PoolSettings } from '../../model/order.ts';
import type { PodContainer } from '../../model/pod.ts';
import { buildctlArguments, buildctlStages, buildkitdCommand, buildkitProbe } from '../builders/buildkit.ts';
import { kanikoArguments } from '../builders/kaniko.ts';
import { takesFiles } from './artifacts.ts';
import { withSecrets } from './job-secrets.ts';
import type { TemplateStep } from './job-template.ts';
import { needsVolume } from './needs-volume.ts';
import { securityOf } from './security.ts';
import { builderOptions, buildkitPlaces, resultPath, stagesPath, stepInput } from './step-input.ts';
import { type VolumeName, volumePaths } from './volumes.ts';

/** One step of a template as a container of the pod. */
export function renderContainer(step: TemplateStep, order: BuildOrder, pool: PoolSettings): PodContainer {
  const command = step.command.flatMap((word) => fillWord(word, order, pool));
  const args = step.args.flatMap((word) => fillWord(word, order, pool));
  const image = imageOf(step, order, pool);
  return {
    name: step.name,
    image,
    imagePullPolicy: pullPolicyOf(step, image),
    ...(command.length > 0 ? { command } : {}),
    ...(args.length > 0 ? { args } : {}),
    ...(step.workingDir === 'checkout' ? { workingDir: volumePaths.src } : {}),
    env: environmentOf(step, order, pool),
    volumeMounts: mountsOf(step, order, pool),
    terminationMessagePath: resultPath,
    terminationMessagePolicy: 'File',
    securityContext: securityOf(step.security, order.job.allowPrivilegeEscalation, pool.buildkit?.form),
    resources: step.resources === 'step' ? stepResources : resourcesOf(order),
    ...(step.beside ? { restartPolicy: 'Always', startupProbe: daemonProbe } : {}),
  };
}

const daemonProbe: NonNullable<PodContainer['startupProbe']> = {
  exec: { command: buildkitProbe(buildkitPlaces) },
  periodSeconds: 1,
  timeoutSeconds: 20,
  failureThreshold: 180,
};

function fillWord(word: string, order: BuildOrder, pool: PoolSettings): readonly string[] {
  const { content } = order.job;
  if (word === '{{ job.command }}') return content.template === 'run' ? [withSecrets(content.command, order)] : [];
  if (!word.startsWith('{{')) return [word];
  if (order.image === null) return [];
  const options = builderOptions(order, order.image, pool);
  if (word === '{{ buildkit.daemon }}') return buildkitdCommand(buildkitOf(pool), buildkitPlaces);
  if (word === '{{ buildkit.stages }}') return buildctlStages(options, stagesPath, buildkitPlaces);
  return pool.builder === 'buildkit' ? buildctlArguments(options, buildkitPlaces) : kanikoArguments(options);
}

function buildkitOf({ buildkit }: PoolSettings): BuildkitSettings {
  if (buildkit === undefined) throw new Error('BuildKit is the builder of a pool that does not say how it runs');
  return buildkit;
}

function imageOf(step: TemplateStep, order: BuildOrder, pool: PoolSettings): string {
  if (step.image === 'step') return pool.stepImage;
  if (step.image === 'builder') return step.builder === 'buildkit' ? buildkitOf(pool).image : pool.kanikoImage;
  const { content } = order.job;
  if (content.template !== 'run')
    throw new Error(`step ${step.name} of build ${order.build.id} needs an image of the job`);
  return content.image;
}

// What a tag means may change, and what lies on a node was perhaps pulled with another project's rights.
function pullPolicyOf(step: TemplateStep, image: string): 'IfNotPresent' | 'Always' {
  const fixed = step.image !== 'job' || image.includes('@sha256:') || image.startsWith('localhost/');
  return fixed ? 'IfNotPresent' : 'Always';
}

function environmentOf(step: TemplateStep, order: BuildOrder, pool: PoolSettings): PodContainer['env'] {
  const input = step.input === null ? {} : { SLUICE_STEP: stepInput(step.input, order, pool) };
  // The daemon unpacks what it works on there, and its image has no other place.
  const place = step.security === 'daemon' ? { TMPDIR: volumePaths['buildkit-state'] } : {};
  const given = { ...repositoryEnvironment(step, order), ...place, ...input };
  return Object.entries(given).map(([name, value]) => ({ name, value }));
}

function repositoryEnvironment(step: TemplateStep, order: BuildOrder): Readonly<Record<string, string>> {
  const { content } = order.job;
  if (step.env === 'image') return order.image?.image.extraEnv ?? {};
  if (step.env === 'job' && content.template === 'run')
    return { CI: 'true', HOME: volumePaths.home, ...artifactsVariable(order), ...content.env };
  return {};
}

function artifactsVariable(order: BuildOrder): Readonly<Record<string, string>> {
  return takesFiles(order) ? { ARTIFACTS: volumePaths.artifacts } : {};
}

function mountsOf(step: TemplateStep, order: BuildOrder, pool: PoolSettings): PodContainer['volumeMounts'] {
  return step.mounts
    .filter(({ volume }) => needsVolume(volume, order, pool) && !(step.input === 'checkout' && isIdle(volume, order)))
    .map(({ volume, access }) => ({
      name: volume,
      mountPath: volumePaths[volume],
      ...(access === 'read' ? { readOnly: true } : {}),
    }));
}

/** The checkout writes to where the builder writes only where it has a container file to leave there. */
function isIdle(volume: VolumeName, { image }: BuildOrder): boolean {
  return volume === 'out' && (image?.replaced ?? []).length === 0;
}

/** Fetching and merging a large repository takes memory; none of our steps writes outside its volumes. */
const stepResources: PodContainer['resources'] = {
  requests: { cpu: '100m', memory: '256Mi', 'ephemeral-storage': '1Gi' },
  limits: { memory: '1Gi', 'ephemeral-storage': '6Gi' },
};

function resourcesOf({ job }: BuildOrder): PodContainer['resources'] {
  const { cpu, memory, ephemeralStorage } = job.resources;
  const kept = { memory, 'ephemeral-storage': ephemeralStorage };
  return { requests: { cpu, ...kept }, limits: kept };
}
