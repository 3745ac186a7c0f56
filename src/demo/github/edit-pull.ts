import { gitFolder, type PullIssue } from './lookup.ts';
import { refTarget } from './objects.ts';
import { type FieldError, noteEvent, tellPull } from './pulls.ts';
import type { Account, AutoMerge, Repository, World } from './world.ts';

export interface PullEdit {
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly base?: string | undefined;
}

/** Changes title, body or base in one `edited` webhook that says what was before; nothing different, nothing sent. */
export async function editPull(
  world: World,
  repo: Repository,
  issue: PullIssue,
  edit: PullEdit,
  by: Account,
): Promise<{ kind: 'edited' } | { kind: 'refused'; errors: FieldError[] }> {
  const { title = issue.title, body = issue.body, base = issue.pull.baseRef } = edit;
  const baseSha = await refTarget(gitFolder(world, repo), `refs/heads/${base}`);
  if (base !== issue.pull.baseRef && baseSha === null) {
    return { kind: 'refused', errors: [{ resource: 'PullRequest', field: 'base', code: 'invalid' }] };
  }
  const changes = {
    ...(title !== issue.title && { title: { from: issue.title } }),
    ...(body !== issue.body && { body: { from: issue.body ?? '' } }),
    ...(base !== issue.pull.baseRef && {
      base: { ref: { from: issue.pull.baseRef }, sha: { from: issue.pull.baseSha } },
    }),
  };
  if (Object.keys(changes).length === 0) return { kind: 'edited' };
  if ('body' in changes) issue.bodyEditedAt = world.now();
  if ('title' in changes) noteEvent(world, issue, 'renamed', by, { rename: { from: issue.title, to: title } });
  issue.title = title;
  issue.body = body;
  issue.updatedAt = world.now();
  if ('base' in changes) rebaseOnto(issue, base, baseSha ?? issue.pull.baseSha);
  await tellPull(world, repo, issue, 'edited', by, { changes });
  return { kind: 'edited' };
}

function rebaseOnto({ pull }: PullIssue, base: string, baseSha: string): void {
  pull.baseRef = base;
  pull.baseSha = baseSha;
  pull.mergeability = { state: 'unasked' };
}

/** Opens a closed pull request again; refused once merged, or when its head branch is gone. */
export async function reopenPull(
  world: World,
  repo: Repository,
  issue: PullIssue,
  by: Account,
): Promise<{ kind: 'reopened' } | { kind: 'refused'; because: string }> {
  if (issue.state === 'open') return { kind: 'reopened' };
  const { pull } = issue;
  const from = pull.headRepositoryId === null ? undefined : world.repositories.get(pull.headRepositoryId);
  const head = from && (await refTarget(gitFolder(world, from), `refs/heads/${pull.headRef}`));
  if (pull.merged) return { kind: 'refused', because: 'state cannot be changed. The pull request was merged.' };
  if (!head) return { kind: 'refused', because: `state cannot be changed. The ${pull.headRef} branch was deleted.` };
  if (head !== pull.headSha) {
    return {
      kind: 'refused',
      because: `state cannot be changed. The ${pull.headRef} branch was force-pushed or recreated.`,
    };
  }
  issue.state = 'open';
  issue.closedAt = null;
  issue.closedById = null;
  issue.updatedAt = world.now();
  noteEvent(world, issue, 'reopened', by);
  await tellPull(world, repo, issue, 'reopened', by);
  return { kind: 'reopened' };
}

/** Draft or not; nothing is sent if it is so already. */
export async function setDraft(
  world: World,
  repo: Repository,
  issue: PullIssue,
  draft: boolean,
  by: Account,
): Promise<void> {
  if (issue.pull.draft === draft) return;
  issue.pull.draft = draft;
  issue.updatedAt = world.now();
  noteEvent(world, issue, draft ? 'convert_to_draft' : 'ready_for_review', by);
  await tellPull(world, repo, issue, draft ? 'converted_to_draft' : 'ready_for_review', by);
}

/** Switches auto-merge on or off; the stand-in never merges by it. Nothing is sent if it is so already. */
export async function setAutoMerge(
  world: World,
  repo: Repository,
  issue: PullIssue,
  method: AutoMerge['method'] | null,
  by: Account,
): Promise<void> {
  if ((issue.pull.autoMerge?.method ?? null) === method) return;
  issue.pull.autoMerge = method && { byId: by.id, method, at: world.now() };
  issue.updatedAt = world.now();
  if (method) return tellPull(world, repo, issue, 'auto_merge_enabled', by);
  await tellPull(world, repo, issue, 'auto_merge_disabled', by, { reason: 'manually disabled' });
}
