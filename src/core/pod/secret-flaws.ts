import type { PodContainer, PodManifest } from '../../model/pod.ts';
import type { TrustClass } from '../../model/trust.ts';
import { type SecretRule, secretRuleOf } from './volumes.ts';

/** What a pod does with its secret volumes that the table of them (volumes.ts) does not allow; empty: nothing. */
export function secretFlaws(manifest: PodManifest, trust: TrustClass): readonly string[] {
  const { initContainers, containers, volumes } = manifest.spec;
  const held = volumes.flatMap(({ name }) => {
    const rule = secretRuleOf(name);
    return rule === null ? [] : holderFlaws(name, rule, manifest, trust);
  });
  const mounted = [
    ...initContainers.flatMap((each) => mountFlaws(each, true)),
    ...containers.flatMap((each) => mountFlaws(each, false)),
  ];
  return [...held, ...mounted];
}

function holderFlaws(
  volume: string,
  { container, only, untrusted }: SecretRule,
  { spec }: PodManifest,
  trust: TrustClass,
): readonly string[] {
  const all = [...spec.initContainers, ...spec.containers];
  const strange = all.filter(({ name }) => only !== null && !only.containers.includes(name));
  const isMounted = all.some(({ name, volumeMounts }) => name === container && volumeMounts.some(isOf(volume)));
  return [
    ...(trust === 'untrusted' && !untrusted ? [`the code is untrusted and its pod has the secret ${volume}`] : []),
    ...strange.map(({ name }) => `the secret ${volume} is only for ${only?.template}, which has no container ${name}`),
    ...(isMounted ? [] : [`the pod has the secret ${volume} and no container ${container} that mounts it`]),
  ];
}

function isOf(volume: string) {
  return (mount: PodContainer['volumeMounts'][number]): boolean => mount.name === volume;
}

function mountFlaws(each: PodContainer, init: boolean): readonly string[] {
  return each.volumeMounts.flatMap((mount) => {
    const rule = secretRuleOf(mount.name);
    if (rule === null) return [];
    if (!isStep(each, init, rule))
      return [`container ${each.name}: a secret is mounted outside our ${rule.container} step`];
    return mount.readOnly === true ? [] : [`container ${each.name}: a secret is mounted writable`];
  });
}

/** The step program of this very rule, with nothing to steer it by; or the job's own command, which may have what is meant for it. */
function isStep({ name, command, args }: PodContainer, init: boolean, rule: SecretRule): boolean {
  if (rule.image === 'job') return init === rule.init && name === rule.container;
  const said = command?.length === 2 && command[0] === '/sluice/step' && command[1] === rule.container;
  return init === rule.init && name === rule.container && said && args === undefined;
}
