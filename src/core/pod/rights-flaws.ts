import type { ContainerSecurity, PodContainer, PodManifest } from '../../model/pod.ts';
import { builderCapabilities, ownerCapabilities, rootlessUser, stepUser } from './security.ts';

/** The container that BuildKit's daemon runs in. */
export const daemonName = 'buildkitd';

/** What a container may do that its place in the pod does not allow; empty: nothing. `ours`: it runs our step program. */
export function rightsFlaws(each: PodContainer, ours: boolean): readonly string[] {
  const { name, securityContext: rights } = each;
  if (name === daemonName) return ours ? ['a step of ours is no daemon'] : [];
  const isBuilder = name === 'build';
  const flaws: string[] = [];
  const added = rights.capabilities.add ?? [];
  const plain: readonly string[] = builderCapabilities;
  if (added.length > 0 && !isBuilder && !isOwner(each, ours)) flaws.push('only the builder is given capabilities');
  if (added.some((capability) => !plain.includes(capability))) flaws.push('only a daemon is given more than a builder');
  if (isOpen(rights)) flaws.push('only a daemon is unconfined');
  if (each.restartPolicy !== undefined || each.startupProbe !== undefined)
    flaws.push('only a daemon runs beside the steps after it');
  if (!isBuilder && !isReader(each, ours) && !isOwner(each, ours) && !isUser(rights, stepUser))
    flaws.push('only the builder is root');
  if (ours && !isBuilder && rights.readOnlyRootFilesystem !== true) flaws.push('a step of ours has a read-only root');
  if (ours && !isBuilder && rights.allowPrivilegeEscalation) flaws.push('a step of ours gains no rights');
  return flaws;
}

function isUser({ runAsUser, runAsGroup, runAsNonRoot }: ContainerSecurity, user: number): boolean {
  return runAsUser === user && runAsGroup === user && runAsNonRoot === (user !== 0);
}

function isOpen({ seccompProfile, appArmorProfile, procMount }: ContainerSecurity): boolean {
  return seccompProfile.type === 'Unconfined' || appArmorProfile !== undefined || procMount !== undefined;
}

/** Reads what the builder left for root alone, or speaks to its daemon: without any capability and with nothing to write to. */
function isReader({ name, securityContext }: PodContainer, ours: boolean): boolean {
  if (ours) return name === 'measure' || name === 'upload';
  const isClient = name === 'stages' && securityContext.readOnlyRootFilesystem === true;
  return isClient && (isUser(securityContext, 0) || isUser(securityContext, rootlessUser));
}

/** Gives the context to root, and can nothing but that. */
function isOwner({ name, securityContext }: PodContainer, ours: boolean): boolean {
  const allowed: readonly string[] = ownerCapabilities;
  return ours && name === 'own' && (securityContext.capabilities.add ?? []).every((each) => allowed.includes(each));
}

/** The daemon's rights, which are more than *baseline*, hold in a user namespace alone, and it has nothing of the project's (builders.md §7a). */
export function daemonFlaws({ spec }: PodManifest): readonly string[] {
  const all = [...spec.initContainers, ...spec.containers];
  return all
    .filter(({ name }) => name === daemonName)
    .flatMap((each) => {
      const { securityContext: rights, volumeMounts } = each;
      const flaws: string[] = [];
      if (!spec.initContainers.includes(each) || each.restartPolicy !== 'Always' || each.startupProbe === undefined)
        flaws.push('it runs beside the steps after it');
      const isRootless = isUser(rights, rootlessUser) && !(rights.capabilities.add ?? []).includes('SYS_ADMIN');
      if (!isRootless && spec.hostUsers !== false) flaws.push('it is root outside of a user namespace');
      const strange = volumeMounts.filter(({ name }) => name !== 'buildkit' && name !== 'buildkit-state');
      return [...flaws, ...strange.map(({ name }) => `it mounts ${name}`)];
    })
    .map((words) => `container ${daemonName}: ${words}`);
}
