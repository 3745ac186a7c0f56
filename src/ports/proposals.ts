import type { Project } from '../model/project.ts';

/** A pull request that we propose something with. */
export interface ProposalWish {
  readonly head: string;
  readonly base: string;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
}

/** Pull requests between two branches of a project. Every call throws when no answer could be had. */
export interface Proposals {
  /** The newest from one branch of the project to another, whatever became of it; null: there never was one. */
  find(
    project: Project,
    head: string,
    base: string,
  ): Promise<{ readonly number: number; readonly state: 'open' | 'closed' | 'merged' } | null>;
  /** Opens one; `refused`: not as it is, in the forge's words. An answer that was lost may have been an opening: look first. */
  open(
    project: Project,
    wish: ProposalWish,
  ): Promise<
    { readonly kind: 'open'; readonly number: number } | { readonly kind: 'refused'; readonly because: string }
  >;
}
