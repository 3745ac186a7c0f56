import type { EventDetail, ForgeEvent, GateCommand } from '../../../src/model/forge-event.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import type { Pull, Repository } from '../forge-world.ts';
import { otherBase, persons } from '../people.ts';
import type { Surroundings } from '../processes.ts';
import type { Action } from '../story.ts';
import { Timeline } from '../timeline.ts';
import { createVersionPeople } from '../version/people.ts';
import { commitInGit } from './commits.ts';
import { gitOf, moveBranch } from './move-branch.ts';

/** What people do about landings, and what they do to branches. */
export interface GatePeople {
  /** False: it is nothing of these. */
  act(action: Action): boolean;
  /** Another App has something to say of each head. */
  onHead(repository: Repository, pull: Pull): void;
  /** Locks are taken off, and ledgers are put right. */
  end(): void;
}

const operator = { id: 0, login: 'root', kind: 'user' } as const;

function branchIn(word: string): string {
  return word.endsWith(' onto 1') ? otherBase : 'main';
}

export function createGatePeople(world: Surroundings): GatePeople {
  const { sim, forge, webhooks, redis, intake } = world;
  const { now } = sim.time;
  const draws = sim.chance.stream('gate people');
  const endings: (() => void)[] = [];
  const versions = createVersionPeople(world);
  let commits = 0;

  function tell(repository: Repository, pull: Pull, name: string, who: Action['who']): void {
    pull.updatedAt = now();
    const detail: EventDetail = { kind: 'pull-request', number: pull.number, head: null };
    webhooks.emit(repository, name, persons[who], detail);
  }

  function review(repository: Repository, pull: Pull, who: Action['who'], word: string): void {
    const by = persons[who];
    const last = pull.reviews.findLast((each) => each.by.id === by.id);
    if (word === 'dismissed') {
      if (!last || last.state.now() === 'dismissed') return;
      last.state.set('dismissed');
      tell(repository, pull, 'pull_request_review.dismissed', who);
      return;
    }
    if (pull.state.now() !== 'open') return;
    const heads = pull.head.all();
    const commit = word === 'approved old' ? (heads.at(-2) ?? pull.head.now()) : pull.head.now();
    const state = word === 'changes-requested' ? word : 'approved';
    const timeline = new Timeline<'approved' | 'changes-requested' | 'dismissed'>(now, state);
    pull.reviews.push({ by, commit, at: now(), state: timeline });
    tell(repository, pull, 'pull_request_review.submitted', who);
  }

  function sayOfHead(repository: Repository, head: Sha, word: string): void {
    const said = word === 'null' ? null : (word as 'success' | 'failure');
    const there = repository.ci.get(head);
    if (there) there.set(said);
    else repository.ci.set(head, new Timeline<'success' | 'failure' | null>(now, said));
  }

  function operate(repository: Repository, pull: Pull, command: string): void {
    const branch = pull.baseRef.now();
    const { id, owner, name, installation } = repository.project;
    const subject = subjectIdOf({ kind: 'queue', repository: id, branch });
    const isWhole = command === 'freeze' || command === 'thaw';
    const head = command === 'enqueue' ? pull.head.now() : null;
    const told = (command === 'enqueue' ? 'gate' : command) as GateCommand['command'];
    const detail = { kind: 'gate', command: told, number: isWhole ? 0 : pull.number, head, words: '' } as const;
    const event: ForgeEvent = {
      delivery: `operator-${now()}-${draws.between(0, 1e9)}`,
      name: `gate.${told}`,
      installation,
      repository: { id, owner, name },
      sender: operator,
      receivedAt: now(),
      detail: { ...detail, words: isWhole ? 'release day' : '', by: operator, permission: 'operator', at: now() },
    };
    try {
      redis.write(() => intake.accept(event, [subject]));
      sim.note(`operator: ${command}`);
      if (head !== null) gitOf(repository).asked.push({ number: pull.number, head, at: now(), by: null });
    } catch {
      sim.note('operator: Redis was not there');
    }
  }

  function commitOnTip(repository: Repository, tip: Sha | undefined, word: string): Sha | null {
    const { queues } = sim.knobs;
    if (tip === undefined || !queues) return null;
    commits += 1;
    return commitInGit(gitOf(repository), tip, word, 1000 + commits, queues);
  }

  /** One push of as many commits as there are words. */
  function push(repository: Repository, branch: string, { who }: Action, words: string): void {
    let to = repository.branches.get(branch)?.now();
    for (const word of words.split(', ')) to = commitOnTip(repository, to, word) ?? undefined;
    if (to !== undefined) moveBranch(world, repository, branch, to, { person: persons[who], ours: false });
  }

  function mergeByHand(repository: Repository, pull: Pull): void {
    const git = gitOf(repository);
    const branch = pull.baseRef.now();
    const tip = repository.branches.get(branch)?.now();
    if (tip === undefined || pull.state.now() !== 'open' || git.model.contains(tip, pull.head.now())) return;
    const merged = git.model.merge(tip, pull.head.now());
    if (merged.kind === 'conflict') return;
    sim.note('people: merged by hand');
    const files = git.model.filesAt(merged.tree) ?? {};
    const to = git.model.commit(files, [tip, pull.head.now()], `merged by hand ${pull.number}`);
    git.pushed.add(to);
    pull.state.set('merged');
    tell(repository, pull, 'pull_request.closed', 'boss');
    moveBranch(world, repository, branch, to, { person: persons.boss, ours: false });
  }

  function resetBranch(repository: Repository, branch: string, steps: number): void {
    const { model } = gitOf(repository);
    let to = repository.branches.get(branch)?.now();
    for (let step = 0; step < steps && to !== undefined; step += 1) to = model.get(to)?.parents[0] ?? to;
    if (to === undefined || to === repository.branches.get(branch)?.now()) return;
    sim.note('people: a branch was reset');
    moveBranch(world, repository, branch, to, { person: persons.boss, ours: false });
  }

  /** Other content in the place of the last commit. */
  function forcePush(repository: Repository, branch: string, words: string): void {
    const tip = repository.branches.get(branch)?.now();
    let to = gitOf(repository).model.get(tip ?? '')?.parents[0];
    for (const word of to === undefined ? [] : words.split(', ')) to = commitOnTip(repository, to, word) ?? undefined;
    if (to === undefined || to === tip) return;
    sim.note('people: a branch was forced to other content');
    moveBranch(world, repository, branch, to, { person: persons.boss, ours: false });
  }

  /** Foreign commits in ledgers, each with what was there before them. */
  const intruders = new Map<string, Sha | undefined>();

  /** Somebody writes into the ledger; an administrator puts it right after a while. */
  function writeIntoLedger(repository: Repository, branch: string): void {
    const { ledgers, model, pushed, unsoundUntil } = gitOf(repository);
    const there = ledgers.get(branch);
    const foreign = model.commit({ evil: String(now()) }, there === undefined ? [] : [there], 'evil');
    // Whoever repairs it puts back what was there before the first of them.
    const before = there !== undefined && intruders.has(there) ? intruders.get(there) : there;
    intruders.set(foreign, before);
    pushed.add(foreign);
    ledgers.set(branch, foreign);
    unsoundUntil.set(branch, Number.POSITIVE_INFINITY);
    sim.note('people: a foreign commit in a ledger');
    const repair = (): void => {
      if (ledgers.get(branch) !== foreign) return;
      if (before === undefined) ledgers.delete(branch);
      else ledgers.set(branch, before);
      unsoundUntil.set(branch, now());
    };
    endings.push(repair);
    sim.time.after(draws.between(5_000, 300_000), repair);
  }

  function lock(repository: Repository): void {
    sim.note('people: branches were locked');
    repository.locked.set(true);
    const open = (): void => repository.locked.set(false);
    endings.push(open);
    sim.time.after(draws.between(5_000, 200_000), open);
  }

  function onBranch(repository: Repository, action: Action): boolean {
    const branch = branchIn(action.word);
    const word = action.word.replace(/ onto \d$/, '');
    switch (action.what) {
      case 'direct push': {
        push(repository, branch, action, word);
        return true;
      }
      case 'reset branch':
        resetBranch(repository, branch, Number(word));
        return true;
      case 'force push':
        forcePush(repository, branch, word);
        return true;
      case 'foreign ledger':
        writeIntoLedger(repository, branch);
        return true;
      case 'lock branch':
        lock(repository);
        return true;
      default:
        return false;
    }
  }

  return {
    act(action) {
      const repository = forge.repositories.get(4000 + action.repository);
      if (!repository) return false;
      if (versions.act(repository, action) || onBranch(repository, action)) return true;
      const pull = repository.pulls.get(action.pull);
      if (!['review', 'ci', 'operate', 'hand merge'].includes(action.what)) return false;
      if (!pull) return true;
      if (action.what === 'review') review(repository, pull, action.who, action.word);
      else if (action.what === 'ci') sayOfHead(repository, pull.head.now(), action.word);
      else if (action.what === 'operate') operate(repository, pull, action.word);
      else mergeByHand(repository, pull);
      return true;
    },
    onHead(repository, pull) {
      if (sim.knobs.queues?.rules !== 'ci') return;
      const head = pull.head.now();
      const word = draws.happens(0.85) ? 'success' : 'failure';
      sim.time.after(draws.between(2_000, 60_000), () => sayOfHead(repository, head, word));
    },
    end() {
      for (const ending of endings) ending();
    },
  };
}
