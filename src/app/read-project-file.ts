import type { NoOrganisation, OrganisationView } from '../config/organisation/put-together.ts';
import { type ConfigProblem, type ConfigState, configFile } from '../model/config.ts';
import { fullName, type Project } from '../model/project.ts';
import type { Sha } from '../model/sha.ts';
import type { TreeEntry } from '../ports/source.ts';
import type { AppContext } from './context.ts';
import type { OrganisationState } from './organisation/seen-organisation.ts';
import {
  groundKey,
  organisationNotes,
  pathsAsked,
  type RepositoryGround,
  viewRepository,
} from './organisation/view-repository.ts';
import { maxConfigBytes } from './read-regular-file.ts';

const rootFiles = ['Containerfile', 'Dockerfile'];
const keptParsed = 1_000;
/** Of what was parsed, together: each may have 256 KB. */
const keptCharacters = 16 * 2 ** 20;

type Refused = Exclude<ConfigState, { kind: 'valid' }>;

function problem(message: string, hint: string | null, file = configFile): Refused {
  const found: ConfigProblem = { file, line: 1, column: 1, path: '', message, hint };
  return { kind: 'invalid', problems: [found] };
}

type View = OrganisationView | NoOrganisation;
type Entries = ReadonlyMap<string, TreeEntry>;
type Parse = (text: string | null, repository: string, containerFile: string | null, view: View) => ConfigState;

/** Most changes leave the file as it is: the same text under the same organisation means the same, and is parsed once. */
function rememberParsed({ parseConfig, defaultConfig }: AppContext['settings']) {
  const parse: Parse = (text, repository, containerFile, view) =>
    text === null ? defaultConfig(repository, containerFile, view) : parseConfig(text, repository, containerFile, view);
  const parsed = new Map<string, ConfigState>();
  let characters = 0;
  return (key: string, ...given: Parameters<Parse>): ConfigState => {
    const whole = JSON.stringify([key, ...given.slice(0, 3)]);
    const known = parsed.get(whole);
    const state = known ?? parse(...given);
    parsed.delete(whole);
    parsed.set(whole, state);
    if (known === undefined) characters += whole.length;
    for (const oldest of parsed.keys()) {
      if (parsed.size <= keptParsed && characters <= keptCharacters) break;
      parsed.delete(oldest);
      characters -= oldest.length;
    }
    return state;
  };
}

/** What is refused may be so because what its author counts on is not valid yet. */
function withNotes(state: ConfigState, organisation: OrganisationState): ConfigState {
  const { broken } = organisation;
  if (broken === null || state.kind === 'unreadable') return state;
  if (state.kind === 'invalid') return { ...state, problems: [...state.problems, ...broken.problems.slice(0, 1)] };
  return { ...state, config: { ...state.config, notes: organisationNotes(organisation) } };
}

/** The repository's own file; null: it has none. */
async function readOwn(
  { source }: Pick<AppContext['ports'], 'source'>,
  project: Project,
  at: Sha,
  entries: Entries,
): Promise<string | null | Refused> {
  const entry = entries.get(configFile) ?? { kind: 'missing' as const };
  if (entry.kind === 'missing') return null;
  if (entry.kind !== 'file')
    return problem(`it is a ${entry.kind}, not a regular file`, 'Put the configuration itself there.');
  if (entry.bytes > maxConfigBytes)
    return problem(`it has ${entry.bytes} bytes`, `At most ${maxConfigBytes} bytes are read.`);
  const text = await source.readText(project, at, configFile, maxConfigBytes);
  return text ?? { kind: 'unreadable', because: `${configFile} of ${fullName(project)} could not be read` };
}

/** Reads what a repository's files and its organisation come to at a commit or tree. */
export function createProjectFileReader({ ports, settings }: AppContext) {
  const parse = rememberParsed(settings);
  return async (project: Project, at: Sha, ground: RepositoryGround): Promise<ConfigState> => {
    const asked = pathsAsked(project, ground);
    const entries = await ports.source.entries(project, at, [...new Set([configFile, ...rootFiles, ...asked])]);
    const containerFile = rootFiles.find((name) => entries.get(name)?.kind === 'file') ?? null;
    const own = await readOwn(ports, project, at, entries);
    if (own !== null && typeof own !== 'string') return own;
    const view = await viewRepository(ports.source, project, ground, entries);
    if (view.kind === 'refused') return problem(view.because, null, view.file);
    const there = asked.filter((path) => entries.get(path)?.kind === 'file');
    const key = JSON.stringify([groundKey(ground), there]);
    return withNotes(parse(key, own, project.name, containerFile, view), ground.state);
  };
}
