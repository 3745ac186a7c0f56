import type { BuildkitSettings } from '../../model/order.ts';
import type { ContainerSecurity } from '../../model/pod.ts';
import type { SecurityProfile } from './job-template.ts';

/** User and group of everything of ours that needs no root. */
export const stepUser = 65532;

/** What kaniko needs of root, and no more (builders.md:40); all of them are in the runtime's default set. */
export const builderCapabilities = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID', 'SETFCAP', 'KILL'] as const;

/** What our step needs that gives the context to root. */
export const ownerCapabilities = ['CHOWN'] as const;

/** `escalation` counts only where code of the repository runs; a step of ours never gets it. */
export function securityOf(
  profile: SecurityProfile,
  escalation: boolean,
  form: BuildkitSettings['form'] = 'user-namespace',
): ContainerSecurity {
  const seccompProfile = { type: 'RuntimeDefault' } as const;
  const user = { runAsUser: stepUser, runAsGroup: stepUser, runAsNonRoot: true };
  switch (profile) {
    case 'step':
      return {
        ...user,
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        seccompProfile,
        capabilities: { drop: ['ALL'] },
      };
    // Kaniko writes its layout for root's eyes only; root without any capability reads just what is its own.
    case 'reader':
      return {
        runAsUser: 0,
        runAsGroup: 0,
        runAsNonRoot: false,
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        seccompProfile,
        capabilities: { drop: ['ALL'] },
      };
    // Gives away what is another user's, and can do nothing else that a reader cannot.
    case 'owner':
      return { ...securityOf('reader', false), capabilities: { drop: ['ALL'], add: ownerCapabilities } };
    case 'daemon':
      return daemonRights(form);
    // Speaks to the daemon, which is of the same user, and writes what that built.
    case 'client': {
      const id = form === 'rootless' ? rootlessUser : 0;
      return {
        runAsUser: id,
        runAsGroup: id,
        runAsNonRoot: form === 'rootless',
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        seccompProfile,
        capabilities: { drop: ['ALL'] },
      };
    }
    case 'command':
      return { ...user, allowPrivilegeEscalation: escalation, seccompProfile, capabilities: { drop: ['ALL'] } };
    case 'builder':
      return {
        runAsUser: 0,
        runAsGroup: 0,
        runAsNonRoot: false,
        allowPrivilegeEscalation: escalation,
        seccompProfile,
        capabilities: { drop: ['ALL'], add: builderCapabilities },
      };
  }
}

/** As the builder's own rootless image has it. */
export const rootlessUser = 1000;

/** What the daemon's nested containers are given by default, and what it makes them with: in a namespace of the pod's own. */
export const daemonCapabilities = [
  'SYS_ADMIN',
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'NET_RAW',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
] as const;

/** More than *baseline* allows (builders.md §7a): the namespace is of level privileged, and admits this shape alone. */
function daemonRights(form: BuildkitSettings['form']): ContainerSecurity {
  const unconfined = { type: 'Unconfined' } as const;
  const open = { seccompProfile: unconfined, appArmorProfile: unconfined };
  if (form === 'rootless')
    return {
      runAsUser: rootlessUser,
      runAsGroup: rootlessUser,
      runAsNonRoot: true,
      // newuidmap is another user's program.
      allowPrivilegeEscalation: true,
      ...open,
      capabilities: { drop: ['ALL'], add: ['SETGID', 'SETUID'] },
    };
  return {
    runAsUser: 0,
    runAsGroup: 0,
    runAsNonRoot: false,
    allowPrivilegeEscalation: true,
    ...open,
    procMount: 'Unmasked',
    capabilities: { drop: ['ALL'], add: daemonCapabilities },
  };
}

const steering =
  /^(?:PATH|HOME|SHELL|IFS|BASH_ENV|ENV|NODE_OPTIONS|DOCKER_CONFIG|REGISTRY_AUTH_FILE|(?:LD|DYLD|GIT|KANIKO|SLUICE|BUILDAH|CONTAINERS|STORAGE|BUILDKIT|BUILDCTL|ROOTLESSKIT|XDG|OTEL)_.*)$/;

/** False for what turns a builder into another program or leads it elsewhere: never from a repository (intake A11). */
export function isBuilderVariable(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name) && !steering.test(name);
}
