import { dependenciesOf, lookedForElsewhere, refKey } from '../../core/gate/dependencies.ts';
import type { Elsewhere } from '../../core/gate/facts.ts';
import type { GateView } from '../../model/gate-view.ts';
import type { Project } from '../../model/project.ts';
import { branchKeyOf, type QueueRecord } from '../../model/queue.ts';
import type { AppContext } from '../context.ts';

/** What is depended on is not ours to decide: it is looked at once in so long, ms. */
const maxAgeMs = 30_000;
/** As far as a chain over other queues is followed. */
const mostRead = 20;

const unknown: Elsewhere = { state: 'unknown', base: null, needs: [], shown: false };

/** Looks at changes of other queues that something in this one depends on, and at what those depend on. */
export interface ElsewhereReader {
  read(record: QueueRecord): Promise<ReadonlyMap<string, Elsewhere>>;
}

type Ref = ReturnType<typeof lookedForElsewhere>[number];

async function projectOf(
  { ports }: AppContext,
  { owner, name, number, key }: Ref,
  near: readonly Project[],
): Promise<Project | null> {
  const isIt = (project: Project): boolean => refKey(project, number) === key;
  const known = near.find(isIt);
  if (known) return known;
  const found = (await ports.forge.projects()).find(isIt);
  if (!found) ports.log.debug({ repository: `${owner}/${name}` }, 'not a repository that we see');
  return found ?? null;
}

/** Landed is what its ledger says; one that the forge merged by itself has landed too. */
async function stateOf({ ports }: AppContext, project: Project, { pull }: GateView): Promise<Elsewhere['state']> {
  if (pull.state === 'merged') return 'landed';
  if (pull.state === 'open') return 'open';
  const { ledger } = await ports.landing.read(project, pull.baseRef);
  const entries = ledger.kind === 'whole' ? ledger.entries : [];
  return entries.some(({ detail }) => detail.kind === 'landed' && detail.number === pull.number) ? 'landed' : 'closed';
}

interface Looked {
  readonly found: Elsewhere;
  readonly refs: readonly Ref[];
}

async function lookAt(context: AppContext, ref: Ref, near: readonly Project[]): Promise<Looked> {
  const project = await projectOf(context, ref, near);
  if (project === null) return { found: unknown, refs: [] };
  const view = await context.ports.gateForge.gateView(project, ref.number);
  const shown = !project.private;
  if (view === null) return { found: { ...unknown, shown }, refs: [] };
  const refs = dependenciesOf(view, project).dependencies.map(({ project: named, number }) => {
    const { owner, name } = named ?? project;
    return { owner, name, number, key: refKey({ owner, name }, number) };
  });
  const state = await stateOf(context, project, view);
  const base = branchKeyOf(project.id, view.pull.baseRef);
  return { found: { state, base, needs: refs.map(({ key }) => key), shown }, refs };
}

export function createElsewhereReader(context: AppContext): ElsewhereReader {
  const { clock, log } = context.ports;
  const kept = new Map<string, Looked & { readonly at: number }>();

  async function look(ref: Ref, near: readonly Project[]): Promise<Looked> {
    const known = kept.get(ref.key);
    // What has landed stays so.
    if (known && (known.found.state === 'landed' || clock.now() - known.at < maxAgeMs)) return known;
    const looked = await lookAt(context, ref, near).catch((err: unknown) => {
      log.warn({ change: ref.key, err }, 'a change that another depends on could not be read');
      return { found: unknown, refs: [] };
    });
    kept.delete(ref.key);
    kept.set(ref.key, { ...looked, at: clock.now() });
    for (const oldest of kept.keys()) if (kept.size > 1_000) kept.delete(oldest);
    return looked;
  }

  return {
    async read(record) {
      const near = record.branches.map(({ project }) => project);
      const found = new Map<string, Elsewhere>();
      const line = [...lookedForElsewhere(record)];
      for (let ref = line.shift(); ref !== undefined && found.size < mostRead; ref = line.shift()) {
        if (found.has(ref.key)) continue;
        const looked = await look(ref, near);
        found.set(ref.key, looked.found);
        if (looked.found.state === 'open') line.push(...looked.refs);
      }
      return found;
    },
  };
}
