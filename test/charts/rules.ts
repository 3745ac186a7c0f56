import type { Rendered } from './helm.ts';

/** A container as the rules look at it. */
interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly resources?: Readonly<Record<'requests' | 'limits', Readonly<Record<string, string>> | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was rendered
  readonly securityContext?: any;
}

/** A pod's spec as the rules look at it. */
export interface PodShape {
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly enableServiceLinks?: boolean;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was rendered
  readonly securityContext?: any;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
}

/** The pod that an object makes; null: it makes none. */
export function podOf({ kind, spec }: Rendered): PodShape | null {
  if (kind === 'Pod') return spec as PodShape;
  return (spec?.template?.spec as PodShape | undefined) ?? null;
}

/** Everything that is wrong with a rendered object, one sentence each. */
export function faultsOf(object: Rendered, buildNamespaces: readonly string[]): readonly string[] {
  const pod = podOf(object);
  const found = [
    ...placeFaults(object, buildNamespaces),
    ...openFaults(object),
    ...leftoverFaults(object),
    ...(pod === null ? [] : [...podFaults(pod), ...containersOf(pod).flatMap(containerFaults)]),
  ];
  return found.map((fault) => `${object.kind} ${object.metadata.name}: ${fault}`);
}

export function containersOf(pod: PodShape): readonly Container[] {
  return [...(pod.initContainers ?? []), ...pod.containers];
}

const rights = ['Role', 'RoleBinding', 'ResourceQuota', 'LimitRange'];

function placeFaults(object: Rendered, buildNamespaces: readonly string[]): string[] {
  const { kind, metadata } = object;
  if (kind === 'Namespace') return buildNamespaces.includes(metadata.name) ? [] : ['a namespace that is not of builds'];
  // It does nothing before it is bound.
  if (kind === 'ValidatingAdmissionPolicy') return [];
  if (kind === 'ValidatingAdmissionPolicyBinding') return bindingFaults(object, buildNamespaces);
  if (kind.startsWith('Cluster')) return ['it holds for the whole cluster'];
  const ofBuilds = buildNamespaces.includes(metadata.namespace ?? '');
  if (rights.includes(kind)) return ofBuilds ? [] : ['it is outside the namespaces of builds'];
  if (kind === 'NetworkPolicy' && ofBuilds) return [];
  return metadata.namespace === 'ci' ? [] : [`its namespace is ${metadata.namespace}`];
}

function bindingFaults({ spec }: Rendered, buildNamespaces: readonly string[]): string[] {
  const [first, ...more] = spec.matchResources?.namespaceSelector?.matchExpressions ?? [];
  const { key, operator, values = [] } = first ?? {};
  const isOurs = key === 'kubernetes.io/metadata.name' && operator === 'In' && more.length === 0;
  const strange = (values as string[]).filter((name) => !buildNamespaces.includes(name));
  return isOurs && strange.length === 0 ? [] : ['it holds for other namespaces than those of builds'];
}

const secretShapes = [/PRIVATE KEY/, /:\/\/[^/\s@]*:(?!\$\()[^/\s@]+@/, /"auth"\s*:/, /\bgh[pousr]_\w{10}/];

/** A secret in what everybody may read who may read the release. */
function openFaults(object: Rendered): string[] {
  if (object.kind === 'Secret') return ['credentials come by reference, never in a secret that the chart makes'];
  const text = JSON.stringify(object.data ?? {}) + JSON.stringify(podOf(object) ?? {});
  return secretShapes.filter((shape) => shape.test(text)).map((shape) => `it shows what looks like ${shape.source}`);
}

/** What `helm uninstall` would leave: it removes neither hooks nor what a StatefulSet claims. */
function leftoverFaults({ kind, metadata, spec }: Rendered): string[] {
  const { annotations = {} } = metadata;
  const isHook = annotations['helm.sh/hook'] !== undefined;
  const isRemoved = annotations['helm.sh/hook-delete-policy']?.includes('hook-succeeded') ?? false;
  const claims = kind === 'StatefulSet' && spec.volumeClaimTemplates !== undefined;
  const areRemoved = spec?.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete';
  return [
    ...(isHook && !isRemoved ? ['it stays when the release is uninstalled'] : []),
    ...(claims && !areRemoved ? ['its claims stay when the release is uninstalled'] : []),
  ];
}

const volumeKinds = ['configMap', 'emptyDir', 'projected', 'secret', 'persistentVolumeClaim'];

/** Pod Security "restricted", and what is ours to ask besides. */
function podFaults(pod: PodShape): string[] {
  const { securityContext: security = {}, volumes = [] } = pod;
  const kinds = volumes.flatMap((volume) => Object.keys(volume).filter((key) => key !== 'name'));
  return [
    ...(security.runAsNonRoot === true && security.runAsUser > 0 ? [] : ['it may run as root']),
    ...(security.seccompProfile?.type === 'RuntimeDefault' ? [] : ['no seccomp profile']),
    ...(pod.hostNetwork || pod.hostPID || pod.hostIPC ? ['it shares a namespace of the node'] : []),
    ...kinds.filter((kind) => !volumeKinds.includes(kind)).map((kind) => `a volume of kind ${kind}`),
    ...(pod.enableServiceLinks === false ? [] : ['Services add variables to its environment']),
    ...(pod.automountServiceAccountToken === undefined ? ['it is not said whether it has a token'] : []),
  ];
}

const secretName = /KEY|SECRET|PASSWORD|TOKEN|REDIS_URL/;

function containerFaults({ name, image, env = [], resources, securityContext: security = {} }: Container): string[] {
  const tag = /:([^/:@]+)(?:@|$)|@sha256:[0-9a-f]{64}$/.exec(image);
  const missing = [
    ...['cpu', 'memory', 'ephemeral-storage'].filter((each) => resources?.requests?.[each] === undefined),
    ...['memory', 'ephemeral-storage'].filter((each) => resources?.limits?.[each] === undefined),
  ];
  const open = env.filter(
    (each) => secretName.test(each.name) && each.value !== undefined && !/^\/|\$\([A-Z_]+\)/.test(each.value),
  );
  const { capabilities } = security;
  const isDropped = JSON.stringify(capabilities) === JSON.stringify({ drop: ['ALL'] });
  const faults = [
    ...(tag === null || tag[1] === 'latest' ? [`its image ${image} may be another one tomorrow`] : []),
    ...missing.map((each) => `no ${each} is asked for or limited`),
    ...(security.allowPrivilegeEscalation === false ? [] : ['it may gain privileges']),
    ...(security.readOnlyRootFilesystem === true ? [] : ['its root file system can be written']),
    ...(isDropped ? [] : ['it keeps capabilities']),
    ...(security.privileged === true || security.runAsUser === 0 ? ['it is privileged or root'] : []),
    ...open.map((each) => `${each.name} stands there openly`),
  ];
  return faults.map((fault) => `${name}: ${fault}`);
}
