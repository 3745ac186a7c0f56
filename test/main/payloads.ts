import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Sha } from '../../src/model/sha.ts';

interface Example {
  readonly name: string;
  readonly examples: readonly Record<string, unknown>[];
}

const index = createRequire(import.meta.url).resolve('@octokit/webhooks-examples/api.github.com/index.json');

/** Every delivery of GitHub that somebody collected, by event. */
export function collected(): readonly { readonly name: string; readonly payload: Record<string, unknown> }[] {
  const events = JSON.parse(readFileSync(index, 'utf8')) as readonly Example[];
  return events.flatMap(({ name, examples }) => examples.map((payload) => ({ name, payload })));
}

export interface PullWishes {
  readonly action?: string;
  readonly head: Sha;
  readonly base: Sha;
  readonly association?: string;
  readonly draft?: boolean;
  readonly state?: string;
  readonly baseRef?: string;
  readonly body?: string;
  readonly changes?: object;
}

const when = '2026-01-02T03:04:05Z';

const repository = {
  id: 4711,
  name: 'api',
  owner: { login: 'acme', id: 1 },
  private: false,
  default_branch: 'main',
  clone_url: 'https://github.com/acme/api.git',
};

function user(login: string, type = 'User') {
  return { id: [...login].reduce((sum, sign) => sum * 7 + sign.charCodeAt(0), 1) % 100_000, login, type };
}

/** A `pull_request` delivery with what is read of it. */
export function pullPayload(wishes: PullWishes): Record<string, unknown> {
  const {
    action = 'opened',
    head,
    base,
    association = 'MEMBER',
    draft = false,
    state = 'open',
    baseRef = 'main',
    body = '',
  } = wishes;
  return {
    action,
    number: 7,
    repository,
    sender: user('ada'),
    ...(wishes.changes ? { changes: wishes.changes } : {}),
    pull_request: {
      number: 7,
      title: 'A change',
      user: user('ada'),
      state,
      draft,
      body,
      labels: [],
      merged_at: null,
      created_at: when,
      updated_at: when,
      html_url: 'https://github.com/acme/api/pull/7',
      author_association: association,
      head: { sha: head, ref: 'change' },
      base: { sha: base, ref: baseRef },
    },
  };
}

export interface Said {
  readonly text: string;
  readonly by?: string;
  readonly association?: string;
  readonly bot?: boolean;
}

/** A review of the same pull request, whose text may hold commands. */
export function reviewPayload(wishes: PullWishes, said: Said): Record<string, unknown> {
  const { text, by = 'boss', association = 'MEMBER', bot = false } = said;
  const review = {
    id: 99,
    user: user(by, bot ? 'Bot' : 'User'),
    body: text,
    submitted_at: when,
    author_association: association,
  };
  return { ...pullPayload({ ...wishes, action: 'submitted' }), review };
}

/** A comment on its page, which names no commit. */
export function commentPayload(said: Said, author = 'MEMBER'): Record<string, unknown> {
  const { text, by = 'boss', association = 'MEMBER' } = said;
  const issue = {
    number: 7,
    title: 'A change',
    user: user('ada'),
    state: 'open',
    labels: [],
    created_at: when,
    updated_at: when,
    html_url: 'https://github.com/acme/api/pull/7',
    author_association: author,
    pull_request: { url: 'https://api.github.com/repos/acme/api/pulls/7' },
  };
  const comment = {
    id: 100,
    user: user(by),
    body: text,
    created_at: when,
    updated_at: when,
    author_association: association,
  };
  return { action: 'created', repository, sender: user(by), issue, comment };
}
