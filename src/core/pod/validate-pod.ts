import type { PodContainer, PodManifest } from '../../model/pod.ts';
import type { TrustClass } from '../../model/trust.ts';
import { looksLikeCredential } from './credential-like.ts';
import { differences, list, map, number, object, type Shape, text, value } from './pod-shape.ts';
import { daemonFlaws, daemonName, rightsFlaws } from './rights-flaws.ts';
import { secretFlaws } from './secret-flaws.ts';
import { builderCapabilities, daemonCapabilities, isBuilderVariable, rootlessUser, stepUser } from './security.ts';
import { resultPath } from './step-input.ts';
import { isSecretVolume, volumeNames, volumePaths } from './volumes.ts';

const name = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const labelKey = /^(?:[a-z0-9.-]{1,253}\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const label = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;
const quantity = text(/^\d{1,16}(?:\.\d{1,3})?(?:m|Ki|Mi|Gi|Ti|k|M|G|T)?$/);
const anything = text(/^[^\0]*$/s);
/** Containers whose program reads the repository's container file. */
const builders = ['build', 'stages', daemonName];
const week = 7 * 24 * 3600;

const security = object(
  {
    runAsUser: value(0, stepUser, rootlessUser),
    runAsGroup: value(0, stepUser, rootlessUser),
    runAsNonRoot: value(true, false),
    allowPrivilegeEscalation: value(true, false),
    seccompProfile: object({ type: value('RuntimeDefault', 'Unconfined') }),
    capabilities: object(
      { drop: list(value('ALL'), 1) },
      { add: list(value(...builderCapabilities, ...daemonCapabilities)) },
    ),
  },
  {
    readOnlyRootFilesystem: value(true, false),
    appArmorProfile: object({ type: value('Unconfined') }),
    procMount: value('Unmasked'),
  },
);

const container = object(
  {
    name: text(name),
    image: text(/^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,511}$/),
    env: list(object({ name: text(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/), value: anything })),
    volumeMounts: list(object({ name: value(...volumeNames), mountPath: anything }, { readOnly: value(true, false) })),
    terminationMessagePath: value(resultPath),
    terminationMessagePolicy: value('File'),
    securityContext: security,
    resources: object({
      requests: object({ cpu: quantity, memory: quantity, 'ephemeral-storage': quantity }),
      limits: object({ memory: quantity, 'ephemeral-storage': quantity }, { cpu: quantity }),
    }),
  },
  {
    imagePullPolicy: value('IfNotPresent', 'Never', 'Always'),
    command: list(anything),
    args: list(anything),
    workingDir: value(volumePaths.src),
    restartPolicy: value('Always'),
    startupProbe: object({
      exec: object({ command: list(text(/^[A-Za-z0-9=:/._-]+$/), 1) }),
      periodSeconds: number(1, 60),
      timeoutSeconds: number(1, 60),
      failureThreshold: number(1, 600),
    }),
  },
);

const volume = object(
  { name: value(...volumeNames) },
  {
    emptyDir: object({}, { sizeLimit: quantity }),
    secret: object({ secretName: text(/^[a-z0-9](?:[-a-z0-9]{0,251}[a-z0-9])?$/), defaultMode: value(0o440) }),
  },
);

const pod: Shape = object({
  apiVersion: value('v1'),
  kind: value('Pod'),
  metadata: object({ name: text(name), labels: map(labelKey, text(label)), annotations: map(labelKey, anything) }),
  spec: object(
    {
      restartPolicy: value('Never'),
      activeDeadlineSeconds: number(1, week),
      automountServiceAccountToken: value(false),
      enableServiceLinks: value(false),
      terminationGracePeriodSeconds: number(0, 600),
      securityContext: object({}, { fsGroup: value(stepUser, rootlessUser) }),
      initContainers: list(container),
      containers: list(container, 1),
      volumes: list(volume),
    },
    {
      hostUsers: value(true, false),
      nodeSelector: map(labelKey, text(label)),
      runtimeClassName: text(name),
    },
  ),
});

/**
 * Every rule that a manifest breaks; empty: none. A closed list of fields and values, so that whatever it does not name (hostPath,
 * hostNetwork, privileged, a service account, an ephemeral container) is refused: stricter than Pod Security *baseline*
 * (intake-faults-attacks.md §4, A28).
 */
export function validatePod(manifest: PodManifest, trust: TrustClass): readonly string[] {
  const shape = differences(manifest, pod);
  if (shape.length > 0) return shape.map((words) => words.replace(/^\./, ''));
  return [
    ...trustFlaws(manifest, trust),
    ...nameFlaws(manifest),
    ...volumeFlaws(manifest),
    ...secretFlaws(manifest, trust),
    ...allContainers(manifest).flatMap(containerFlaws),
    ...daemonFlaws(manifest),
    ...(trust === 'untrusted' ? credentialFlaws(manifest) : []),
  ];
}

// By what it holds: a variable of this name may be meant for a test, and the name of a true one is anybody's choice.
function credentialFlaws(manifest: PodManifest): readonly string[] {
  return allContainers(manifest).flatMap(({ name, env, args }) => [
    ...env
      .filter((entry) => looksLikeCredential(entry.value))
      .map((entry) => `container ${name}: ${entry.name} holds what looks like a credential, and the code is untrusted`),
    ...(args ?? [])
      .filter(looksLikeCredential)
      .map(() => `container ${name}: an argument holds what looks like a credential, and the code is untrusted`),
  ]);
}

function allContainers({ spec }: PodManifest): readonly PodContainer[] {
  return [...spec.initContainers, ...spec.containers];
}

function trustFlaws({ metadata }: PodManifest, trust: TrustClass): readonly string[] {
  const said = metadata.labels['sluice.dev/trust'];
  return said === trust ? [] : [`the label sluice.dev/trust says ${said}, and the code is ${trust}`];
}

function nameFlaws(manifest: PodManifest): readonly string[] {
  const names = allContainers(manifest).map((each) => each.name);
  const volumes = manifest.spec.volumes.map((each) => each.name);
  return [
    ...repeated(names).map((each) => `two containers are called ${each}`),
    ...repeated(volumes).map((each) => `two volumes are called ${each}`),
  ];
}

function repeated(names: readonly string[]): readonly string[] {
  return names.filter((each, index) => names.indexOf(each) !== index);
}

function volumeFlaws(manifest: PodManifest): readonly string[] {
  const { volumes } = manifest.spec;
  const kinds = volumes.flatMap((each) => {
    const isSecret = isSecretVolume(each.name);
    const right = isSecret ? each.secret && !each.emptyDir : each.emptyDir && !each.secret;
    return right ? [] : [`volume ${each.name} must be ${isSecret ? 'a secret' : 'an emptyDir'} and nothing else`];
  });
  const mounts = allContainers(manifest).flatMap((each) => each.volumeMounts);
  const lost = mounts.filter((mount) => !volumes.some((each) => each.name === mount.name));
  return [...kinds, ...lost.map((mount) => `the volume ${mount.name} is mounted and not there`)];
}

function containerFlaws(each: PodContainer): readonly string[] {
  const ours = each.command?.[0] === '/sluice/step';
  const flaws = [...mountFlaws(each), ...rightsFlaws(each, ours)];
  const variables = each.env.filter((entry) => !mayBeSet(entry.name, each.name, ours));
  return [...flaws, ...variables.map((entry) => `the environment variable ${entry.name} may not be set`)].map(
    (words) => `container ${each.name}: ${words}`,
  );
}

function mayBeSet(variable: string, container: string, ours: boolean): boolean {
  if (ours) return variable === 'SLUICE_STEP';
  if (container === daemonName && variable === 'TMPDIR') return true;
  return !builders.includes(container) || isBuilderVariable(variable);
}

function mountFlaws(each: PodContainer): readonly string[] {
  return each.volumeMounts.flatMap((mount) => {
    const place = Object.entries(volumePaths).find(([known]) => known === mount.name)?.[1];
    return mount.mountPath === place
      ? []
      : [`${mount.name} is mounted on ${mount.mountPath}, only ${place} is allowed`];
  });
}
