import type { Knobs, WorldKind } from './knobs.ts';
import type { Planted } from './product.ts';
import type { Action } from './story.ts';

/** A change of one module's text; it must be found exactly once. */
export interface Patch {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export type Shows = (knobs: Knobs, story: readonly Action[]) => boolean;

/** A fault that the worlds must catch. */
export interface Mutant {
  readonly name: string;
  /** What is wrong, for people. */
  readonly what: string;
  /** The worlds that are to catch it. */
  readonly kind: WorldKind;
  /** Worlds in which it can show at all; the search leaves the others out. */
  readonly shows: Shows;
  readonly planted: Planted;
  readonly patches: readonly Patch[];
}
