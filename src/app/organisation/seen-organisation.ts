import type { Organisation } from '../../config/organisation/parse-organisation.ts';
import type { NoOrganisation } from '../../config/organisation/put-together.ts';
import type { ConfigProblem } from '../../model/config.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';

/** An organisation's own repository, as it was read. */
export interface SeenOrganisation {
  readonly kind: 'seen';
  readonly project: Project;
  /** The newest commit of its default branch whose file is valid: what counts. */
  readonly commit: Sha;
  readonly organisation: Organisation;
  /** A newer one whose file is not; null: there is none. */
  readonly broken: BrokenTip | null;
}

export interface BrokenTip {
  readonly commit: Sha;
  readonly problems: readonly ConfigProblem[];
}

/** What is known of the organisation of a project; `broken`: its file is invalid, and was never valid as far as anybody looked. */
export type OrganisationState = SeenOrganisation | (NoOrganisation & { readonly broken: BrokenTip | null });

/** What organisations say of their repositories: always from the default branch of their own repository, never from a change. */
export interface Organisations {
  /** What counts now, as far as the clone knows the branch. Throws when it cannot be read and never was. */
  of(project: Project): Promise<OrganisationState>;
  /** The same by an earlier commit, of which a valid file was seen. */
  at(project: Project, commit: Sha): Promise<OrganisationState>;
  /** As the forge showed them when it last listed the project. */
  topicsOf(project: Project): Promise<readonly string[]>;
}
