import type { BranchRules, GateView } from '../model/gate-view.ts';
import type { Project } from '../model/project.ts';
import type { LandingMethod } from '../model/queue.ts';
import type { Sha } from '../model/sha.ts';

/** What came of asking the forge to merge (github-limits.md §b1). */
export type MergeEndpointOutcome =
  | { readonly kind: 'merged'; readonly commit: Sha }
  /** The head is not the one named, or the base moved while it was merged: nothing happened. */
  | { readonly kind: 'moved'; readonly because: string }
  /** The forge said no, in its own words: nothing happened. */
  | { readonly kind: 'refused'; readonly because: string }
  /** Nobody knows; it is to be read. */
  | { readonly kind: 'unknown'; readonly because: string };

/** What the gate asks of the forge besides `Forge`. Every call throws when no answer could be had. */
export interface GateForge {
  /** Everything that is judged of one pull request, read now, every page or a throw; null: it is not there. */
  gateView(project: Project, number: number): Promise<GateView | null>;
  /** Every rule of protection and rulesets that holds for this branch; a rule that is not understood is `other`, never left out. */
  branchRules(project: Project, branch: string): Promise<BranchRules>;
  /** Whether our App was let change the forge's own workflows there, which no push and no merge of ours does otherwise. */
  mayChangeWorkflows(project: Project): Promise<boolean>;
  /** Closes a pull request whose change landed as another commit; closed already is success. */
  close(project: Project, number: number): Promise<void>;
  /** Puts a label on, making it where the repository has none of that name, or takes it off; doing it again changes nothing. */
  setLabel(project: Project, number: number, label: string, present: boolean): Promise<void>;
  /** The merge endpoint, with the head named. Never tries again by itself. */
  merge(
    project: Project,
    number: number,
    head: Sha,
    method: LandingMethod,
    message: string,
  ): Promise<MergeEndpointOutcome>;
}
