import type { EventDetail, ForgeEvent } from '../../src/model/forge-event.ts';
import type { Person } from '../../src/model/person.ts';
import type { Comment, PullRequest } from '../../src/model/pull-request.ts';
import type { Sha } from '../../src/model/sha.ts';
import { aComment, people } from './model-data.ts';
import { type Story, subject } from './story.ts';

function deliver(story: Story, detail: EventDetail, name: string, sender: Person): ForgeEvent {
  story.server.deliveries += 1;
  const repository = { id: subject.repository, owner: 'acme', name: 'api' };
  const delivery = `delivery-${story.server.deliveries}`;
  const event = { delivery, name, installation: 7, repository, sender, receivedAt: story.now, detail };
  story.inbox.push(event);
  return event;
}

/** The forge tells that something about the pull request changed. */
export function tell(story: Story, name = 'pull_request.synchronize', sender: Person = people.ada): ForgeEvent {
  return deliver(story, { kind: 'pull-request', number: subject.number, head: null }, name, sender);
}

/** An operator asks the queue for its landing on the server's own command line. */
export function enqueueByOperator(story: Story, by: Person): ForgeEvent {
  const { number } = subject;
  const said = { head: story.pull?.head ?? null, by, permission: 'operator', at: story.now, words: '' };
  return deliver(story, { kind: 'gate', command: 'gate', number, ...said }, 'gate.gate', by);
}

type Button = Extract<EventDetail, { kind: 'check-button' }>;

/** Somebody presses something on a check run of the present head: `Re-run` of `unit` unless `button` says otherwise. */
export function press(story: Story, sender: Person, button: Partial<Button> = {}): ForgeEvent {
  if (!story.pull) throw new Error('there is no pull request');
  const detail: Button = {
    kind: 'check-button',
    button: 'rerun',
    head: story.pull.head,
    check: 'unit',
    externalId: '',
    identifier: null,
    numbers: [subject.number],
    ...button,
  };
  const name = detail.button === 'action' ? 'check_run.requested_action' : 'check_run.rerequested';
  return deliver(story, detail, name, sender);
}

/** Changes what the forge says of the pull request, and the forge tells of it. */
export function change(story: Story, name: string, over: Partial<PullRequest>): void {
  if (story.pull) story.pull = { ...story.pull, ...over, updatedAt: story.now };
  tell(story, name);
}

export function push(story: Story, head: Sha): void {
  change(story, 'pull_request.synchronize', { head });
}

/** Somebody writes a comment now, and the forge tells of it. */
export function say(story: Story, text: string, author: Person = people.ada, over: Partial<Comment> = {}): Comment {
  const comment = aComment(text, { author, createdAt: story.now, ...over });
  story.comments.push(comment);
  change(story, 'issue_comment.created', {});
  return comment;
}
