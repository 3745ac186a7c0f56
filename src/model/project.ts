/** A repository we act on. Numeric ids decide (a rename keeps them, a new repository of the same name does not). */
export interface Project {
  /** GitHub's numeric repository id. */
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly private: boolean;
  readonly defaultBranch: string;
  /** Numeric id of the App installation through which we see it. */
  readonly installation: number;
  /** The URL that git clones from, without credentials. */
  readonly cloneUrl: string;
  /** As the forge shows them; left out: none. */
  readonly topics?: readonly string[];
}

/** `owner/name`, for people to read; never for identity. */
export function fullName(project: Pick<Project, 'owner' | 'name'>): string {
  return `${project.owner}/${project.name}`;
}
