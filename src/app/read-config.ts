import { combineConfig } from '../core/combine-config.ts';
import { combineGateConfig } from '../core/gate/combine-gate-config.ts';
import type { TreeFacts } from '../core/presubmit/facts.ts';
import { type ConfigProblem, type ConfigState, configFile } from '../model/config.ts';
import type { PlannedTree } from '../model/presubmit.ts';
import { fullName, type Project } from '../model/project.ts';
import type { GateSettings } from '../model/queue.ts';
import type { Sha } from '../model/sha.ts';
import type { AppContext } from './context.ts';
import { readImageFiles, treeReader } from './read-image-files.ts';

const maxBytes = 256 * 1024;
const rootFiles = ['Containerfile', 'Dockerfile'];
const kept = 500;
/** Each may have 256 KB. */
const keptParsed = 100;

function problem(message: string, hint: string): ConfigState {
  const found: ConfigProblem = { file: configFile, line: 1, column: 1, path: '', message, hint };
  return { kind: 'invalid', problems: [found] };
}

type Parse = AppContext['settings']['parseConfig'];

/** Most changes leave the file as it is: the same text means the same, and is parsed once. */
function rememberParsed(parse: Parse): Parse {
  const parsed = new Map<string, ConfigState>();
  return (text, repository, containerFile) => {
    const key = JSON.stringify([repository, containerFile, text]);
    const state = parsed.get(key) ?? parse(text, repository, containerFile);
    parsed.delete(key);
    parsed.set(key, state);
    for (const oldest of parsed.keys()) {
      if (parsed.size <= keptParsed) break;
      parsed.delete(oldest);
    }
    return state;
  };
}

async function parseAt(context: AppContext, parse: Parse, project: Project, at: Sha): Promise<ConfigState> {
  const { source } = context.ports;
  const entries = await source.entries(project, at, [configFile, ...rootFiles]);
  const entry = entries.get(configFile) ?? { kind: 'missing' as const };
  const containerFile = rootFiles.find((name) => entries.get(name)?.kind === 'file') ?? null;
  if (entry.kind === 'missing') return context.settings.defaultConfig(project.name, containerFile);
  if (entry.kind !== 'file')
    return problem(`it is a ${entry.kind}, not a regular file`, 'Put the configuration itself there.');
  if (entry.bytes > maxBytes) return problem(`it has ${entry.bytes} bytes`, `At most ${maxBytes} bytes are read.`);
  const text = await source.readText(project, at, configFile, maxBytes);
  if (text === null) return { kind: 'unreadable', because: `${configFile} of ${fullName(project)} could not be read` };
  return parse(text, project.name, containerFile);
}

/** Reads configuration by commit and tree; what is named by a SHA never changes, so it is read once. */
export function createConfigReader(context: AppContext) {
  const parse = rememberParsed(context.settings.parseConfig);
  const states = new Map<string, Promise<ConfigState>>();
  const trees = new Map<string, Promise<TreeFacts>>();

  function remember<T>(cache: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
    const there = cache.get(key);
    if (there !== undefined) return there;
    const reading = read();
    cache.set(key, reading);
    reading.catch(() => cache.delete(key));
    for (const oldest of cache.keys()) {
      if (cache.size <= kept) break;
      cache.delete(oldest);
    }
    return reading;
  }

  /** The file at one commit or tree. */
  async function configAt(project: Project, at: Sha): Promise<ConfigState> {
    try {
      return await remember(states, `${project.id}/${at}`, () => parseAt(context, parse, project, at));
    } catch (cause) {
      context.ports.log.warn({ err: cause, repository: fullName(project) }, 'configuration could not be read');
      return { kind: 'unreadable', because: `${configFile} could not be read; it is tried again` };
    }
  }

  async function readOrExcuse(project: Project, key: string, read: () => Promise<TreeFacts>): Promise<TreeFacts> {
    try {
      return await remember(trees, key, read);
    } catch (cause) {
      context.ports.log.warn({ err: cause, repository: fullName(project) }, 'the files of a change could not be read');
      const because = 'the files could not be read; it is tried again';
      return { config: { kind: 'refused', where: null, problems: [], because }, kinds: new Map() };
    }
  }

  /** What a pull request at this base and merged tree is planned with. */
  async function treeFacts(project: Project, tree: PlannedTree): Promise<TreeFacts> {
    const read = async (): Promise<TreeFacts> => {
      const config = combineConfig(await configAt(project, tree.base), await configAt(project, tree.tree));
      if (config.kind === 'refused' && config.where === null) throw new Error(config.because);
      return { config, ...(await readImageFiles(treeReader(context.ports.source, project, tree.tree), config)) };
    };
    return readOrExcuse(project, `${project.id}/${tree.base}/${tree.tree}`, read);
  }

  /** What a candidate is tested with: its own file, with the power that this base grants. */
  async function gateFacts(project: Project, { base, tree }: PlannedTree): Promise<TreeFacts> {
    const read = async (): Promise<TreeFacts> => {
      const config = combineGateConfig(await configAt(project, base), await configAt(project, tree));
      if (config.kind === 'refused' && config.where === null) throw new Error(config.because);
      return { config, ...(await readImageFiles(treeReader(context.ports.source, project, tree), config)) };
    };
    return readOrExcuse(project, `gate/${project.id}/${base}/${tree}`, read);
  }

  /** The gate's settings of a project that has no file. */
  function defaults(project: Project): GateSettings | null {
    const state = context.settings.defaultConfig(fullName(project), null);
    return state.kind === 'valid' ? state.config.gate : null;
  }

  return { configAt, treeFacts, gateFacts, defaults };
}

export type ConfigReader = ReturnType<typeof createConfigReader>;
