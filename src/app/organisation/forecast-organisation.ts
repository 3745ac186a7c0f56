import type { Organisation } from '../../config/organisation/parse-organisation.ts';
import { appliedTo, type OrganisationView } from '../../config/organisation/put-together.ts';
import { meansRepository } from '../../config/organisation/selector.ts';
import type { OrganisationForecast, TemplateReach } from '../../core/organisation/report-organisation.ts';
import { fullName, type Project } from '../../model/project.ts';
import type { AppSettings } from '../context.ts';

type Refusal = Extract<OrganisationForecast, { kind: 'valid' }>['refusals'][number];

function reachOf(template: string, { selectors }: Organisation, projects: readonly Project[]): TemplateReach {
  const reached = (choosing: typeof selectors) =>
    projects
      .filter(({ name, topics = [] }) => choosing.some((selector) => meansRepository(selector, { name, topics })))
      .map(fullName);
  const choosing = selectors.filter(({ apply }) => apply.includes(template));
  const surely = reached(choosing.filter((each) => each.hasFiles.length + each.lacksFiles.length === 0));
  return { template, surely, byFiles: reached(choosing).filter((name) => !surely.includes(name)) };
}

/** A repository with no file of its own, as those that the selectors are for: what they ask for is there, what they exclude is not. */
function bareView(organisation: Organisation, { name, topics = [] }: Project): OrganisationView {
  const lacking = new Set(organisation.selectors.flatMap(({ lacksFiles }) => lacksFiles));
  const has = (path: string): boolean => !lacking.has(path);
  return { kind: 'seen', organisation, repository: { name, topics }, has, repositoryFile: null };
}

/** What such repositories would be told, once for each set of templates. */
function refusalsOf(
  settings: Pick<AppSettings, 'defaultConfig'>,
  organisation: Organisation,
  projects: readonly Project[],
): readonly Refusal[] {
  const refusals = new Map<string, readonly Refusal[]>();
  for (const project of projects) {
    const view = bareView(organisation, project);
    const templates = appliedTo(view);
    const key = templates.join();
    if (templates.length === 0 || refusals.has(key)) continue;
    const state = settings.defaultConfig(project.name, 'Dockerfile', view);
    const problems = state.kind === 'invalid' ? state.problems : [];
    refusals.set(
      key,
      problems.map((problem) => ({ templates, problem })),
    );
  }
  return [...refusals.values()].flat();
}

/** What a valid file would do to the repositories of its organisation, as far as the forge tells without reading them. */
export function forecastOrganisation(
  settings: Pick<AppSettings, 'defaultConfig' | 'allows'>,
  organisation: Organisation,
  listed: readonly Project[],
  installation: number,
): OrganisationForecast {
  const projects = listed.filter((each) => each.installation === installation && settings.allows(fullName(each)));
  return {
    kind: 'valid',
    repositories: projects.length,
    hasDefaults: organisation.defaults !== null,
    reach: [...organisation.templates.keys()].map((template) => reachOf(template, organisation, projects)),
    refusals: refusalsOf(settings, organisation, projects),
  };
}
