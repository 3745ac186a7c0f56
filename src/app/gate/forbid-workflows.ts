import type { CandidateFact } from '../../core/gate/facts.ts';
import { whyForbidden, workflowsIn } from '../../core/gate/forge-workflows.ts';
import type { CandidateOutcome } from '../../model/landing.ts';
import type { Project } from '../../model/project.ts';
import type { AppContext } from '../context.ts';

/** A candidate that the forge would not take from our App is none; where that is not to be had, the push will tell. */
export async function unlessForbidden(
  { ports: { gateForge, log } }: AppContext,
  project: Project,
  outcome: CandidateOutcome,
): Promise<CandidateFact> {
  const paths = outcome.kind === 'made' ? workflowsIn(outcome.changed) : [];
  if (paths.length === 0) return outcome;
  try {
    const mayChange = await gateForge.mayChangeWorkflows(project);
    return mayChange ? outcome : { kind: 'forbidden', because: whyForbidden(paths) };
  } catch (err) {
    log.warn({ repository: project.id, err }, 'whether workflows may be changed could not be read');
    return outcome;
  }
}
