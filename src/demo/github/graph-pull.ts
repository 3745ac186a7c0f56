import { connection } from './graph-connection.ts';
import { type Arguments, type GraphObject, type GraphValue, refuseField } from './graphql-execute.ts';
import { nodeId } from './ids.ts';
import { accountOf, gitFolder, type PullIssue } from './lookup.ts';
import { reviewDecision } from './merge-rules.ts';
import { type Commit, readCommits, type Signature } from './objects.ts';
import { signatureOf } from './signatures.ts';
import { isoTime } from './views/urls.ts';
import type { Repository, ReviewComment, World } from './world.ts';

/** What a merge queue asks of a pull request besides its texts: conversations, decision, auto-merge, commits. */
export function gateFields(world: World, repo: Repository, issue: PullIssue) {
  const { pull } = issue;
  return {
    reviewDecision: () => reviewDecision(world, repo, issue),
    reviewThreads: connection('PullRequestReviewThread', pull.reviewComments, (root) => threadNode(world, root)),
    autoMergeRequest: () => autoMergeNode(world, issue),
    timelineItems: (args: Arguments) => timelineOf(issue, args),
    commits: async (args: Parameters<ReturnType<typeof connection>>[0]): Promise<GraphValue> => {
      const range = ['--reverse', pull.headSha, `^${pull.baseSha}`, '--'];
      const commits = (await readCommits(gitFolder(world, repo), range)).slice(0, 250);
      return connection('PullRequestCommit', commits, (commit) => ({
        __typename: 'PullRequestCommit',
        id: nodeId('PullRequestCommit', `${issue.id}:${commit.sha}`),
        commit: commitNode(world, repo, commit),
      }))(args);
    },
  };
}

/** Of its timeline only this type of item is built: a list of one, which GraphQL lets be written without brackets. */
function timelineOf({ id, pull }: PullIssue, args: Arguments): GraphValue {
  if (args.itemTypes !== 'HEAD_REF_FORCE_PUSHED_EVENT')
    return refuseField('undefinedType', `Timeline items of the types ${String(args.itemTypes)} are not built`);
  return connection('PullRequestTimelineItems', pull.forcedAt, (at) => ({
    __typename: 'HeadRefForcePushedEvent',
    id: nodeId('HeadRefForcePushedEvent', `${id}:${at}`),
    createdAt: isoTime(at),
  }))(args);
}

function threadNode(world: World, root: ReviewComment): GraphObject {
  const comments = connection('PullRequestReviewComment', [root], (comment) => ({
    __typename: 'PullRequestReviewComment',
    id: nodeId('PullRequestReviewComment', comment.id),
    databaseId: comment.id,
    body: comment.body,
    path: comment.path,
  }));
  return {
    __typename: 'PullRequestReviewThread',
    id: nodeId('PullRequestReviewThread', root.id),
    isResolved: root.resolvedById !== null,
    isOutdated: false,
    path: root.path,
    line: root.line,
    resolvedBy: root.resolvedById === null ? null : userNode(world, root.resolvedById),
    comments,
  };
}

function autoMergeNode(world: World, { pull }: PullIssue): GraphValue {
  if (!pull.autoMerge) return null;
  return {
    __typename: 'AutoMergeRequest',
    enabledAt: isoTime(pull.autoMerge.at),
    enabledBy: userNode(world, pull.autoMerge.byId),
    mergeMethod: pull.autoMerge.method.toUpperCase(),
  };
}

function userNode(world: World, id: number): GraphObject {
  const { kind, login } = accountOf(world, id);
  return { __typename: kind, id: nodeId(kind, id), databaseId: id, login: login.replace(/\[bot\]$/, '') };
}

function commitNode(world: World, repo: Repository, commit: Commit): GraphObject {
  const [headline = ''] = commit.message.split('\n');
  return {
    __typename: 'Commit',
    id: nodeId('Commit', commit.sha),
    oid: commit.sha,
    message: commit.message,
    messageHeadline: headline,
    authoredDate: isoTime(Date.parse(commit.author.date)),
    committedDate: isoTime(Date.parse(commit.committer.date)),
    author: gitActorNode(world, commit.author),
    committer: gitActorNode(world, commit.committer),
    tree: { __typename: 'Tree', oid: commit.tree },
    signature: async () => {
      const signature = await signatureOf(world, gitFolder(world, repo), commit.sha);
      return signature && { __typename: 'GpgSignature', isValid: signature.isValid, email: commit.committer.email };
    },
  };
}

function gitActorNode(world: World, { name, email, date }: Signature): GraphObject {
  const account = [...world.accounts.values()].find((other) => other.email === email);
  const user = account ? userNode(world, account.id) : null;
  return { __typename: 'GitActor', name, email, date: isoTime(Date.parse(date)), user };
}
