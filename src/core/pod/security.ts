import type { ContainerSecurity } from '../../model/pod.ts';
import type { SecurityProfile } from './job-template.ts';

/** User and group of everything of ours that needs no root. */
export const stepUser = 65532;

/** What kaniko needs of root, and no more (builders.md:40); all of them are in the runtime's default set. */
export const builderCapabilities = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID', 'SETFCAP', 'KILL'] as const;

/** `escalation` counts only where code of the repository runs; a step of ours never gets it. */
export function securityOf(profile: SecurityProfile, escalation: boolean): ContainerSecurity {
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

const steering =
  /^(?:PATH|HOME|SHELL|IFS|BASH_ENV|ENV|NODE_OPTIONS|DOCKER_CONFIG|REGISTRY_AUTH_FILE|(?:LD|DYLD|GIT|KANIKO|SLUICE|BUILDAH|CONTAINERS|STORAGE)_.*)$/;

/** False for what turns a builder into another program or leads it elsewhere: never from a repository (intake A11). */
export function isBuilderVariable(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name) && !steering.test(name);
}
