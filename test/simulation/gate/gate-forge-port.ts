import type { GateView, HeadCheck, Review } from '../../../src/model/gate-view.ts';
import type { Project } from '../../../src/model/project.ts';
import type { GateForge } from '../../../src/ports/gate-forge.ts';
import type { Calls } from '../calls.ts';
import { shownPull } from '../forge-port.ts';
import { type Pull, type Repository, wholeSecond } from '../forge-world.ts';
import { persons } from '../people.ts';
import type { Process } from '../sim.ts';
import { type Forges, gitOf } from './move-branch.ts';
import { appId, ciApp, rulesOf } from './rules.ts';

/** What each person decided last, and what they may do now. */
function reviewsOf(repository: Repository, pull: Pull): readonly Review[] {
  const latest = new Map(pull.reviews.map((review) => [review.by.id, review]));
  return [...latest.values()].map(({ by, state, commit, at }) => ({
    by,
    state: state.now(),
    commit,
    at: wholeSecond(at),
    permission: repository.permissions.get(by.id)?.now() ?? 'none',
  }));
}

function checksOn({ forge }: Forges, repository: Repository, pull: Pull): readonly HeadCheck[] {
  const head = pull.head.now();
  const own = (forge.checkRuns.get(head) ?? []).map(
    ({ name, state, finalAt, firstAt, externalId }): HeadCheck => ({
      name,
      app: appId,
      kind: 'check-run',
      conclusion: state.status === 'completed' ? state.conclusion : null,
      at: wholeSecond(finalAt ?? firstAt),
      externalId,
    }),
  );
  // Each re-run is a check run of its own, and the earlier ones are still there.
  const said = repository.ci.get(head)?.history() ?? [];
  const runs = said.filter(({ value }, index) => value !== null || index === said.length - 1);
  const ci = runs.map(({ at, value }): HeadCheck => {
    return { name: 'ci', app: ciApp, kind: 'check-run', conclusion: value, at: wholeSecond(at) };
  });
  return [...own, ...ci];
}

/** Everything that the gate judges of a pull request, as the forge shows it now. */
function viewOf(forges: Forges, repository: Repository, pull: Pull): GateView {
  const git = gitOf(repository);
  const base = repository.branches.get(pull.baseRef.now())?.now();
  return {
    pull: shownPull(repository, pull),
    body: pull.body,
    reviews: reviewsOf(repository, pull),
    codeOwnersApproved: null,
    checks: checksOn(forges, repository, pull),
    unresolved: 0,
    autoMerge: false,
    lastPusher: null,
    signed: null,
    commits: base === undefined ? null : git.model.changedBy(base, pull.head.now()).length,
  };
}

/** The forge as one process of the gate reaches it. */
export function gateForgePort(forges: Forges, calls: Calls, process: Process): GateForge {
  const { forge, sim, webhooks } = forges;
  const ask = <T>(what: string, project: Project, look: (repository: Repository) => T): Promise<T> =>
    calls.call(process, `gateForge.${what}`, () => {
      forge.mustAnswer();
      const repository = forge.repositoryOf(project);
      if (!repository.seen.now()) throw new Error('403 not accessible by integration');
      return look(repository);
    });
  const mustHave = (repository: Repository, number: number): Pull => {
    const pull = repository.pulls.get(number);
    if (!pull) throw new Error(`404 no pull request ${number}`);
    return pull;
  };
  const tell = (repository: Repository, pull: Pull, name: string): void => {
    pull.updatedAt = sim.time.now();
    const detail = { kind: 'pull-request' as const, number: pull.number, head: null };
    webhooks.emit(repository, name, persons.robot, detail);
  };
  return {
    gateView: (project, number) =>
      ask('gateView', project, (repository) => {
        const pull = repository.pulls.get(number);
        return pull ? viewOf(forges, repository, pull) : null;
      }),
    branchRules: (project, branch) => ask('branchRules', project, (repository) => rulesOf(sim, repository, branch)),
    close: (project, number) =>
      ask('close', project, (repository) => {
        const pull = mustHave(repository, number);
        if (pull.state.now() !== 'open') return;
        sim.note('gate: a landed pull request was closed');
        pull.closedByUs.push(sim.time.now());
        pull.state.set('closed');
        tell(repository, pull, 'pull_request.closed');
      }),
    setLabel: (project, number, label, present) =>
      ask('setLabel', project, (repository) => {
        const pull = mustHave(repository, number);
        const others = pull.labels.now().filter((other) => other !== label);
        if (pull.labels.now().includes(label) === present) return;
        pull.labels.set(present ? [...others, label] : others);
        tell(repository, pull, present ? 'pull_request.labeled' : 'pull_request.unlabeled');
      }),
    mayChangeWorkflows: (project) => ask('mayChangeWorkflows', project, () => true),
    // Worlds land by pushing alone so far.
    merge: () => Promise.reject(new Error('405 merging is not allowed here')),
  };
}
