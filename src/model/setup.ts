import type { Project } from './project.ts';
import type { LandingMethod } from './queue.ts';

/** A level of a permission, as the forge names it. */
export type PermissionLevels = Readonly<Record<string, string>>;

/** The App as it is installed on one repository; null fields: the forge does not say. */
export interface InstalledApp {
  /** The page where the App's permissions are changed, and the one where the installation accepts them. */
  readonly pages: { readonly app: string; readonly installation: string };
  /** What the App asks for, and what this installation was given. */
  readonly asked: PermissionLevels;
  readonly granted: PermissionLevels;
  readonly isOrganization: boolean;
  readonly archived: boolean;
  /** Which methods the merge button of the repository has. */
  readonly merges: Readonly<Record<LandingMethod, boolean | null>>;
  readonly autoMerge: boolean | null;
  readonly project: Project;
}

/** What the App's own credentials show of it and of one repository. */
export type SetupReading = { readonly app: { readonly id: number; readonly slug: string; readonly page: string } } & (
  | { readonly kind: 'not-installed' }
  | { readonly kind: 'suspended'; readonly page: string }
  | { readonly kind: 'installed'; readonly installed: InstalledApp }
);

/** One thing that was tried on a scratch branch. */
export interface ProofStep {
  readonly what: 'create' | 'begin-ledger' | 'land' | 'stale-branch' | 'stale-ledger' | 'read-back' | 'remove';
  readonly held: boolean;
  /** In the words of git and the forge. */
  readonly because: string;
}

/** What a landing would need of one branch, and whether it has it. */
export interface SetupPoint {
  readonly about:
    | 'app'
    | 'permission'
    | 'branch'
    | 'configuration'
    | 'ledger'
    | 'rule'
    | 'gate-check'
    | 'method'
    | 'auto-merge'
    | 'scratch';
  /** `stop`: nothing can land so. `look`: it can, and a person should know. */
  readonly verdict: 'fine' | 'look' | 'stop';
  /** `done`: it was tried; `read`: the forge or the repository says so. */
  readonly shown: 'read' | 'done';
  /** What is so, and what to do about it. */
  readonly says: string;
}
