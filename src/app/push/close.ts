import { closedPrefix } from '../../core/push/close-branches.ts';
import type { Project } from '../../model/project.ts';
import type { PromoteEffect } from '../../model/promote-effect.ts';
import type { BranchClose } from '../../model/push.ts';
import type { AppContext } from '../context.ts';

type Ended = NonNullable<BranchClose['ended']>;

function newer(keep: number): string {
  return keep === 1 ? '1 newer one' : `${keep} newer ones`;
}

/**
 * Takes a release branch away that has enough newer ones, with its commit kept; asked again it finds that it did. What people
 * still work on stays.
 */
export async function close(
  { ports }: AppContext,
  project: Project,
  { branch, at, keep }: Extract<PromoteEffect, { kind: 'close' }>,
): Promise<Ended> {
  const stays = (because: string): Ended => {
    return { kind: 'kept', because: `the branch ${branch} stays beside ${newer(keep)}: ${because}` };
  };
  const pulls = await ports.forge.openPullRequests(project);
  const against = pulls.find(({ baseRef }) => baseRef === branch);
  if (against !== undefined) return stays(`#${against.number} is open against it`);
  const from = pulls.find(({ head, headRef }) => head === at && headRef === branch);
  if (from !== undefined) return stays(`#${from.number} is open from it`);
  const kept = `${closedPrefix}${branch}`;
  const came = await ports.landing.close(project, branch, at, kept);
  if (came.kind === 'refused') return stays(came.because);
  return { kind: 'closed', because: `the branch ${branch} was closed, as ${newer(keep)} stay; ${kept} keeps it` };
}
