import type { LocalClone } from './adapters/git/local-clone.ts';
import { takeSnapshot } from './adapters/git/local-snapshot.ts';
import { parseEvent } from './adapters/github/parse-event.ts';
import { idAt } from './adapters/github/read-payload.ts';
import type { Plan } from './cli/deps.ts';
import { cliError } from './cli/exit-codes.ts';
import { holdsCommands } from './core/presubmit/answer-comments.ts';
import type { LocalChange } from './local-change.ts';
import type { PreparedChange } from './model/code.ts';
import type { ForgeEvent } from './model/forge-event.ts';
import type { Comment } from './model/pull-request.ts';
import { type Sha, toSha } from './model/sha.ts';
import { planChange } from './plan-change.ts';
import { planPushed } from './plan-push.ts';
import { type PullPayload, readPullPayload } from './read-pull-payload.ts';

/** Actions after which automatic jobs are decided (commands.md §2). */
const starting = ['opened', 'reopened', 'ready_for_review', 'synchronize'];

const guessed = "Rights were guessed from the payload's author_association; the server asks GitHub.";

function nothing(...notes: readonly string[]): Plan {
  return { decisions: [], notes };
}

/** Why this event starts nothing whatever the pull request holds; null when it may. */
function whyNothing(event: ForgeEvent, payload: PullPayload): string | null {
  const { action, pull } = payload;
  if (pull.state !== 'open')
    return `Pull request ${pull.number} is ${pull.state}: what is unfinished is stopped, nothing starts.`;
  if (payload.comment) {
    if (payload.comment.author.kind === 'bot')
      return `${payload.comment.author.login} is a bot: only bots that are listed in trustedApps are listened to.`;
    return holdsCommands(payload.comment) ? null : 'There is no command in it: nothing happens.';
  }
  if (starting.includes(action) || (action === 'edited' && payload.retargeted)) return null;
  if (action === 'converted_to_draft') return 'It is a draft now: unfinished builds are stopped, nothing starts.';
  return `${event.name} starts nothing.`;
}

interface Grounds {
  readonly prepared: PreparedChange;
  readonly notes: readonly string[];
}

async function baseOf(clone: LocalClone, payload: PullPayload): Promise<Sha | null> {
  const { baseRef } = payload.pull;
  const named = payload.commits?.base;
  if (named !== undefined && (await clone.has([named]))) return named;
  return (await clone.commitOf(`refs/remotes/origin/${baseRef}`)) ?? clone.commitOf(`refs/heads/${baseRef}`);
}

async function headOf(clone: LocalClone, payload: PullPayload): Promise<Sha | null> {
  const named = payload.commits?.head;
  if (named !== undefined) return (await clone.has([named])) ? named : null;
  return clone.commitOf(`refs/pull/${payload.pull.number}/head`);
}

/** The merge, where both commits are in the clone; else the working tree stands in for it. */
async function groundsOf(clone: LocalClone, payload: PullPayload): Promise<Grounds> {
  const [base, head] = [await baseOf(clone, payload), await headOf(clone, payload)];
  const prepared = base && head ? await clone.prepare(base, head) : null;
  if (prepared) {
    const moved = payload.commits !== null && payload.commits.base !== base;
    const note = `The base ${payload.commits?.base} is not in this clone: planned onto ${payload.pull.baseRef} as it is here.`;
    return { prepared, notes: moved ? [note] : [] };
  }
  const { commit, uncommitted } = await takeSnapshot(clone);
  const tree = await clone.git(clone.folder, ['rev-parse', `${commit}^{tree}`]);
  const because = payload.commits ? `commit ${payload.commits.head} is not in this clone` : 'the event names no commit';
  const place = uncommitted ? 'the working tree, with what is not committed' : 'HEAD';
  return {
    prepared: {
      base: commit,
      head: payload.commits?.head ?? head ?? commit,
      merge: { kind: 'merged', tree: toSha(tree.stdout.toString().trim()) },
      changed: { known: false, because },
    },
    notes: [`Planned with the configuration of ${place}, because ${because}: the changed files are unknown.`],
  };
}

function commentsOf(payload: PullPayload): readonly Comment[] {
  if (payload.comment) return [payload.comment];
  if (payload.action !== 'opened' || payload.body === '') return [];
  const { number: id, author, createdAt } = payload.pull;
  return [{ source: 'body', id, author, ours: false, text: payload.body, createdAt, edited: false }];
}

async function planPullRequest(clone: LocalClone, event: ForgeEvent, payload: PullPayload): Promise<Plan> {
  const why = whyNothing(event, payload);
  if (why !== null) return nothing(why);
  const { prepared, notes } = await groundsOf(clone, payload);
  const change: LocalChange = {
    project: payload.project,
    pull: { ...payload.pull, head: prepared.head },
    rights: payload.rights,
    prepared,
    comments: commentsOf(payload),
    inbox: payload.comment ? [] : [event],
  };
  const plan = await planChange(clone.source, change, event.receivedAt);
  return { decisions: plan.decisions, notes: [...notes, guessed, ...plan.notes] };
}

type Push = Extract<ForgeEvent['detail'], { kind: 'push' }>;

async function planPushEvent(clone: LocalClone, event: ForgeEvent, { ref, before, after }: Push): Promise<Plan> {
  if (!/^refs\/(?:heads|tags)\//.test(ref)) return nothing(`A push to ${ref} is one to neither a branch nor a tag.`);
  for (const commit of [before, after])
    if (!/^0+$/.test(commit) && (await clone.commitOf(commit)) === null)
      return nothing(`Commit ${commit} is not in this clone: "git fetch origin ${commit}" may bring it.`);
  const pushedBy = event.sender === null ? [] : [event.sender.login];
  return planPushed(
    clone,
    { range: `${before}..${after}`, ref, pushedBy, released: [], published: [] },
    event.receivedAt,
  );
}

/** What one delivery would lead to, with nothing known but the payload and the clone. */
export async function planEvent(clone: LocalClone, name: string, payload: unknown, now: number): Promise<Plan> {
  // Whichever App a button belongs to, it is taken for ours.
  const app = idAt(payload, 'check_run', 'app', 'id') ?? idAt(payload, 'check_suite', 'app', 'id') ?? 0;
  const event = parseEvent({ event: name, delivery: 'local' }, payload, now, app);
  switch (event.detail.kind) {
    case 'ignored':
      return nothing(`${event.name} is ignored: ${event.detail.because}.`);
    case 'push':
      return planPushEvent(clone, event, event.detail);
    case 'repositories':
      return nothing('The repositories of the installation are read anew; nothing starts by that.');
    case 'head':
      return nothing('What others report on a commit starts nothing; the queue that holds it, if any, looks at it.');
    case 'gate':
    case 'promote':
    case 'release':
      return nothing('It is meant for a queue, its promotion or a release, which only the server knows.');
    case 'check-button':
      return nothing('Buttons are answered by the server: they stand for commands on check runs that only it knows.');
    case 'pull-request': {
      const read = readPullPayload(payload);
      if (read.kind === 'unreadable')
        throw cliError('usage', `the payload is not that of a ${name} event: ${read.because}`);
      return planPullRequest(clone, event, read.payload);
    }
  }
}
