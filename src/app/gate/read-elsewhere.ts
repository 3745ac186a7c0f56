import { dependenciesOf, lookedForElsewhere, refKey } from '../../core/gate/dependencies.ts';
import type { Elsewhere } from '../../core/gate/facts.ts';
import type { GateView } from '../../model/gate-view.ts';
import type { Project } from '../../model/project.ts';
import { branchKeyOf, type QueueRecord } from '../../model/queue.ts';
import type { Sha } from '../../model/sha.ts';
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

interface Seen {
  readonly state: Elsewhere['state'];
  /** What it became on its base branch; null: nothing. */
  readonly commit: Sha | null;
}

/** Landed is what its branch holds: what a reset took back has not landed, whatever the forge or a ledger says of it. */
async function stateOf({ ports }: AppContext, project: Project, { pull, mergedAs }: GateView): Promise<Seen> {
  if (pull.state === 'open') return { state: 'open', commit: null };
  const { tip, ledger } = await ports.landing.read(project, pull.baseRef);
  const entries = ledger.kind === 'whole' ? ledger.entries : [];
  const entry = entries.findLast(({ detail }) => detail.kind === 'landed' && detail.number === pull.number);
  const commit = entry?.detail.kind === 'landed' ? entry.detail.commit : (mergedAs ?? null);
  const isHeld = tip !== null && commit !== null && (await ports.landing.contains(project, tip, commit));
  return { state: isHeld ? 'landed' : 'closed', commit };
}

interface Looked {
  readonly found: Elsewhere;
  readonly refs: readonly Ref[];
  readonly commit: Sha | null;
}

async function lookAt(context: AppContext, ref: Ref, near: readonly Project[]): Promise<Looked> {
  const project = await projectOf(context, ref, near);
  if (project === null) return { found: unknown, refs: [], commit: null };
  const view = await context.ports.gateForge.gateView(project, ref.number);
  const shown = !project.private;
  if (view === null) return { found: { ...unknown, shown }, refs: [], commit: null };
  const refs = dependenciesOf(view, project).dependencies.map(({ project: named, number }) => {
    const { owner, name } = named ?? project;
    return { owner, name, number, key: refKey({ owner, name }, number) };
  });
  const { state, commit } = await stateOf(context, project, view);
  const base = branchKeyOf(project.id, view.pull.baseRef);
  return { found: { state, base, needs: refs.map(({ key }) => key), shown }, refs, commit };
}

export function createElsewhereReader(context: AppContext): ElsewhereReader {
  const { clock, log } = context.ports;
  const kept = new Map<string, Looked & { readonly at: number }>();

  async function look(ref: Ref, near: readonly Project[]): Promise<Looked> {
    const known = kept.get(ref.key);
    if (known && clock.now() - known.at < maxAgeMs) return known;
    const looked = await lookAt(context, ref, near).catch((err: unknown) => {
      log.warn({ change: ref.key, err }, 'a change that another depends on could not be read');
      return { found: unknown, refs: [], commit: null };
    });
    kept.delete(ref.key);
    kept.set(ref.key, { ...looked, at: clock.now() });
    for (const oldest of kept.keys()) if (kept.size > 1_000) kept.delete(oldest);
    return looked;
  }

  /** Of this queue's own branches it is known in each pass what they hold. */
  async function stillHeld({ branches }: QueueRecord, looked: Looked): Promise<Looked> {
    const { found, commit } = looked;
    const branch = branches.find(({ key }) => key === found.base);
    if (found.state !== 'landed' || commit === null || !branch || branch.tip === null) return looked;
    const isHeld = await context.ports.landing.contains(branch.project, branch.tip, commit).catch(() => false);
    return isHeld ? looked : { ...looked, found: { ...found, state: 'closed' } };
  }

  return {
    async read(record) {
      const near = record.branches.map(({ project }) => project);
      const found = new Map<string, Elsewhere>();
      const line = [...lookedForElsewhere(record)];
      for (let ref = line.shift(); ref !== undefined && found.size < mostRead; ref = line.shift()) {
        if (found.has(ref.key)) continue;
        const looked = await stillHeld(record, await look(ref, near));
        found.set(ref.key, looked.found);
        if (looked.found.state === 'open') line.push(...looked.refs);
      }
      return found;
    },
  };
}
