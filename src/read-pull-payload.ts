import { z } from 'zod';
import { personFrom } from './adapters/github/people.ts';
import type { Person, Rights } from './model/person.ts';
import type { Project } from './model/project.ts';
import type { Comment, PullRequest } from './model/pull-request.ts';
import { isSha, type Sha } from './model/sha.ts';

const user = z.object({ id: z.number(), login: z.string(), type: z.string().optional() }).nullable();
const sha = z.string().transform((text, context): Sha => {
  if (isSha(text)) return text;
  context.addIssue({ code: 'custom', message: 'not a full commit SHA' });
  return z.NEVER;
});
const association = z.string().default('NONE');

const common = {
  number: z.number(),
  title: z.string(),
  user,
  state: z.string(),
  draft: z.boolean().optional(),
  body: z.string().nullish(),
  labels: z.array(z.object({ name: z.string() })).default([]),
  created_at: z.string(),
  updated_at: z.string(),
  html_url: z.string(),
  author_association: association,
};

const pullSchema = z.object({
  ...common,
  merged_at: z.string().nullish(),
  head: z.object({ sha, ref: z.string() }),
  base: z.object({ sha, ref: z.string() }),
});

const issueSchema = z.object(common);

const commentSchema = z.object({
  id: z.number(),
  user,
  body: z.string().nullish(),
  created_at: z.string().optional(),
  submitted_at: z.string().nullish(),
  author_association: association,
});

const payloadSchema = z.object({
  action: z.string().default(''),
  repository: z.object({
    id: z.number(),
    name: z.string(),
    owner: z.object({ login: z.string() }),
    private: z.boolean().default(false),
    default_branch: z.string().default('main'),
    clone_url: z.string().default('https://localhost/'),
  }),
  changes: z.object({ base: z.unknown() }).partial().optional(),
  pull_request: pullSchema.optional(),
  issue: issueSchema.optional(),
  comment: commentSchema.optional(),
  review: commentSchema.optional(),
});

type WrittenComment = z.output<typeof commentSchema>;

/** What one delivery tells of a pull request. */
export interface PullPayload {
  readonly action: string;
  readonly project: Project;
  readonly pull: Omit<PullRequest, 'head'>;
  /** Null for a comment on an issue's page, which names no commit. */
  readonly commits: { readonly head: Sha; readonly base: Sha } | null;
  /** What the author wrote about it; empty: nothing. */
  readonly body: string;
  /** The base branch itself was changed. */
  readonly retargeted: boolean;
  readonly comment: Comment | null;
  readonly rights: ReadonlyMap<number, Rights>;
}

export type PullPayloadOutcome =
  | { readonly kind: 'read'; readonly payload: PullPayload }
  /** Where it is not what GitHub sends. */
  | { readonly kind: 'unreadable'; readonly because: string };

function personOf(written: z.output<typeof user>): Person {
  if (written === null) return personFrom(null);
  const { id, login, type = 'User' } = written;
  return personFrom({ id, login, type });
}

/** As good a guess as a payload allows; the server asks for the person's rights. */
function rightsOf(association: string): Rights {
  const known = { known: true as const };
  if (association === 'OWNER') return { ...known, permission: 'admin', member: true };
  if (association === 'MEMBER') return { ...known, permission: 'read', member: true };
  if (association === 'COLLABORATOR') return { ...known, permission: 'write', member: false };
  return { ...known, permission: 'none', member: false };
}

function toComment(written: WrittenComment, source: Comment['source'], author: Person): Comment {
  const at = Date.parse(written.submitted_at ?? written.created_at ?? '') || 0;
  return { source, id: written.id, author, ours: false, text: written.body ?? '', createdAt: at, edited: false };
}

function commentIn(data: z.output<typeof payloadSchema>): { comment: Comment; association: string } | null {
  const written = data.review ?? data.comment;
  if (written === undefined) return null;
  const source = data.review ? 'review' : data.pull_request ? 'review-comment' : 'comment';
  return { comment: toComment(written, source, personOf(written.user)), association: written.author_association };
}

function projectOf({ repository }: z.output<typeof payloadSchema>): Project {
  return {
    id: repository.id,
    owner: repository.owner.login,
    name: repository.name,
    private: repository.private,
    defaultBranch: repository.default_branch,
    installation: 0,
    cloneUrl: repository.clone_url,
  };
}

function pullOf(data: z.output<typeof payloadSchema>, found: z.output<typeof issueSchema>): Omit<PullRequest, 'head'> {
  const { pull_request: whole, repository } = data;
  return {
    number: found.number,
    title: found.title,
    author: personOf(found.user),
    state: whole?.merged_at ? 'merged' : found.state === 'open' ? 'open' : 'closed',
    draft: found.draft === true,
    headRef: whole?.head.ref ?? '',
    baseRef: whole?.base.ref ?? repository.default_branch,
    labels: found.labels.map(({ name }) => name),
    createdAt: Date.parse(found.created_at),
    updatedAt: Date.parse(found.updated_at),
    url: found.html_url,
  };
}

/** Reads what `pull_request`, `issue_comment` and both review events carry. Never throws. */
export function readPullPayload(payload: unknown): PullPayloadOutcome {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return {
      kind: 'unreadable',
      because: `${issue?.path.join('.') || 'the payload'}: ${issue?.message ?? 'unreadable'}`,
    };
  }
  const { data } = parsed;
  const found = data.pull_request ?? data.issue;
  if (found === undefined) return { kind: 'unreadable', because: 'there is neither pull_request nor issue in it' };
  const pull = pullOf(data, found);
  const said = commentIn(data);
  const rights = new Map([[pull.author.id, rightsOf(found.author_association)]]);
  if (said) rights.set(said.comment.author.id, rightsOf(said.association));
  const commits = data.pull_request ? { head: data.pull_request.head.sha, base: data.pull_request.base.sha } : null;
  return {
    kind: 'read',
    payload: {
      action: data.action,
      project: projectOf(data),
      pull,
      commits,
      body: found.body ?? '',
      retargeted: data.changes?.base !== undefined,
      comment: said?.comment ?? null,
      rights,
    },
  };
}
