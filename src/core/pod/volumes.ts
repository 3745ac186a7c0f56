/**
 * Every volume that a pod of ours may have, and its one place. All lie below `/.sluice/`: kaniko leaves mount points out of the
 * image, so that a Dockerfile which writes to one would lose its files (builders.md:48).
 */
export const volumePaths = {
  src: '/.sluice/src',
  out: '/.sluice/out',
  home: '/.sluice/home',
  buildkit: '/.sluice/buildkit',
  'buildkit-state': '/.sluice/buildkit-state',
  'git-token': '/.sluice/git',
  registry: '/.sluice/registry',
  'registry-promote': '/.sluice/registry-promote',
  secrets: '/.sluice/secrets',
  artifacts: '/.sluice/artifacts',
  'registry-keep': '/.sluice/registry-keep',
  'registry-take': '/.sluice/registry-take',
} as const;

export type VolumeName = keyof typeof volumePaths;

/** Who may see one secret volume. */
export interface SecretRule {
  /** The only container that may mount it, by its name and the step program that it runs. */
  readonly container: string;
  /** `step`: our own program in our own image; `job`: the command of the job, for what is meant for it. */
  readonly image: 'step' | 'job';
  /** Whether it runs before the others, or is the pod's main container. */
  readonly init: boolean;
  /** The only template whose pods have it, and all containers that such a pod may have; null: any. */
  readonly only: { readonly template: string; readonly containers: readonly string[] } | null;
  /** Whether a pod of code that nobody approved may have it at all. */
  readonly untrusted: boolean;
}

/** All volumes whose content is secret (design.md §6 "Credentials never share a container with a build"). */
export const secretVolumes = {
  'git-token': { container: 'checkout', image: 'step', init: true, only: null, untrusted: true },
  registry: {
    container: 'upload',
    image: 'step',
    init: false,
    only: { template: 'upload-image', containers: ['checkout', 'own', 'buildkitd', 'stages', 'build', 'upload'] },
    untrusted: false,
  },
  'registry-promote': {
    container: 'promote',
    image: 'step',
    init: false,
    only: { template: 'promote-image', containers: ['promote'] },
    untrusted: false,
  },
  // The operator grants them to code that was approved, and to that alone.
  secrets: {
    container: 'command',
    image: 'job',
    init: false,
    only: { template: 'run', containers: ['checkout', 'take', 'command'] },
    untrusted: false,
  },
  'registry-keep': {
    container: 'keep',
    image: 'step',
    init: false,
    only: { template: 'run', containers: ['checkout', 'take', 'command', 'keep'] },
    untrusted: false,
  },
  // What untrusted code kept would reach code with more rights, and the other way round: it neither keeps nor takes.
  'registry-take': {
    container: 'take',
    image: 'step',
    init: true,
    only: { template: 'run', containers: ['checkout', 'take', 'command', 'keep'] },
    untrusted: false,
  },
} as const satisfies Partial<Record<VolumeName, SecretRule>>;

export type SecretVolume = keyof typeof secretVolumes;

/** The file of `git-token` for the project itself. */
export const tokenFile = 'token';

export const volumeNames = Object.keys(volumePaths) as readonly VolumeName[];

export function isSecretVolume(name: string): name is SecretVolume {
  return Object.hasOwn(secretVolumes, name);
}

/** Null for a volume that is no secret. */
export function secretRuleOf(name: string): SecretRule | null {
  return isSecretVolume(name) ? secretVolumes[name] : null;
}
