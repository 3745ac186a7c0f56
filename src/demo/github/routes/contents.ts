import { created, notFound, ok, refuse, unprocessable } from '../answers.ts';
import { type Answer, actingAccount, type Call, textField } from '../call.ts';
import { gitText, runGit } from '../git.ts';
import { withRepository } from '../locks.ts';
import { gitFolder } from '../lookup.ts';
import { readCommit, refTarget, resolveCommit, writeCommit } from '../objects.ts';
import { hasPermission } from '../permissions.ts';
import { moveRefs } from '../refs.ts';
import { inRepository, type Routes } from '../route.ts';
import { gitCommitView } from '../views/commits.ts';
import { repositoryApi, repositoryPage } from '../views/urls.ts';
import type { Repository } from '../world.ts';
import { heldByRules } from './held.ts';

export const contentRoutes: Routes = {
  'repos/get-content': inRepository(['contents:read'], 'read', getContent),
  'repos/create-or-update-file-contents': inRepository(['contents:write'], 'write', (call, repo) =>
    withRepository(call.world, repo, () => putContent(call, repo)),
  ),
};

interface Entry {
  readonly mode: string;
  readonly type: string;
  readonly sha: string;
  readonly size: number;
  readonly path: string;
}

async function entries(folder: string, args: readonly string[]): Promise<Entry[]> {
  const text = await gitText(folder, ['ls-tree', '-l', '-z', ...args]);
  return text
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [meta = '', path = ''] = line.split('\t');
      const [mode = '', type = '', sha = '', size = '0'] = meta.split(/ +/);
      return { mode, type, sha, size: Number(size) || 0, path };
    });
}

async function getContent(call: Call, repo: Repository): Promise<Answer> {
  const { world, params, query, accept } = call;
  const folder = gitFolder(world, repo);
  const ref = query.get('ref') ?? `refs/heads/${repo.defaultBranch}`;
  const sha = await resolveCommit(folder, ref);
  if (!sha) return refuse(404, `No commit found for the ref ${ref}`);
  const path = (params.path ?? '').replace(/^\/+|\/+$/g, '');
  const [entry] = path === '' ? [] : await entries(folder, [sha, '--', path]);
  if (path !== '' && !entry) return notFound();
  if (!entry || entry.type === 'tree') {
    const inside = await entries(folder, [sha, '--', path === '' ? '.' : `${path}/`]);
    return ok(inside.map((child) => entryView(call, repo, child, ref)));
  }
  const content = (await runGit(folder, ['cat-file', 'blob', entry.sha])).stdout;
  if (accept.includes('application/vnd.github.raw')) {
    return {
      status: 200,
      body: content.toString(),
      headers: { 'Content-Type': 'application/vnd.github.raw+json; charset=utf-8' },
    };
  }
  const view = entryView(call, repo, entry, ref);
  if (entry.mode === '120000') return ok({ ...view, target: content.toString() });
  // Above 1 MB the content is left out (docs: get repository content).
  if (content.length > 1_048_576) return ok({ ...view, encoding: 'none', content: '' });
  return ok({ ...view, encoding: 'base64', content: content.toString('base64').replace(/.{60}/g, '$&\n') });
}

function entryView({ world }: Call, repo: Repository, entry: Entry, ref: string) {
  const kinds: Readonly<Record<string, string>> = { '120000': 'symlink', '160000': 'submodule', '040000': 'dir' };
  const path = entry.path.split('/').map(encodeURIComponent).join('/');
  const url = `${repositoryApi(world, repo)}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const git = `${repositoryApi(world, repo)}/git/${entry.type}s/${entry.sha}`;
  const html = `${repositoryPage(world, repo)}/blob/${ref}/${path}`;
  return {
    type: kinds[entry.mode] ?? 'file',
    name: entry.path.split('/').at(-1) ?? entry.path,
    path: entry.path,
    sha: entry.sha,
    size: entry.size,
    url,
    html_url: html,
    git_url: git,
    download_url: entry.type === 'tree' ? null : `${repositoryPage(world, repo)}/raw/${ref}/${path}`,
    _links: { self: url, git, html },
  };
}

async function putContent(call: Call, repo: Repository): Promise<Answer> {
  const { world, params, actor } = call;
  const folder = gitFolder(world, repo);
  const branch = textField(call, 'branch') ?? repo.defaultBranch;
  const ref = `refs/heads/${branch}`;
  const path = params.path ?? '';
  const before = await refTarget(folder, ref);
  if (!before) return refuse(404, `Branch ${branch} not found`);
  const workflows = path.startsWith('.github/workflows/') && actor.kind === 'installation';
  if (workflows && !hasPermission(actor.token.permissions, 'workflows:write')) {
    return refuse(403, 'Resource not accessible by integration');
  }
  const [known] = await entries(folder, [before, '--', path]);
  const sha = textField(call, 'sha');
  if (known && sha === null) return unprocessable(`Invalid request.\n\n"sha" wasn't supplied.`);
  if (sha !== null && sha !== known?.sha) return refuse(409, `${path} does not match ${sha}`);
  const by = actingAccount(call);
  const content = Buffer.from(textField(call, 'content') ?? '', 'base64');
  const message = textField(call, 'message') ?? `Update ${path}`;
  const after = await writeCommit(folder, {
    parent: before,
    files: { [path]: content },
    message,
    author: by,
    at: world.now(),
  });
  const held = await heldByRules(call, repo, { ref, before, after }, 409);
  if (held) return held;
  await moveRefs(world, repo, [{ ref, before, after }], by);
  const [entry] = await entries(folder, [after, '--', path]);
  const commit = gitCommitView(world, repo, await readCommit(folder, after));
  const body = { content: entry ? entryView(call, repo, entry, branch) : null, commit };
  return known ? ok(body) : created(body);
}
