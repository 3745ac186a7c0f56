/** Where an attack is tried: the test file below `test/` and the title as it is written there. */
type Shown = readonly [file: string, title: string];
/** What refuses it: a file of the product and a word of it without which there is no guard. */
type Guard = readonly [file: string, symbol: string];

export interface Attack {
  readonly id: `A${number}`;
  readonly what: string;
  /** `rendered`: what we hand to a cluster is tried, not the cluster; `cluster` and `podman` tests need one to run. */
  readonly tier?: 'rendered' | 'cluster' | 'podman';
  readonly shown: readonly Shown[];
  readonly guards: readonly Guard[];
  /** What the tests do not show though the attack is tried. */
  readonly limits?: string;
  /** Why it is not tried, though parts of the guard may be shown above. */
  readonly notYet?: string;
}
