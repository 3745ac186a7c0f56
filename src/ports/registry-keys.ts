import type { RegistryCaller } from '../model/registry.ts';

/** Small files for the uploader's secret volume, by name: `config.json` in the form that Docker gave it. */
export type RegistryFiles = Readonly<Record<string, string>>;

/** Who may speak to which registry: the operator's credentials, each bound to repositories, projects, branches and uses (images.md §4). */
export interface RegistryKeys {
  /** Why this caller may not, as a sentence that says which binding is missing; null: it may. Asks nobody. */
  whyNot(repository: string, caller: RegistryCaller): string | null;
  /**
   * What a pod needs to speak to this one repository in the caller's name, read now and not kept. Throws `RegistryTrouble`
   * (`denied`) where `whyNot` has a reason, or where the source cannot be read.
   */
  filesFor(repository: string, caller: RegistryCaller): Promise<RegistryFiles>;
}
