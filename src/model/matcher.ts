/** A name or path pattern, compiled where it was read. `source` is what the person wrote. */
export interface Matcher {
  readonly source: string;
  /** Tests the whole text (anchored, linear in time). */
  readonly matches: (text: string) => boolean;
}

/** The net change of a pull request or push; renames appear under both names. `unknown` when it could not be read whole. */
export type ChangedFiles =
  | { readonly known: true; readonly paths: readonly string[] }
  | { readonly known: false; readonly because: string };
