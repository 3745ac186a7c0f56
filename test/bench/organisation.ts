import { createConfigReader } from '../../src/app/read-config.ts';
import { type PresubmitFacts, type TreeFacts, treeKey } from '../../src/core/presubmit/facts.ts';
import { planPresubmit } from '../../src/core/presubmit/plan.ts';
import { emptyRecord } from '../../src/core/presubmit/take-facts.ts';
import type { PreparedChange } from '../../src/model/code.ts';
import type { Project } from '../../src/model/project.ts';
import { aPullRequest, people, rights } from '../fakes/model-data.ts';
import type { BenchOptions, Measurement } from './measurement.ts';
import { benchOrganisation, type Shape, shaOf } from './organisation-files.ts';
import { type Spread, spreadOf } from './percentiles.ts';
import { inMs, type Result, type Row } from './result.ts';

const reloadTarget = 2_000;
const planTarget = 5;

const shapes: Readonly<Record<Shape, string>> = {
  own: 'each has a file of its own',
  above: 'the organisation has a file for each',
  chosen: 'none has a file, templates are chosen for all',
};

interface ShapeFigures {
  readonly shape: Shape;
  readonly repositories: number;
  /** All of them for the first time. */
  readonly firstMs: number;
  /** The whole organisation, after each further push to its file. */
  readonly reloadMs: Spread;
  /** The same as processor time, which says more on a busy machine. */
  readonly reloadCpuMs: Spread;
  /** One opened pull request: its configuration, combined, and the plan. */
  readonly planMs: Spread;
  /** Of one, on average, as processor time. */
  readonly planCpuMs: number;
}

const paths = Array.from({ length: 200 }, (_, index) => `pkg/part-${index % 20}/file-${index}.go`);
const opening = {
  delivery: 'bench',
  name: 'pull_request.opened',
  installation: 1,
  repository: null,
  sender: people.ada,
  receivedAt: 1,
} as const;

function changeOf(project: Project, turn: number): PreparedChange {
  const [base, head, tree] = ['base', `head ${turn}`, `tree ${turn}`].map((words) => shaOf(`${project.name} ${words}`));
  if (base === undefined || head === undefined || tree === undefined) throw new Error('three were named');
  return { base, head, merge: { kind: 'merged', tree }, changed: { known: true, paths } };
}

function factsOf(project: Project, prepared: PreparedChange, key: string, tree: TreeFacts): PresubmitFacts {
  const pull = aPullRequest({ head: prepared.head, baseRef: 'main', author: people.ada });
  const forge = {
    project,
    pull,
    comments: [],
    rights: new Map([[people.ada.id, rights('write')]]),
    reacted: new Set<string>(),
    checkRuns: [],
    firstSeen: 0,
  };
  return {
    now: 2,
    forge,
    prepared,
    trees: new Map([[key, tree]]),
    trust: { trust: 'members', trustedApps: [] },
    pods: [],
    line: new Map(),
    logs: new Map(),
    reports: new Map(),
    starts: new Map(),
    sent: new Set(),
    inbox: [{ ...opening, detail: { kind: 'pull-request', number: pull.number, head: null } }],
    logUrl: () => null,
  };
}

async function planOne(reader: ReturnType<typeof createConfigReader>, project: Project, turn: number): Promise<number> {
  const prepared = changeOf(project, turn);
  const began = performance.now();
  const organisation = await reader.organisationOf(project);
  const change = organisation === null ? prepared : { ...prepared, organisation };
  const planned = {
    base: prepared.base,
    tree: shaOf(`${project.name} tree ${turn}`),
    ...(organisation === null ? {} : { organisation }),
  };
  const tree = await reader.treeFacts(project, planned);
  const { record } = planPresubmit(emptyRecord(project, 1), factsOf(project, change, treeKey(planned), tree));
  const took = performance.now() - began;
  const jobs = record.change?.jobs.length ?? 0;
  if (jobs < 20) throw new Error(`${jobs} jobs of ${project.name} were planned`);
  return took;
}

async function measureShape(shape: Shape, repositories: number, turns: number): Promise<ShapeFigures> {
  const { projects, context, push } = benchOrganisation(shape, repositories);
  const reader = createConfigReader(context);
  const reloads: { readonly ms: number; readonly cpuMs: number }[] = [];
  const plans: number[] = [];
  const planCpu: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    push();
    const [began, used] = [performance.now(), process.cpuUsage()];
    for (const project of projects) {
      const state = await reader.configAt(project, shaOf(`${project.name} base`));
      if (state.kind !== 'valid' || state.config.jobs.length < 20)
        throw new Error(`${project.name}: ${JSON.stringify(state).slice(0, 300)}`);
    }
    const { user, system } = process.cpuUsage(used);
    reloads.push({ ms: performance.now() - began, cpuMs: (user + system) / 1000 });
    const before = process.cpuUsage();
    for (const project of projects) plans.push(await planOne(reader, project, turn));
    const planned = process.cpuUsage(before);
    planCpu.push((planned.user + planned.system) / 1000 / projects.length);
  }
  const [first, ...later] = reloads;
  return {
    shape,
    repositories,
    firstMs: first?.ms ?? Number.NaN,
    reloadMs: spreadOf(later.map(({ ms }) => ms)),
    reloadCpuMs: spreadOf(later.map(({ cpuMs }) => cpuMs)),
    planMs: spreadOf(plans),
    planCpuMs: spreadOf(planCpu).p50,
  };
}

const kept = (value: number, target: number): string =>
  value < target ? `, within ${inMs(target)}` : `, MORE THAN ${inMs(target)}`;

function rowOf({ shape, firstMs, reloadMs, reloadCpuMs, planMs, planCpuMs }: ShapeFigures): Row {
  const reload = `all anew ${inMs(reloadMs.p50)} (worst ${inMs(reloadMs.max)}; processor ${inMs(reloadCpuMs.p50)})${kept(reloadMs.max, reloadTarget)}`;
  const plan = `an event planned in ${inMs(planMs.p50)} (p95 ${inMs(planMs.p95)}; processor ${inMs(planCpuMs)})${kept(planMs.p50, planTarget)}`;
  return { name: shapes[shape], figure: `${reload}; ${plan}; all for the first time ${inMs(firstMs)}` };
}

async function run({ quick, progress }: BenchOptions): Promise<Result> {
  const repositories = 300;
  await measureShape('own', 20, 2);
  const all: ShapeFigures[] = [];
  for (const shape of ['own', 'above', 'chosen'] as const) {
    progress.say(`organisation: ${shapes[shape]}`);
    all.push(await measureShape(shape, repositories, quick ? 3 : 7));
  }
  return {
    name: 'organisation',
    title: `An organisation of ${repositories} repositories with 20 jobs each: its file changes, then a pull request of 200 files is opened in each`,
    rows: all.map(rowOf),
    notes: [
      'git and the forge are in memory: what is measured is reading, checking and putting together, and the plan',
    ],
    figures: { shapes: all },
  };
}

export const organisation: Measurement = { name: 'organisation', run };
