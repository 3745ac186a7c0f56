import type { PipelineName } from './job.ts';
import type { NamePattern } from './registry-rule.ts';

/** On whose behalf a secret is asked for: grants are bound to projects, branches and pipelines. */
export interface SecretCaller {
  /** Id of the project. */
  readonly project: number;
  /** `owner/name` as the forge says it now. */
  readonly fullName: string;
  readonly branch: string;
  readonly pipeline: PipelineName;
}

/** Where a secret is read from each time a job gets it. */
export type SecretSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'env'; readonly name: string };

/** One named secret of the operator, and which jobs may have it. */
export interface SecretRule {
  readonly name: string;
  /** Numeric ids, which renaming leaves as they are, or full names in lower case. */
  readonly projects: readonly (number | NamePattern)[];
  readonly branches: readonly NamePattern[];
  /** `presubmit` is never among them. */
  readonly pipelines: readonly PipelineName[];
  readonly from: SecretSource;
}
