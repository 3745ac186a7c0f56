import type { SecretCaller } from '../model/job-secret.ts';

/** The operator's named secrets for jobs, each granted to projects, branches and pipelines. */
export interface JobSecrets {
  /** Why this caller may not have it, as a sentence that says which grant is missing; null: it may. Reads nothing. */
  whyNot(name: string, caller: SecretCaller): string | null;
  /** What it holds now, kept nowhere. Throws where `whyNot` has a reason, and where it cannot be read. */
  read(name: string, caller: SecretCaller): Promise<string>;
  /** What these names hold now, to be masked in logs; names that are not known are left out. Throws where one cannot be read. */
  valuesOf(names: readonly string[]): Promise<readonly string[]>;
}
