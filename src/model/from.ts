/** One entry of `from:` of an image: which bases of its container file are replaced, and by what (flavours-from-promotion.md §3A). */
export interface FromRule {
  /** A glob on the image that a line names, as written. */
  readonly match: string;
  readonly use: FromUse;
}

/** What stands there instead. References may name `{{ values }}`. */
export type FromUse =
  | { readonly kind: 'reference'; readonly reference: string }
  /** The stream's name may name values; `streams` are those that it can come to. */
  | { readonly kind: 'stream'; readonly stream: string; readonly streams: Readonly<Record<string, string>> }
  /** Another image of the same file, as it is published. */
  | { readonly kind: 'image'; readonly image: string; readonly reference: string };

/** One line of a container file that is built otherwise than it is written; every other byte and the count of lines stay. */
export interface ReplacedLine {
  /** From 1. */
  readonly line: number;
  /** Without its line feed. */
  readonly was: string;
  readonly becomes: string;
  /** Which rule, and what it says, in words. */
  readonly because: string;
}
