import { combineConfig, type EffectiveConfig } from '../core/combine-config.ts';
import { combineGateConfig } from '../core/gate/combine-gate-config.ts';
import { type TreeFacts, treeKey } from '../core/presubmit/facts.ts';
import { type ConfigState, configFile } from '../model/config.ts';
import type { GateSettings } from '../model/gate-settings.ts';
import type { PlannedTree } from '../model/presubmit.ts';
import { fullName, type Project } from '../model/project.ts';
import type { Sha } from '../model/sha.ts';
import type { AppContext } from './context.ts';
import { groundKey, type RepositoryGround, viewRepository } from './organisation/view-repository.ts';
import { readImageFiles, treeReader } from './read-image-files.ts';
import { createProjectFileReader } from './read-project-file.ts';

const kept = 500;
/** What nobody asked for in so long is planned anew by what the organisation says then: a nightly of a quiet branch. */
const idleMs = 10 * 60_000;

function trim(cache: Map<string, unknown>): void {
  for (const oldest of cache.keys()) {
    if (cache.size <= kept) break;
    cache.delete(oldest);
  }
}

type Combine = (base: ConfigState, own: ConfigState) => EffectiveConfig;

/**
 * Reads configuration by commit and tree; what is named by a SHA never changes, so it is read once. What the organisation
 * says is part of it: a plan that names its commit keeps to it, any other to the one that it was first read with.
 */
export function createConfigReader(context: AppContext) {
  const { organisations, ports } = context;
  const readFile = createProjectFileReader(context);
  const states = new Map<string, Promise<ConfigState>>();
  const trees = new Map<string, Promise<TreeFacts>>();
  const pins = new Map<string, { readonly organisation: Sha | null; readonly askedAt: number }>();

  function remember<T>(cache: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
    const there = cache.get(key);
    if (there !== undefined) return there;
    const reading = read();
    cache.set(key, reading);
    reading.catch(() => cache.delete(key));
    trim(cache);
    return reading;
  }

  async function groundOf(project: Project, pinned: Sha | null): Promise<RepositoryGround> {
    const state = await (pinned === null ? organisations.of(project) : organisations.at(project, pinned));
    return { state, topics: state.kind === 'seen' ? await organisations.topicsOf(project) : [] };
  }

  async function stateAt(project: Project, at: Sha, pinned: Sha | null): Promise<ConfigState> {
    try {
      const ground = await groundOf(project, pinned);
      const key = `${project.id}/${at}/${groundKey(ground)}`;
      return await remember(states, key, () => readFile(project, at, ground));
    } catch (cause) {
      ports.log.warn({ err: cause, repository: fullName(project) }, 'configuration could not be read');
      return { kind: 'unreadable', because: `${configFile} could not be read; it is tried again` };
    }
  }

  /** The file at one commit or tree, under what its organisation says now. */
  function configAt(project: Project, at: Sha): Promise<ConfigState> {
    return stateAt(project, at, null);
  }

  /** The commit of its organisation's file that counts now; null: there is none, or it could not be read. */
  async function organisationOf(project: Project): Promise<Sha | null> {
    try {
      const state = await organisations.of(project);
      return state.kind === 'seen' ? state.commit : null;
    } catch (err) {
      ports.log.warn({ repository: fullName(project), err }, 'the file of an organisation could not be read');
      return null;
    }
  }

  /** A plan that goes on is not changed by what its organisation says meanwhile. */
  async function pinOf(project: Project, key: string, named: Sha | undefined): Promise<Sha | null> {
    if (named !== undefined) return named;
    const [now, known] = [ports.clock.now(), pins.get(key)];
    const goesOn = known !== undefined && now - known.askedAt < idleMs;
    const organisation = goesOn ? known.organisation : await organisationOf(project);
    pins.delete(key);
    pins.set(key, { organisation, askedAt: now });
    trim(pins);
    return organisation;
  }

  async function factsOf(kind: 'change' | 'gate', combine: Combine, project: Project, planned: PlannedTree) {
    const { base, tree } = planned;
    const key = `${kind}/${project.id}/${treeKey(planned)}`;
    const pinned = await pinOf(project, key, planned.organisation);
    const read = async (): Promise<TreeFacts> => {
      const config = combine(await stateAt(project, base, pinned), await stateAt(project, tree, pinned));
      if (config.kind === 'refused' && config.where === null) throw new Error(config.because);
      return {
        config,
        ...(await readImageFiles(treeReader(ports.source, project, tree), config, context.settings.pool.builder)),
      };
    };
    try {
      const facts = await remember(trees, `${key}/${pinned ?? ''}`, read);
      // What may be mended there is asked for again.
      if (facts.config.kind === 'refused') pins.delete(key);
      return facts;
    } catch (cause) {
      ports.log.warn({ err: cause, repository: fullName(project) }, 'the files of a change could not be read');
      const because = 'the files could not be read; it is tried again';
      return { config: { kind: 'refused', where: null, problems: [], because }, kinds: new Map() } satisfies TreeFacts;
    }
  }

  /** What a pull request at this base and merged tree is planned with. */
  function treeFacts(project: Project, tree: PlannedTree): Promise<TreeFacts> {
    return factsOf('change', combineConfig, project, tree);
  }

  /** What a candidate is tested with: its own file, with the power that this base grants. */
  function gateFacts(project: Project, tree: PlannedTree): Promise<TreeFacts> {
    return factsOf('gate', combineGateConfig, project, tree);
  }

  /** The gate's settings of a project that has no file. */
  async function defaults(project: Project): Promise<GateSettings | null> {
    const view = await viewRepository(ports.source, project, await groundOf(project, null), new Map());
    if (view.kind === 'refused') return null;
    const state = context.settings.defaultConfig(fullName(project), null, view);
    return state.kind === 'valid' ? state.config.gate : null;
  }

  return { configAt, organisationOf, treeFacts, gateFacts, defaults };
}

export type ConfigReader = ReturnType<typeof createConfigReader>;
