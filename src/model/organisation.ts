/** Name of the repository that holds what an organisation says of all of its repositories (config.md, "Where it lives" 3). */
export const organisationRepository = '.sluice';

/** The file at its root. */
export const organisationFile = 'sluice.yaml';

/** The file there that stands in for the one that a repository does not have. */
export function fileForRepository(name: string): string {
  return `repos/${name}.yaml`;
}
