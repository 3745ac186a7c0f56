import { validatePod } from '../../src/core/pod/validate-pod.ts';
import { externalIdFor } from '../../src/model/build.ts';
import type { CheckRunReport } from '../../src/model/check-run.ts';
import type { ForgeEvent } from '../../src/model/forge-event.ts';
import type { LineEntry } from '../../src/model/line.ts';
import { type PodManifest, podKeys } from '../../src/model/pod.ts';
import type { Project } from '../../src/model/project.ts';
import { toSha } from '../../src/model/sha.ts';
import { parseSubjectId, type SubjectId } from '../../src/model/subject.ts';
import type { TrustClass } from '../../src/model/trust.ts';
import type { PodSecrets } from '../../src/ports/executor.ts';
import type { SaveRequest } from '../../src/ports/store.ts';
import { type Cluster, isOver, type Pod } from './cluster.ts';
import { type Minted, mergeOnto } from './forge-port.ts';
import type { ForgeWorld, Pull, Repository, StoredCheckRun } from './forge-world.ts';
import type { RedisServer } from './redis-server.ts';
import type { Process, Sim } from './sim.ts';

/** Watches every effect for what must never happen. */
export interface Safety {
  onStart(manifest: PodManifest, secrets: PodSecrets): void;
  onCheckWrite(project: Project, report: CheckRunReport, was: StoredCheckRun | null): void;
  onLoad(process: Process, subject: SubjectId, version: number): void;
  onSave(process: Process, request: SaveRequest, outcome: 'saved' | 'conflict'): void;
  onAnswered(event: ForgeEvent, begunAt: number): void;
  /** Deliveries that a saved document has taken up. */
  readonly takenUp: ReadonlySet<string>;
}

export interface Watched {
  readonly sim: Sim;
  readonly forge: ForgeWorld;
  readonly cluster: Cluster;
  readonly redis: RedisServer;
  readonly minted: readonly Minted[];
}

/** How old what a pass looked at may be when it acts. */
function ageOf({ knobs }: Sim): number {
  const { slowAnswer, pause, lostRequest, lostAnswer } = knobs.rates;
  const slow = slowAnswer > 0 ? 300_000 : 0;
  const lost = lostRequest + lostAnswer > 0 ? 60_000 : 0;
  return 150_000 + slow + lost + (pause > 0 ? 240_000 : 0);
}

export function mayWrite(repository: Repository, person: number, from: number): boolean {
  if (repository.members.has(person)) return true;
  const levels = repository.permissions.get(person)?.since(from) ?? [];
  return levels.some((level) => level === 'write' || level === 'maintain' || level === 'admin');
}

/** True when somebody who may has agreed to exactly this head. */
export function isConsented(repository: Repository, pull: Pull, head: string): boolean {
  return pull.consents.some(
    (consent) => consent.head === head && mayWrite(repository, consent.by, consent.at - 60_000),
  );
}

function pullOf(forge: ForgeWorld, manifest: PodManifest): { repository: Repository; pull: Pull } | null {
  const subject = parseSubjectId(manifest.metadata.annotations[podKeys.subject] ?? '');
  const repository = subject ? forge.repositories.get(subject.repository) : undefined;
  const pull = subject ? repository?.pulls.get(subject.number) : undefined;
  return repository && pull ? { repository, pull } : null;
}

function stepInput(manifest: PodManifest): { base?: string; heads?: readonly string[]; tree?: string } {
  const checkout = manifest.spec.initContainers.find(({ name }) => name === 'checkout');
  const text = checkout?.env.find(({ name }) => name === 'SLUICE_STEP')?.value ?? '{}';
  return JSON.parse(text);
}

function requestIdOf({ metadata: { annotations, labels } }: PodManifest): string {
  return externalIdFor({
    subject: annotations[podKeys.subject] ?? '',
    entry: annotations['sluice.dev/entry'] ?? '',
    commit: toSha(annotations[podKeys.commit] ?? ''),
    job: annotations['sluice.dev/job'] ?? '',
    definition: annotations['sluice.dev/definition'] ?? '',
    request: Number(labels['sluice.dev/request']),
  });
}

function isActive(pod: Pod, now: number): boolean {
  // What cannot have its image is as good as over.
  const stuck = pod.work === 'no image' && pod.message !== null;
  if (isOver(pod) || pod.ending || !pod.ours || stuck) return false;
  return pod.phase === 'running' || now - pod.createdAt < 600_000;
}

export function createSafety(watched: Watched): Safety {
  const { sim, forge, cluster, redis, minted } = watched;
  const age = ageOf(sim);
  const loaded = new Map<string, number>();
  const entries = new Map<string, Omit<LineEntry, 'subject' | 'state'>>();
  const requests = new Map<string, Pod[]>();
  const trees = new Map<string, string>();
  const takenUp = new Set<string>();
  let seenPods = 0;

  function checkTrust(manifest: PodManifest): void {
    const found = pullOf(forge, manifest);
    const head = manifest.metadata.annotations[podKeys.commit] ?? '';
    if (!found) {
      sim.violate('S6', `${manifest.metadata.name} belongs to no pull request`);
      return;
    }
    const { repository, pull } = found;
    const from = sim.time.now() - age;
    const consented = isConsented(repository, pull, head);
    const trust = manifest.metadata.labels['sluice.dev/trust'];
    if (!consented && !mayWrite(repository, pull.author.id, from))
      sim.violate('untrusted', `${manifest.metadata.name} runs ${head} of ${pull.author.login}, which nobody approved`);
    if (trust !== 'untrusted' && !consented) sim.violate('S7', `${manifest.metadata.name} counts as ${trust}`);
    if (consented) sim.note('start: an approved head');
    if (!pull.head.since(from).some((each) => each === head))
      sim.violate('S6', `${manifest.metadata.name} runs ${head}, the head was another for long`);
    if (!pull.state.since(from).includes('open'))
      sim.violate('S6', `${manifest.metadata.name} of a closed pull request`);
    if (!repository.seen.since(from).includes(true)) sim.violate('S6', 'a start in a repository that we may not see');
  }

  function checkTree(manifest: PodManifest): void {
    const found = pullOf(forge, manifest);
    const { base, heads, tree } = stepInput(manifest);
    const { annotations } = manifest.metadata;
    const head = annotations[podKeys.commit] ?? '';
    const merged = found && base ? mergeOnto(found.repository, toSha(base), toSha(head)) : null;
    const right = merged?.merge.kind === 'merged' ? merged.merge.tree : null;
    if (heads?.join() !== head || tree !== right || annotations[podKeys.tree] !== right)
      sim.violate('S6', `${manifest.metadata.name} builds the tree ${tree}, planned for ${head} on ${base}: ${right}`);
    const request = requestIdOf(manifest);
    const known = trees.get(request);
    if (known !== undefined && known !== tree) {
      // Planned anew on another base after everything that was known of it was lost.
      if (redis.lostAt() === 0) sim.violate('S6', `one request builds two trees: ${known} and ${tree}`);
      sim.note('start: another tree for the same request after a loss');
    }
    trees.set(request, tree ?? '');
  }

  function checkSecrets(manifest: PodManifest, secrets: PodSecrets): void {
    const project = pullOf(forge, manifest)?.repository.project;
    const text = JSON.stringify(manifest);
    if (text.includes('ghs_')) sim.violate('S5', `${manifest.metadata.name} holds a token in its manifest`);
    const given = Object.entries(secrets);
    if (!project?.private && given.length > 0)
      sim.violate('S5', `${manifest.metadata.name} of a public project has secrets`);
    for (const [volume, files] of given) {
      if (volume !== 'git-token') sim.violate('S5', `a secret volume ${volume}`);
      for (const token of Object.values(files))
        if (minted.find((each) => each.token === token)?.project !== project?.id)
          sim.violate('S14', `${manifest.metadata.name} has a token of another project`);
    }
    const mounting = [...manifest.spec.initContainers, ...manifest.spec.containers].filter((container) =>
      container.volumeMounts.some(({ name }) => name === 'git-token'),
    );
    if (mounting.some(({ name }) => name !== 'checkout')) sim.violate('S5', 'a token outside the checkout');
    if (given.length > 0) sim.note('start: a private project with its token');
  }

  function checkLimits(manifest: PodManifest): void {
    const now = sim.time.now();
    const mine = entries.get(manifest.metadata.name);
    if (!mine) {
      sim.violate('S12', `${manifest.metadata.name} started without a place in the line`);
      return;
    }
    const since = redis.lostAt() === 0 ? 0 : redis.lostAt() + age;
    const running = [...cluster.pods.values()]
      .filter((pod) => isActive(pod, now) && pod.createdAt > since)
      .flatMap((pod) => entries.get(pod.name) ?? [])
      .filter((entry) => entry.pool === mine.pool);
    const { limits } = sim.knobs;
    const check = (what: string, most: number, count: number): void => {
      if (count + 1 > most) sim.violate('S12', `${count + 1} pods at once, ${most} allowed per ${what}`);
      if (count + 1 === most) sim.note(`line: full per ${what}`);
    };
    check('pool', limits.pool, running.length);
    check('repository', limits.perRepository, running.filter((entry) => entry.repository === mine.repository).length);
    check('author', limits.perAuthor, running.filter((entry) => entry.author === mine.author).length);
  }

  function checkTwice(manifest: PodManifest): void {
    const request = requestIdOf(manifest);
    const { annotations, labels } = manifest.metadata;
    const same = (requests.get(request) ?? []).filter(
      (pod) => pod.manifest.metadata.annotations['sluice.dev/point'] === annotations['sluice.dev/point'],
    );
    const twin = same.find((pod) => cluster.pods.get(pod.name) === pod && isActive(pod, sim.time.now()));
    if (twin) sim.violate('S11', `${manifest.metadata.name} runs beside ${twin.name}, the same build`);
    if (Number(labels['sluice.dev/attempt']) > 1) sim.note(`start: attempt ${labels['sluice.dev/attempt']}`);
    if (Number(labels['sluice.dev/request']) > 1) sim.note('start: a later request');
    if (same.some((pod) => pod.name === manifest.metadata.name)) sim.note('start: the same build once more');
  }

  function takeNewPods(): void {
    for (; seenPods < cluster.everBeen.length; seenPods += 1) {
      const pod = cluster.everBeen[seenPods] as Pod;
      const request = requestIdOf(pod.manifest);
      requests.set(request, [...(requests.get(request) ?? []), pod]);
    }
  }

  /** Every point of the request, in its newest attempt, must have passed. */
  function isEarned(externalId: string): boolean {
    const pods = requests.get(externalId) ?? [];
    const points = new Set(pods.map((pod) => pod.manifest.metadata.annotations['sluice.dev/point']));
    return (
      points.size > 0 &&
      [...points].every((point) => {
        const mine = pods.filter((pod) => pod.manifest.metadata.annotations['sluice.dev/point'] === point);
        const attempts = mine.map((pod) => Number(pod.manifest.metadata.labels['sluice.dev/attempt']));
        const newest = mine.filter((_, index) => attempts[index] === Math.max(...attempts));
        return newest.some((pod) => pod.phase === 'succeeded');
      })
    );
  }

  return {
    takenUp,
    onStart(manifest, secrets) {
      takeNewPods();
      sim.note('start: a pod');
      const trust = manifest.metadata.labels['sluice.dev/trust'] as TrustClass;
      const flaws = validatePod(manifest, trust);
      if (flaws.length > 0) sim.violate('S17', flaws.join('; '));
      checkTrust(manifest);
      checkTree(manifest);
      checkSecrets(manifest, secrets);
      checkLimits(manifest);
      checkTwice(manifest);
    },
    onCheckWrite(project, report, was) {
      takeNewPods();
      const { state, name, externalId, commit } = report;
      const conclusion = state.status === 'completed' ? state.conclusion : null;
      sim.note(`check run: ${name === 'sluice' ? 'sluice ' : ''}${conclusion ?? state.status}`);
      sim.tell(
        () => `check ${name} ${externalId} on ${commit.slice(0, 8)}: ${conclusion ?? state.status}, ${report.title}`,
      );
      const before = was?.state.status === 'completed' ? was.state.conclusion : null;
      if (before !== null && before !== conclusion)
        sim.violate('S10', `${name} on ${commit} was ${before} and becomes ${conclusion ?? state.status}`);
      if (was && (was.name !== name || was.commit !== commit)) sim.violate('S10', `${externalId} was ${was.name}`);
      const twins = was ? [] : (forge.checkRuns.get(commit) ?? []).filter((run) => run.externalId === externalId);
      const excused = sim.knobs.rates.pause > 0 || sim.time.now() - redis.lostAt() < 300_000;
      if (twins.length > 0 && !excused) sim.violate('S10', `a second check run ${name} with the id ${externalId}`);
      const isJob = !/^sluice(\/|$)/.test(name) && name !== 'nothing';
      if (conclusion === 'success' && isJob && !isEarned(externalId))
        sim.violate('S10', `${name} on ${commit} is told as passed, and no pod of ${externalId} passed`);
      if (conclusion !== null && report.summary.trim() === '')
        sim.violate('reasons', `${name} is ${conclusion} without a reason`);
      if (JSON.stringify(report).includes('ghs_')) sim.violate('S14', `a token in the check run ${name}`);
      if (/@ops/.test(withoutCode(report.summary + report.text)))
        sim.violate('S18', `${name} mentions people: ${report.summary}`);
      if (!forge.repositoryOf(project).seen.now()) sim.violate('S7', 'a check run in a repository that we may not see');
    },
    onLoad: (process, subject, version) => void loaded.set(`${process.name} ${subject}`, version),
    onSave(process, request, outcome) {
      if (outcome === 'conflict') {
        sim.note('store: a save met another one');
        return;
      }
      const known = loaded.get(`${process.name} ${request.subject}`);
      if (known !== request.expected && sim.time.now() - redis.lostAt() > 600_000)
        sim.violate('S15', `${request.subject}: version ${request.expected} saved over, ${known} was read`);
      loaded.set(`${process.name} ${request.subject}`, request.expected + 1);
      for (const delivery of request.taken) takenUp.add(delivery);
      for (const { state: _, ...entry } of request.index.line) entries.set(entry.build, entry);
      if (JSON.stringify(request.document).includes('ghs_'))
        sim.violate('S14', `a token in the document of ${request.subject}`);
    },
    onAnswered(event, begunAt) {
      if (redis.isOnDisk(`delivery:${event.delivery}`) || redis.lostAt() >= begunAt - 10_000) return;
      sim.violate('S13', `${event.delivery} was answered with 202 and is not on disk`);
    },
  };
}

/** Markdown without what stands in code. */
function withoutCode(markdown: string): string {
  return markdown.replace(/```[\s\S]*?```/g, '').replace(/(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
}
