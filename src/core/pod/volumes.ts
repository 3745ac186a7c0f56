/**
 * Every volume that a pod of ours may have, and its one place. All lie below `/.sluice/`: kaniko leaves mount points out of the
 * image, so that a Dockerfile which writes to one would lose its files (builders.md:48).
 */
export const volumePaths = {
  src: '/.sluice/src',
  out: '/.sluice/out',
  home: '/.sluice/home',
  'git-token': '/.sluice/git',
} as const;

export type VolumeName = keyof typeof volumePaths;

/** The one volume whose content is secret, and the only container that may mount it. */
export const secretVolume = { name: 'git-token', container: 'checkout', file: 'token' } as const;

export const volumeNames = Object.keys(volumePaths) as readonly VolumeName[];
