import { firstProblem } from '../../config/organisation/first-problem.ts';
import { type OrganisationReading, parseOrganisation } from '../../config/organisation/parse-organisation.ts';
import type { ConfigProblem } from '../../model/config.ts';
import { organisationFile, organisationRepository } from '../../model/organisation.ts';
import { fullName, type Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { AppSettings, Ports } from '../context.ts';
import type { ForgeMemory } from '../forge-memory.ts';
import { readRegularFile } from '../read-regular-file.ts';
import type { BrokenTip, OrganisationState, Organisations } from './seen-organisation.ts';

/** Far enough for a file that was broken lately; what is older is no longer what people expect. */
const mostLooks = 50;
const keptReadings = 50;

type World = Pick<Ports, 'source' | 'landing' | 'log'>;
type Reading = Extract<OrganisationReading, { kind: 'valid' }> | { readonly kind: 'invalid'; readonly tip: BrokenTip };

function whole(message: string, hint: string): ConfigProblem {
  return { file: organisationFile, line: 1, column: 1, path: '', message, hint };
}

/** The file at any commit or tree of an organisation's repository. */
export async function readOrganisationAt(
  { source }: Pick<World, 'source'>,
  project: Project,
  commit: Sha,
): Promise<Reading> {
  const file = await readRegularFile(source, project, commit, organisationFile);
  if (file.kind === 'refused')
    return { kind: 'invalid', tip: { commit, problems: [whole(file.because, 'Put the file itself there.')] } };
  const place = `${fullName(project)}/${organisationFile}`;
  // Without a file it is one that says nothing: its `repos/` may still hold files.
  const reading = parseOrganisation(file.kind === 'missing' ? '' : file.text, place);
  return reading.kind === 'valid' ? reading : { kind: 'invalid', tip: { commit, problems: reading.problems } };
}

type Readings = (project: Project, commit: Sha) => Promise<Reading>;

/** Readings by commit: what is named by a SHA never changes. */
function createReadings(world: World): Readings {
  const kept = new Map<string, Promise<Reading>>();
  return (project, commit) => {
    const key = `${project.id}/${commit}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const reading = readOrganisationAt(world, project, commit);
    kept.set(key, reading);
    reading.catch(() => kept.delete(key));
    for (const oldest of kept.keys()) {
      if (kept.size <= keptReadings) break;
      kept.delete(oldest);
    }
    return reading;
  };
}

function absent(because: string, hint: string, broken: BrokenTip | null = null): OrganisationState {
  return { kind: 'none', because, hint, broken };
}

/**
 * The newest valid file on the first-parent line of the default branch: a broken one changes nothing for anybody until it is
 * mended, whichever worker reads it and whenever that began.
 */
async function readNewest(world: World, read: Readings, project: Project, tip: Sha): Promise<OrganisationState> {
  const newest = await read(project, tip);
  if (newest.kind === 'valid') return { ...newest, kind: 'seen', project, commit: tip, broken: null };
  for (const commit of await world.landing.firstParents(project, tip, mostLooks)) {
    const before = await read(project, commit);
    if (before.kind === 'valid') return { ...before, kind: 'seen', project, commit, broken: newest.tip };
  }
  const because = `${fullName(project)} has no valid ${organisationFile} (${firstProblem(newest.tip.problems)})`;
  return absent(because, 'Mend it there; until then nothing of it counts.', newest.tip);
}

/** Names what counts, and what is wrong besides. */
function countsOf(state: OrganisationState): string {
  return `${state.kind === 'seen' ? state.commit : state.because}\n${state.broken?.commit ?? ''}`;
}

/** Reads organisations for a worker; `onChange` is told of the installation where something else counts from now on. */
export function createOrganisations(
  world: World,
  settings: Pick<AppSettings, 'allows'>,
  memory: Pick<ForgeMemory, 'listed'>,
  onChange: (installation: number) => void,
): Organisations {
  const read = createReadings(world);
  const known = new Map<number, { readonly tip: Sha | null; readonly state: OrganisationState }>();

  async function repositoryOf(project: Project): Promise<Project | null> {
    const listed = await memory.listed();
    const found = listed.find(
      ({ name, installation }) => name === organisationRepository && installation === project.installation,
    );
    return found !== undefined && settings.allows(fullName(found)) ? found : null;
  }

  async function stateOf(project: Project): Promise<OrganisationState> {
    const { installation } = project;
    const own = await repositoryOf(project);
    if (own === null)
      return absent(
        `no templates are known: Sluice serves no repository ${project.owner}/${organisationRepository}`,
        `Create it with a ${organisationFile} and install the App on it, or write here what the template says.`,
      );
    const before = known.get(installation);
    const tip = await world.source.tipOf(own, own.defaultBranch);
    if (before !== undefined && before.tip === tip) return before.state;
    const state =
      tip === null
        ? absent(`${fullName(own)} has no branch ${own.defaultBranch}`, `Put a ${organisationFile} there.`)
        : await readNewest(world, read, own, tip);
    known.set(installation, { tip, state });
    if (before !== undefined && countsOf(before.state) !== countsOf(state)) onChange(installation);
    return state;
  }

  async function of(project: Project): Promise<OrganisationState> {
    try {
      return await stateOf(project);
    } catch (err) {
      const before = known.get(project.installation);
      if (before === undefined) throw err;
      world.log.warn({ repository: fullName(project), err }, 'the file of an organisation could not be read anew');
      return before.state;
    }
  }

  return {
    of,
    async at(project, commit) {
      const now = await of(project);
      if (now.kind === 'seen' && now.commit === commit) return now;
      const own = await repositoryOf(project);
      const reading = own === null ? null : await read(own, commit);
      if (own === null || reading?.kind !== 'valid') return now;
      return { ...reading, kind: 'seen', project: own, commit, broken: null };
    },
    async topicsOf(project) {
      const listed = (await memory.listed()).find(({ id }) => id === project.id);
      return listed?.topics ?? project.topics ?? [];
    },
  };
}
