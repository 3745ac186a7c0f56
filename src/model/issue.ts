/** An issue of our App as the forge has it. */
export interface ObservedIssue {
  readonly number: number;
  readonly isOpen: boolean;
  readonly body: string;
}

/** One that is open, with what people read of it. */
export interface OpenIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
}

/** What one issue should be; number null: there is none yet. */
export interface IssueWish {
  /** The line in its body by which it is found again. */
  readonly mark: string;
  readonly number: number | null;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
  readonly isOpen: boolean;
}
