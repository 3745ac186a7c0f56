import type { BuildOrder, PoolSettings } from '../../model/order.ts';
import type { PodManifest, PodSpec, PodVolume } from '../../model/pod.ts';
import { keepsFiles, takesFiles } from './artifacts.ts';
import type { JobLibrary, JobTemplate, TemplateStep } from './job-template.ts';
import { annotationsFor, labelsFor } from './labels.ts';
import { needsVolume } from './needs-volume.ts';
import { renderContainer } from './render-container.ts';
import { rootlessUser, stepUser } from './security.ts';
import { needsToken } from './siblings.ts';
import { validatePod } from './validate-pod.ts';
import { isSecretVolume, type VolumeName } from './volumes.ts';
import { whyNotRender } from './why-not-render.ts';

/** How much longer the runtime waits than we do: our own timeout speaks first and says more. */
const deadlineMargin = 120;

/**
 * The pod of one Build, the same for the same order on any worker (builders.md §5). Texts in it are literal: Kubernetes would
 * replace `$(NAME)` and `$$` in command, args and env, so its adapter doubles every `$`. Throws with the reason where
 * `whyNotRender` has one, and when the pod would break a rule of `validatePod`.
 */
export function renderPod(order: BuildOrder, pool: PoolSettings, library: JobLibrary): PodManifest {
  const reason = whyNotRender(order, pool, library);
  const template = library.get(order.job.content.template);
  if (reason !== null || template === undefined) throw new Error(`no pod for ${order.build.id}: ${reason}`);
  const manifest: PodManifest = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: order.build.id,
      labels: labelsFor(order, pool.owner),
      annotations: annotationsFor(order),
    },
    spec: renderSpec(template, order, pool),
  };
  const broken = validatePod(manifest, order.build.trust);
  if (broken.length > 0) throw new Error(`the pod of ${order.build.id} would break a rule: ${broken.join('; ')}`);
  return manifest;
}

function renderSpec(template: JobTemplate, order: BuildOrder, pool: PoolSettings): PodSpec {
  const steps = template.steps.filter((step) => belongs(step, order, pool));
  const containers = steps.map((step) => renderContainer(step, order, pool));
  return {
    restartPolicy: 'Never',
    activeDeadlineSeconds: order.job.timeoutSeconds + deadlineMargin,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...hostUsersOf(steps, pool),
    terminationGracePeriodSeconds: 30,
    ...nodeSelectorOf(order, pool),
    ...(pool.runtimeClassName === null ? {} : { runtimeClassName: pool.runtimeClassName }),
    // Lets what is not root read its secret.
    securityContext: readsSecrets(order, pool) ? { fsGroup: groupOf(pool) } : {},
    initContainers: containers.slice(0, -1),
    containers: containers.slice(-1),
    volumes: volumesOf(steps, order, pool),
  };
}

function belongs({ builder, only }: TemplateStep, order: BuildOrder, pool: PoolSettings): boolean {
  if (only === 'takes' && !takesFiles(order)) return false;
  if (only === 'keeps' && !keepsFiles(order)) return false;
  return builder === null || builder === pool.builder;
}

/** What must be readable for what is not root. */
function readsSecrets(order: BuildOrder, pool: PoolSettings): boolean {
  if (needsToken(order) || order.promote !== undefined) return true;
  return (['secrets', 'registry-keep', 'registry-take'] as const).some((volume) => needsVolume(volume, order, pool));
}

/** The group of the pod's volumes, which every container of it is in. A daemon that is a plain user can hand on only its own. */
function groupOf({ buildkit }: PoolSettings): number {
  return buildkit?.form === 'rootless' ? rootlessUser : stepUser;
}

/** Where the daemon is root of a user namespace, that must be one of the pod's own. */
function hostUsersOf(steps: readonly TemplateStep[], pool: PoolSettings): { hostUsers?: boolean } {
  const isOwn = pool.buildkit?.form === 'user-namespace' && steps.some(({ security }) => security === 'daemon');
  if (isOwn) return { hostUsers: false };
  return pool.hostUsers === null ? {} : { hostUsers: pool.hostUsers };
}

/** A platform is a node's: there is no emulation (builders.md:30). What the platform says counts above the pool. */
function nodeSelectorOf({ image }: BuildOrder, pool: PoolSettings): { nodeSelector?: Record<string, string> } {
  const [os, arch] = image?.platform?.split('/') ?? [];
  const platform = os === undefined || arch === undefined ? {} : { 'kubernetes.io/os': os, 'kubernetes.io/arch': arch };
  const nodeSelector = { ...pool.nodeSelector, ...platform };
  return Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector };
}

function volumesOf(steps: readonly TemplateStep[], order: BuildOrder, pool: PoolSettings): readonly PodVolume[] {
  const used = [...new Set(steps.flatMap((step) => step.mounts.map(({ volume }) => volume)))];
  return used.flatMap((name) => volumeOf(name, order, pool));
}

function volumeOf(name: VolumeName, order: BuildOrder, pool: PoolSettings): readonly PodVolume[] {
  if (!needsVolume(name, order, pool)) return [];
  if (isSecretVolume(name)) return [{ name, secret: { secretName: `${order.build.id}-${name}`, defaultMode: 0o440 } }];
  const sizeLimit = name === 'src' ? '5Gi' : order.job.resources.ephemeralStorage;
  return [{ name, emptyDir: { sizeLimit } }];
}
