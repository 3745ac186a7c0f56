import type { Attack } from './attack.ts';

/** One guard taken away, and the test that has to fail then. */
export interface Removal {
  readonly attack: Attack['id'];
  /** Of the product, seen from the root. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly from: string;
  /** What is left without the guard. It has to run; its types are not checked. */
  readonly to: string;
  /** One of those by which the table shows the attack. */
  readonly fails: Attack['shown'][number];
  /** Without the guard the test never ends: that is what the attack is for. */
  readonly neverEnds?: true;
}
