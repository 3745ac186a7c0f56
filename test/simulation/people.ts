import type { EventDetail } from '../../src/model/forge-event.ts';
import type { Permission, Person } from '../../src/model/person.ts';
import { type Sha, toSha } from '../../src/model/sha.ts';
import { hexOf } from './chance.ts';
import { shownPull } from './forge-port.ts';
import type { Commit, ForgeWorld, Pull, Repository, StoredCheckRun } from './forge-world.ts';
import { commitInGit, firstFiles } from './gate/commits.ts';
import { createRepositoryGit } from './gate/repository-git.ts';
import { configs, filesWith } from './projects.ts';
import { beginning, type Sim } from './sim.ts';
import type { Action, Who } from './story.ts';
import { Timeline } from './timeline.ts';
import type { Webhooks } from './webhooks.ts';

export const persons: Readonly<Record<Who, Person>> = {
  ada: { id: 11, login: 'ada', kind: 'user' },
  mia: { id: 12, login: 'mia', kind: 'user' },
  mallory: { id: 13, login: 'mallory', kind: 'user' },
  boss: { id: 14, login: 'boss', kind: 'user' },
  robot: { id: 21, login: 'robot[bot]', kind: 'bot' },
};

export const otherBase = 'release-`@ops`';

/** `KIND onto BRANCH needs NUMBER`; a kind alone is for main. */
function wordsOf(text: string): { readonly word: string; readonly base: string; readonly body: string } {
  const {
    word = text,
    branch,
    number,
  } = /^(?<word>.*?)(?: onto (?<branch>\d))?(?: needs (?<number>\d+))?$/.exec(text)?.groups ?? {};
  const body = number === undefined ? '' : `What it does.\n\nDepends-On: #${number}\n`;
  return { word, base: branch === '1' ? otherBase : 'main', body };
}

export interface People {
  act(action: Action): void;
}

export interface Scene {
  readonly sim: Sim;
  readonly forge: ForgeWorld;
  readonly webhooks: Webhooks;
}

/** Puts the repositories there before anything happens. */
export function settleIn({ sim, forge }: Scene): void {
  const { now } = sim.time;
  for (let index = 0; index < sim.knobs.repositories; index += 1) {
    const id = 4000 + index;
    const git = sim.knobs.queues ? createRepositoryGit() : null;
    const root = git && sim.knobs.queues ? git.model.commit(firstFiles(sim.knobs.queues), [], 'first') : null;
    if (root !== null) git?.pushed.add(root);
    const first: Commit = {
      sha: root ?? toSha(hexOf('first', id)),
      files: filesWith('all'),
      changed: [],
      hot: 0,
      editsHot: false,
    };
    const permissions: readonly (readonly [Who, Permission])[] = [
      ['ada', 'write'],
      ['mia', 'read'],
      ['mallory', 'none'],
      ['boss', 'admin'],
      ['robot', 'read'],
    ];
    forge.repositories.set(id, {
      project: {
        id,
        owner: 'acme',
        name: `r${index}`,
        private: index === 1,
        defaultBranch: 'main',
        installation: index === 2 ? 8 : 7,
        cloneUrl: `https://github.test/acme/r${index}.git`,
      },
      installedAt: beginning - 3_600_000,
      seen: new Timeline(now, true),
      branches: new Map(['main', otherBase].map((name) => [name, new Timeline(now, first.sha)])),
      commits: new Map([[first.sha, first]]),
      pulls: new Map(),
      permissions: new Map(permissions.map(([who, level]) => [persons[who].id, new Timeline(now, level)])),
      members: new Set([persons.mia.id]),
      git,
      locked: new Timeline(now, false),
      ci: new Map(),
    });
  }
}

/** `onHead` hears of every new head. */
export function createPeople(
  scene: Scene,
  onHead: (repository: Repository, pull: Pull) => void = () => undefined,
): People {
  const { sim, forge, webhooks } = scene;
  const { now } = sim.time;
  const draws = sim.chance.stream('acts');
  let commits = 0;
  let comments = 0;

  /** `onHead`: a branch in git goes on from its own head, unless it is forced onto the base. */
  function commitOn(repository: Repository, baseRef: string, word: string, onHead: Sha | null = null): Commit {
    commits += 1;
    const tip = repository.branches.get(baseRef)?.now();
    const { queues } = sim.knobs;
    if (repository.git && queues && tip !== undefined) {
      const on = onHead === null || word.startsWith('force ') ? tip : onHead;
      const sha = commitInGit(repository.git, on, word.replace(/^force /, ''), commits, queues);
      return { sha, files: {}, changed: [], hot: 0, editsHot: false };
    }
    const base = repository.commits.get(tip ?? '') as Commit;
    const paths: Readonly<Record<string, string>> = { web: 'web/main.go', docs: 'docs/index.md', hot: 'hot.txt' };
    const isConfig = word in configs;
    const path = paths[word] ?? 'cmd/main.go';
    const more = { [path]: `text ${commits}\n` };
    const files = isConfig ? filesWith(word, more) : { ...base.files, ...more };
    return {
      sha: toSha(hexOf('commit', repository.project.id, commits)),
      files,
      changed: isConfig ? ['.sluice.yaml', path] : [path],
      hot: base.hot,
      editsHot: word === 'hot',
    };
  }

  function tell(repository: Repository, pull: Pull, name: string, sender: Person): void {
    pull.updatedAt = now();
    const detail: EventDetail = { kind: 'pull-request', number: pull.number, head: null };
    webhooks.emit(repository, name, sender, detail);
  }

  function say(repository: Repository, pull: Pull, who: Person, word: string): void {
    const heads = pull.head.all();
    const head = pull.head.now();
    const said = word
      .replace('HEAD', head)
      .replace('SHORT', head.slice(0, 8))
      .replace('OLD', heads.at(-2) ?? heads[0] ?? head);
    const edited = said.startsWith('EDITED ');
    const review = said.startsWith('REVIEW ');
    comments += 1;
    const lag = sim.faultsOn() && draws.happens(sim.knobs.rates.commentLag) ? draws.between(500, 20_000) : 0;
    pull.comments.push({
      source: review ? 'review' : 'comment',
      id: 9000 + comments,
      author: who,
      ours: false,
      text: said.replace(/^(EDITED|REVIEW) /, ''),
      createdAt: now(),
      edited,
      visibleAt: now() + lag,
    });
    const approved = /^\/ok-to-test ([0-9a-f]{40})$/.exec(said)?.[1];
    if (approved !== undefined && who.kind === 'user') pull.consents.push({ head: approved, by: who.id, at: now() });
    tell(repository, pull, review ? 'pull_request_review.submitted' : 'issue_comment.created', who);
  }

  function pressed(pull: Pull, word: string): { run: StoredCheckRun; head: Sha } | null {
    const heads = pull.head.all();
    const head = word.startsWith('old ') ? (heads.at(-2) ?? pull.head.now()) : pull.head.now();
    const named = word.replace('old ', '').split(' ')[1] ?? 'sluice';
    const name = named === 'gate' ? `sluice/gate/${pull.baseRef.now()}` : named;
    const run = (forge.checkRuns.get(head) ?? []).findLast((each) => each.name === name);
    return run ? { run, head } : null;
  }

  function press(repository: Repository, pull: Pull, who: Person, word: string): void {
    const found = pressed(pull, word);
    if (!found) {
      sim.note('press: no such check run');
      return;
    }
    const verb = word.replace('old ', '').split(' ')[0] ?? '';
    const { run, head } = found;
    const isAction = verb === 'approve' || verb === 'cancel' || verb === 'dequeue';
    // A button that is not there cannot be pressed.
    if (isAction && !run.actions.includes(verb)) {
      sim.note(`press: no button ${verb}`);
      return;
    }
    if (verb === 'approve') pull.consents.push({ head, by: who.id, at: now() });
    sim.note(`press: ${verb}`);
    const delivery = webhooks.emit(repository, isAction ? 'check_run.requested_action' : 'check_run.rerequested', who, {
      kind: 'check-button',
      button: isAction ? 'action' : verb === 'rerun-all' ? 'rerun-all' : 'rerun',
      head,
      check: verb === 'rerun-all' ? '' : run.name,
      externalId: run.externalId,
      identifier: isAction ? verb : null,
      numbers: pull.fork ? [] : [pull.number],
    });
    const wantsLanding = verb === 'rerun' && run.name.startsWith('sluice/gate/');
    if (wantsLanding) repository.git?.asked.push({ number: pull.number, head, at: now(), by: who.id });
    if (verb === 'rerun' && !run.name.startsWith('sluice') && run.finalAt !== null)
      pull.presses.push({ delivery, job: run.name, head, by: who.id, at: now() });
  }

  function open(repository: Repository, action: Action): void {
    const author = persons[action.who];
    const { word, base, body } = wordsOf(action.word);
    const commit = commitOn(repository, base, word);
    repository.commits.set(commit.sha, commit);
    const early = action.word === 'early';
    const at = early ? repository.installedAt - 86_400_000 : now();
    const pull: Pull = {
      number: action.pull,
      author,
      fork: action.who === 'mallory' || action.who === 'mia',
      createdAt: at,
      updatedAt: at,
      state: new Timeline<'open' | 'closed' | 'merged'>(now, 'open'),
      draft: new Timeline(now, action.word === 'draft'),
      head: new Timeline(now, commit.sha),
      baseRef: new Timeline(now, base),
      comments: [],
      reactions: new Map(),
      reactedAt: new Map(),
      replies: new Map(),
      consents: [],
      presses: [],
      labels: new Timeline<readonly string[]>(now, []),
      body,
      reviews: [],
      closedByUs: [],
    };
    repository.pulls.set(action.pull, pull);
    onHead(repository, pull);
    if (early) return;
    const detail = { kind: 'pull-request' as const, number: pull.number, head: commit.sha };
    webhooks.emit(repository, 'pull_request.opened', author, { ...detail, opened: shownPull(repository, pull) });
  }

  function push(repository: Repository, pull: Pull, word: string): void {
    if (pull.state.now() !== 'open') return;
    const commit = commitOn(repository, pull.baseRef.now(), word, pull.head.now());
    repository.commits.set(commit.sha, commit);
    pull.head.set(commit.sha);
    onHead(repository, pull);
    tell(repository, pull, 'pull_request.synchronize', pull.author);
  }

  function become(repository: Repository, pull: Pull, what: Action['what'], who: Person): void {
    const state = pull.state.now();
    if (what === 'close' && state === 'open') pull.state.set('closed');
    else if (what === 'merge' && state === 'open') pull.state.set('merged');
    else if (what === 'reopen' && state === 'closed') pull.state.set('open');
    else if (what === 'draft' && state === 'open' && !pull.draft.now()) pull.draft.set(true);
    else if (what === 'ready' && state === 'open' && pull.draft.now()) pull.draft.set(false);
    else return;
    const names: Readonly<Record<string, string>> = {
      close: 'closed',
      merge: 'closed',
      reopen: 'reopened',
      draft: 'converted_to_draft',
      ready: 'ready_for_review',
    };
    tell(repository, pull, `pull_request.${names[what]}`, who);
  }

  function onBase(repository: Repository, word: string): void {
    const commit = commitOn(repository, 'main', word);
    const next = { ...commit, hot: commit.hot + (word === 'hot' ? 1 : 0), changed: [] };
    const before = repository.branches.get('main')?.now() ?? commit.sha;
    repository.commits.set(commit.sha, next);
    repository.branches.get('main')?.set(commit.sha);
    const detail: EventDetail = { kind: 'push', ref: 'refs/heads/main', before, after: commit.sha, forced: false };
    webhooks.emit(repository, 'push', persons.boss, detail);
  }

  function pushBack(repository: Repository, pull: Pull): void {
    const earlier = pull.head.all().at(-2);
    if (!earlier || pull.state.now() !== 'open') return;
    sim.note('people: a force-push back to an earlier head');
    pull.head.set(earlier);
    tell(repository, pull, 'pull_request.synchronize', pull.author);
  }

  function retarget(repository: Repository, pull: Pull, who: Person, word: string): void {
    if (pull.state.now() !== 'open' || pull.baseRef.now() === word) return;
    pull.baseRef.set(word);
    tell(repository, pull, 'pull_request.edited', who);
  }

  function onPull(repository: Repository, pull: Pull, { who, what, word }: Action): void {
    const person = persons[who];
    if (what === 'push') push(repository, pull, word);
    else if (what === 'push back') pushBack(repository, pull);
    else if (what === 'retarget') retarget(repository, pull, person, word);
    else if (what === 'comment') say(repository, pull, person, word);
    else if (what === 'press') press(repository, pull, person, word);
    else become(repository, pull, what, person);
  }

  return {
    act(action) {
      const repository = forge.repositories.get(4000 + action.repository);
      if (!repository) return;
      const pull = repository.pulls.get(action.pull);
      if (action.what === 'open') open(repository, action);
      else if (action.what === 'base push') onBase(repository, action.word);
      else if (action.what === 'permission')
        repository.permissions.get(persons[action.who].id)?.set(action.word as Permission);
      else if (pull) onPull(repository, pull, action);
    },
  };
}
