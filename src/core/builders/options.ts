/** The closed list of what an image build can be asked for; each builder translates all of it (design.md §6). */
export interface BuilderOptions {
  /** Absolute path of the checkout. */
  readonly root: string;
  /** Folder below it, `.` for itself. */
  readonly context: string;
  /** From the root of the checkout. */
  readonly containerFile: string;
  /** Absolute path of the same file with lines replaced by `from` rules, where it is built instead; null: as it is. */
  readonly rewritten: string | null;
  /** Null: the last stage, and every other stage is built too. */
  readonly target: string | null;
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** `os/arch`; null: the builder's own. */
  readonly platform: string | null;
  /** `from=to`. */
  readonly registryMaps: readonly string[];
  readonly insecureRegistries: readonly string[];
  /** Absolute path of the OCI layout to leave. */
  readonly layout: string;
}

/** Absolute path of the file that is built. */
export function builtFile({ root, containerFile, rewritten }: BuilderOptions): string {
  return rewritten ?? below(root, containerFile);
}

/** Absolute path of something below a folder; `.` is the folder itself. */
export function below(folder: string, path: string): string {
  return path === '.' ? folder : `${folder}/${path}`;
}

/** `NAME=value` pairs, each behind the option, in the order of the names: the same options give the same words. */
export function pairs(option: string, values: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(values)
    .sort()
    .map((name) => `${option}=${name}=${values[name]}`);
}
