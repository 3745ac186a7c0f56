import {
  type Counting,
  type OrganisationForecast,
  reportOrganisation,
} from '../../core/organisation/report-organisation.ts';
import type { CheckRunReport } from '../../model/check-run.ts';
import { organisationRepository } from '../../model/organisation.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { PushSubject, SubjectId } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';
import type { ForgeMemory } from '../forge-memory.ts';
import { forecastOrganisation } from './forecast-organisation.ts';
import { readOrganisationAt } from './read-organisations.ts';

type Listing = Pick<ForgeMemory, 'listed'>;

async function forecastAt(
  { ports, settings }: AppContext,
  memory: Listing,
  project: Project,
  at: Sha,
): Promise<OrganisationForecast> {
  const reading = await readOrganisationAt(ports, project, at);
  if (reading.kind === 'invalid') return { kind: 'invalid', problems: reading.tip.problems };
  return forecastOrganisation(settings, reading.organisation, await memory.listed(), project.installation);
}

/** Whether what stands on this branch is what an organisation says of its repositories. */
function isOrganisations(project: Project, branch: string): boolean {
  return project.name === organisationRepository && project.defaultBranch === branch;
}

/** On a change of an organisation's file: whether it is valid, and for how many repositories. Null: it is no such change. */
export async function checkChange(
  context: AppContext,
  memory: Listing,
  change: { readonly project: Project; readonly baseRef: string; readonly head: Sha; readonly tree: Sha },
): Promise<CheckRunReport | null> {
  const { project, baseRef, head, tree } = change;
  if (!isOrganisations(project, baseRef)) return null;
  return reportOrganisation(head, await forecastAt(context, memory, project, tree), { kind: 'change' });
}

/**
 * Somebody pushed to what may be an organisation's own repository: from now on that counts, and the commit says whether it
 * can. What is missed here is read by whoever needs it, a minute later.
 */
export async function takeOrganisation(
  context: AppContext,
  memory: Listing,
  subject: SubjectId,
  { repository, branch }: PushSubject,
): Promise<void> {
  const { source, history, reporter, log } = context.ports;
  const project = (await memory.listed()).find(({ id }) => id === repository);
  if (project === undefined || !isOrganisations(project, branch)) return;
  try {
    const tip = (await history.branches(project)).get(branch);
    if (tip === undefined) return;
    if ((await source.tipOf(project, branch)) !== tip) await source.noteTip(project, branch, tip, tip);
    const state = await context.organisations.of(project);
    const counting: Counting = { kind: 'branch', lastValid: state.kind === 'seen' ? state.commit : null };
    const report = reportOrganisation(tip, await forecastAt(context, memory, project, tip), counting);
    await reporter.want(project, report);
  } catch (err) {
    log.warn({ subject, err }, 'the file of an organisation could not be taken up');
  }
}
