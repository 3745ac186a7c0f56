/** How a change of a queue stands, coarsely: it chooses the colour, the words say more. */
export type BoardState = 'waiting' | 'testing' | 'passed' | 'landing' | 'failed' | 'held';

export interface BoardChange {
  /** As `#1`, or `owner/name#1` where several projects share the queue. */
  readonly name: string;
  readonly title: string;
  readonly author: string;
  readonly lane: string;
  /** The pull request; null: its address is not known. */
  readonly url: string | null;
  readonly state: BoardState;
  readonly stands: string;
  /** What its candidate stands on: the branch, then names of changes in order; null: it has none. */
  readonly testedOn: readonly string[] | null;
  /** Its other candidates, for when what is ahead turns out otherwise than is thought. */
  readonly besides: readonly { readonly testedOn: readonly string[]; readonly state: BoardState }[];
  readonly jobs: readonly {
    readonly name: string;
    readonly state: string;
    readonly required: boolean;
    readonly log: string | null;
  }[];
  /** What it waits for, or what is missing, as its author was told. */
  readonly missing: readonly string[];
  /** When it may land, as its author was told; null: nothing is said of it. */
  readonly eta: string | null;
}

/** One queue, as the status page shows it. */
export interface QueueBoard {
  readonly repository: string;
  readonly branch: string;
  /** Null: the branch was not read yet, or is gone. */
  readonly tip: string | null;
  /** How many are tested at once; 0: not known yet. */
  readonly window: number;
  /** Why it lands nothing for now: somebody should look at this. */
  readonly alarms: readonly string[];
  /** That more is asked for than can be tested, as a sentence; null: it is not. */
  readonly short: string | null;
  /** What is being landed; null: nothing. */
  readonly landing: string | null;
  /** In the order in which they land. */
  readonly items: readonly BoardChange[];
  /** Asked for, and not in it yet. */
  readonly asked: readonly BoardChange[];
}

export interface QueueBoards {
  readonly shown: readonly QueueBoard[];
  /** How many are not shown, as they hold private repositories and this page asks nobody who they are. */
  readonly hidden: number;
}
