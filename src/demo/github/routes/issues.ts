import { created, noContent, notFound, ok, page, refuse, unprocessable } from '../answers.ts';
import { type Answer, actingAccount, type Call, type RepositoryHandler, textField } from '../call.ts';
import { addComment, changeComment, removeComment } from '../comments.ts';
import { happen } from '../events.ts';
import { ensureLabel, putLabel, takeLabel } from '../labels.ts';
import { accountOf, mayAtLeast } from '../lookup.ts';
import { inRepository, type Routes } from '../route.ts';
import { issueEventView, timeline } from '../views/history.ts';
import { commentsOn, commentView, issueLabels, issueView, labelView } from '../views/issues.ts';
import type { Comment, Issue, Repository } from '../world.ts';
import { changedSince, sorted } from './sorting.ts';

const read = ['issues:read', 'pull_requests:read'];
const write = ['issues:write', 'pull_requests:write'];

export const issueRoutes: Routes = {
  'issues/list-for-repo': inRepository(read, 'read', listIssues),
  'issues/create': inRepository(['issues:write'], 'read', createIssue),
  'issues/get': inRepository(
    read,
    'read',
    withIssue((call, repo, issue) => ok(issueView(call.world, repo, issue))),
  ),
  'issues/update': inRepository(write, 'read', withIssue(updateIssue)),
  'issues/list-comments-for-repo': inRepository(read, 'read', (call, repo) => {
    const all = [...call.world.comments.values()].filter((comment) => comment.repositoryId === repo.id);
    const chosen = sorted(call, changedSince(call, all));
    return page(call, chosen, (comment) => commentView(call.world, repo, comment));
  }),
  'issues/list-comments': inRepository(
    read,
    'read',
    withIssue((call, repo, issue) => {
      const chosen = changedSince(call, commentsOn(call.world, repo, issue.number));
      return page(call, chosen, (comment) => commentView(call.world, repo, comment));
    }),
  ),
  'issues/create-comment': inRepository(write, 'read', withIssue(createComment)),
  'issues/update-comment': inRepository(
    write,
    'read',
    withComment((call, repo, comment) => {
      const by = actingAccount(call);
      if (!mayEdit(call, repo, comment)) return refuse(403, 'Must have write rights to Repository or be the author.');
      changeComment(call.world, repo, comment, textField(call, 'body') ?? '', by);
      return ok(commentView(call.world, repo, comment));
    }),
  ),
  'issues/get-comment': inRepository(
    read,
    'read',
    withComment((call, repo, comment) => ok(commentView(call.world, repo, comment))),
  ),
  'issues/delete-comment': inRepository(
    write,
    'read',
    withComment((call, repo, comment) => {
      const by = actingAccount(call);
      if (!mayEdit(call, repo, comment)) return refuse(403, 'Must have write rights to Repository or be the author.');
      removeComment(call.world, repo, comment, by);
      return noContent();
    }),
  ),
  'issues/list-labels-for-repo': inRepository(read, 'read', (call, repo) =>
    page(call, [...repo.labels.values()], (label) => labelView(call.world, repo, label)),
  ),
  'issues/get-label': inRepository(read, 'read', ({ world, params }, repo) => {
    const label = repo.labels.get((params.name ?? '').toLowerCase());
    return label ? ok(labelView(world, repo, label)) : notFound();
  }),
  'issues/list-events': inRepository(
    read,
    'read',
    withIssue((call, repo, issue) => page(call, issue.events, (event) => issueEventView(call.world, repo, event))),
  ),
  'issues/list-events-for-timeline': inRepository(
    read,
    'read',
    withIssue(async (call, repo, issue) => page(call, await timeline(call.world, repo, issue), (line) => line)),
  ),
  'issues/list-labels-on-issue': inRepository(
    read,
    'read',
    withIssue((call, repo, issue) => page(call, issueLabels(call.world, repo, issue), (label) => label)),
  ),
  'issues/add-labels': inRepository(
    write,
    'triage',
    withIssue(async (call, repo, issue) => {
      const wanted = (call.body.labels ?? []) as readonly (string | { name: string })[];
      for (const label of wanted) {
        await putLabel(call.world, repo, issue, typeof label === 'string' ? label : label.name, actingAccount(call));
      }
      return ok(issueLabels(call.world, repo, issue));
    }),
  ),
  'issues/remove-label': inRepository(
    write,
    'triage',
    withIssue(async (call, repo, issue) => {
      const taken = await takeLabel(call.world, repo, issue, call.params.name ?? '', actingAccount(call));
      return taken ? ok(issueLabels(call.world, repo, issue)) : refuse(404, 'Label does not exist');
    }),
  ),
  'issues/create-label': inRepository(write, 'write', (call, repo) => {
    const name = textField(call, 'name') ?? '';
    if (repo.labels.has(name.toLowerCase())) {
      return unprocessable('Validation Failed', [{ resource: 'Label', code: 'already_exists', field: 'name' }]);
    }
    const color = textField(call, 'color') ?? 'ededed';
    const description = textField(call, 'description') ?? '';
    const label = ensureLabel(call.world, repo, actingAccount(call), { name, color, description });
    return created(labelView(call.world, repo, label));
  }),
};

function withIssue(
  handle: (call: Call, repo: Repository, issue: Issue) => Answer | Promise<Answer>,
): RepositoryHandler {
  return (call, repo) => {
    const issue = repo.issues.get(Number(call.params.issue_number));
    return issue ? handle(call, repo, issue) : notFound();
  };
}

function withComment(
  handle: (call: Call, repo: Repository, comment: Comment) => Answer | Promise<Answer>,
): RepositoryHandler {
  return (call, repo) => {
    const comment = call.world.comments.get(Number(call.params.comment_id));
    return comment?.repositoryId === repo.id ? handle(call, repo, comment) : notFound();
  };
}

// An App has its own words only; a person also those of others, with the right to write.
function mayEdit({ world, actor }: Call, repo: Repository, comment: Comment): boolean {
  if (actor.kind === 'installation') return comment.authorId === actor.bot.id;
  if (actor.kind !== 'person') return false;
  return comment.authorId === actor.account.id || mayAtLeast(world, repo, actor.account, 'write');
}

function listIssues(call: Call, repo: Repository): Promise<Answer> {
  const state = call.query.get('state') ?? 'open';
  const labels = (call.query.get('labels') ?? '').split(',').filter((name) => name !== '');
  const creator = call.query.get('creator');
  const all = [...repo.issues.values()]
    .filter((issue) => state === 'all' || issue.state === state)
    .filter((issue) => labels.every((name) => issue.labels.includes(name)))
    .filter((issue) => creator === null || accountOf(call.world, issue.authorId).login === creator);
  return page(call, sorted(call, changedSince(call, all), 'desc'), (issue) => issueView(call.world, repo, issue));
}

function createIssue(call: Call, repo: Repository): Answer {
  const { world } = call;
  const by = actingAccount(call);
  const at = world.now();
  const number = repo.nextNumber;
  repo.nextNumber += 1;
  const issue: Issue = {
    id: world.ids.next(),
    number,
    repositoryId: repo.id,
    authorId: by.id,
    title: String(call.body.title),
    body: textField(call, 'body'),
    state: 'open',
    createdAt: at,
    updatedAt: at,
    closedAt: null,
    closedById: null,
    bodyEditedAt: null,
    labels: [],
    reactions: [],
    events: [],
    pull: null,
  };
  repo.issues.set(number, issue);
  const view = issueView(world, repo, issue);
  happen(world, { event: 'issues', action: 'opened', sender: by, repository: repo, body: { issue: view } });
  return created(view);
}

function updateIssue(call: Call, repo: Repository, issue: Issue): Answer {
  if (issue.pull)
    return refuse(501, 'The stand-in changes pull requests by PATCH /repos/{owner}/{repo}/pulls/{pull_number} only.');
  const { world } = call;
  const by = actingAccount(call);
  issue.title = textField(call, 'title') ?? issue.title;
  issue.body = textField(call, 'body') ?? issue.body;
  const state = textField(call, 'state');
  if (state === 'closed' && issue.state === 'open') issue.closedAt = world.now();
  if (state === 'open') issue.closedAt = null;
  issue.closedById = state === 'closed' ? by.id : state === 'open' ? null : issue.closedById;
  issue.state = state === 'closed' || state === 'open' ? state : issue.state;
  issue.updatedAt = world.now();
  return ok(issueView(world, repo, issue));
}

function createComment(call: Call, repo: Repository, issue: Issue): Answer {
  const body = textField(call, 'body') ?? '';
  if (body.length > 65_536) {
    return unprocessable('Validation Failed', [
      {
        resource: 'IssueComment',
        code: 'unprocessable',
        field: 'data',
        message: 'Body is too long (maximum is 65536 characters)',
      },
    ]);
  }
  const appId = call.actor.kind === 'installation' ? call.actor.app.id : null;
  const comment = addComment(call.world, repo, issue, { by: actingAccount(call), body, appId });
  return created(commentView(call.world, repo, comment));
}
