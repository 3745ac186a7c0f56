import { created, noContent, notFound, ok, unprocessable } from '../answers.ts';
import { type Answer, actingAccount, type Call, textField } from '../call.ts';
import { gitText, runGit } from '../git.ts';
import { nodeId } from '../ids.ts';
import { readRef } from '../lags.ts';
import { withRepository } from '../locks.ts';
import { gitFolder } from '../lookup.ts';
import { isAncestor, objectType, readCommit, refTarget } from '../objects.ts';
import { listRefs, moveRefs } from '../refs.ts';
import { inRepository, type Routes } from '../route.ts';
import { gitCommitView } from '../views/commits.ts';
import { isoTime, repositoryApi } from '../views/urls.ts';
import type { Repository } from '../world.ts';
import { heldByRules } from './held.ts';

const read = ['contents:read'];
const write = ['contents:write'];

export const gitDataRoutes: Routes = {
  'git/get-commit': inRepository(read, 'read', async ({ world, params }, repo) => {
    const folder = gitFolder(world, repo);
    const sha = params.commit_sha ?? '';
    if ((await objectType(folder, sha)) !== 'commit') return notFound();
    return ok(gitCommitView(world, repo, await readCommit(folder, sha)));
  }),
  'git/get-blob': inRepository(read, 'read', getBlob),
  'git/get-tree': inRepository(read, 'read', getTree),
  'git/get-ref': inRepository(read, 'read', async (call, repo) => {
    const ref = `refs/${call.params.ref}`;
    const sha = await readRef(call.world, repo, ref);
    return sha ? ok(await refView(call, repo, ref, sha)) : notFound();
  }),
  'git/list-matching-refs': inRepository(read, 'read', async (call, repo) => {
    const start = `refs/${call.params.ref}`;
    const refs = [...(await listRefs(gitFolder(call.world, repo)))].filter(([ref]) => ref.startsWith(start));
    return ok(await Promise.all(refs.map(([ref, sha]) => refView(call, repo, ref, sha))));
  }),
  'git/create-ref': inRepository(write, 'write', createRef),
  'git/update-ref': inRepository(write, 'write', updateRef),
  'git/delete-ref': inRepository(write, 'write', deleteRef),
  'git/create-tag': inRepository(write, 'write', createTag),
  'git/get-tag': inRepository(read, 'read', async (call, repo) => {
    const sha = call.params.tag_sha ?? '';
    const isTag = (await objectType(gitFolder(call.world, repo), sha)) === 'tag';
    return isTag ? ok(await tagView(call, repo, sha)) : notFound();
  }),
};

async function refView({ world }: Call, repo: Repository, ref: string, sha: string) {
  const type = (await objectType(gitFolder(world, repo), sha)) ?? 'commit';
  const api = `${repositoryApi(world, repo)}/git`;
  return {
    ref,
    node_id: nodeId('Ref', ref),
    url: `${api}/${ref}`,
    object: { sha, type, url: `${api}/${type}s/${sha}` },
  };
}

async function getBlob({ world, params }: Call, repo: Repository): Promise<Answer> {
  const folder = gitFolder(world, repo);
  const sha = params.file_sha ?? '';
  if ((await objectType(folder, sha)) !== 'blob') return notFound();
  const { stdout } = await runGit(folder, ['cat-file', 'blob', sha]);
  const url = `${repositoryApi(world, repo)}/git/blobs/${sha}`;
  return ok({
    sha,
    node_id: nodeId('Blob', sha),
    size: stdout.length,
    url,
    content: stdout.toString('base64'),
    encoding: 'base64',
  });
}

// GitHub cuts a recursive tree above 100,000 entries (docs: get a tree).
const treeLimit = 100_000;

async function getTree({ world, params, query }: Call, repo: Repository): Promise<Answer> {
  const folder = gitFolder(world, repo);
  const wanted = params.tree_sha ?? '';
  const sha = wanted.startsWith('-') ? null : await refTarget(folder, `${wanted}^{tree}`);
  if (!sha) return notFound();
  // Any value asks for it, even "0" (docs: get a tree).
  const recursive = query.has('recursive') ? ['-r', '-t'] : [];
  const api = `${repositoryApi(world, repo)}/git`;
  const lines = (await gitText(folder, ['ls-tree', '-l', '-z', ...recursive, sha]))
    .split('\0')
    .filter((line) => line !== '');
  const tree = lines.slice(0, treeLimit).map((line) => {
    const [meta = '', path = ''] = line.split('\t');
    const [mode = '', type = '', entry = '', size = '-'] = meta.split(/ +/);
    const sized = size === '-' ? {} : { size: Number(size) };
    return { path, mode, type, sha: entry, ...sized, url: `${api}/${type}s/${entry}` };
  });
  return ok({ sha, url: `${api}/trees/${sha}`, tree, truncated: lines.length > treeLimit });
}

async function createRef(call: Call, repo: Repository): Promise<Answer> {
  const { world } = call;
  const ref = textField(call, 'ref') ?? '';
  const sha = textField(call, 'sha') ?? '';
  if (!/^refs\/[^/]+\/./.test(ref)) return unprocessable('Reference name must start with "refs/" and have three parts');
  if (!(await objectType(gitFolder(world, repo), sha))) return unprocessable('Object does not exist');
  return withRepository(world, repo, async () => {
    const move = { ref, before: null, after: sha };
    const held = await heldByRules(call, repo, move, 422);
    if (held) return held;
    const moved = await moveRefs(world, repo, [move], actingAccount(call));
    return moved.kind === 'moved'
      ? created(await refView(call, repo, ref, sha))
      : unprocessable('Reference already exists');
  });
}

// Without force any descendant is taken: no compare-and-swap (github-limits.md §b 3).
async function updateRef(call: Call, repo: Repository): Promise<Answer> {
  const { world, params, body } = call;
  const folder = gitFolder(world, repo);
  const ref = `refs/${params.ref}`;
  const sha = textField(call, 'sha') ?? '';
  return withRepository(world, repo, async () => {
    const before = await refTarget(folder, ref);
    if (!before) return unprocessable('Reference does not exist');
    if (!(await objectType(folder, sha))) return unprocessable('Object does not exist');
    if (body.force !== true && !(await isAncestor(folder, before, sha))) {
      return unprocessable('Update is not a fast forward');
    }
    const move = { ref, before, after: sha };
    const held = before === sha ? null : await heldByRules(call, repo, move, 422);
    if (held) return held;
    if (before !== sha) await moveRefs(world, repo, [move], actingAccount(call));
    return ok(await refView(call, repo, ref, sha));
  });
}

function deleteRef(call: Call, repo: Repository): Promise<Answer> {
  const { world, params } = call;
  const ref = `refs/${params.ref}`;
  return withRepository(world, repo, async () => {
    const before = await refTarget(gitFolder(world, repo), ref);
    if (!before) return unprocessable('Reference does not exist');
    const move = { ref, before, after: null };
    const held = await heldByRules(call, repo, move, 422);
    if (held) return held;
    await moveRefs(world, repo, [move], actingAccount(call));
    return noContent();
  });
}

async function createTag(call: Call, repo: Repository): Promise<Answer> {
  const { world, body } = call;
  const folder = gitFolder(world, repo);
  const object = textField(call, 'object') ?? '';
  const type = textField(call, 'type') ?? 'commit';
  if ((await objectType(folder, object)) !== type) return unprocessable('Object does not exist');
  const given = body.tagger as { name: string; email: string; date?: string } | undefined;
  const { name, email } = given ?? actingAccount(call);
  const at = Math.floor((given?.date ? Date.parse(given.date) : world.now()) / 1000);
  const head = `object ${object}\ntype ${type}\ntag ${textField(call, 'tag')}\ntagger ${name} <${email}> ${at} +0000\n`;
  const sha = await gitText(folder, ['mktag', '--no-strict'], { input: `${head}\n${textField(call, 'message')}\n` });
  return created(await tagView(call, repo, sha));
}

async function tagView({ world }: Call, repo: Repository, sha: string) {
  const text = await gitText(gitFolder(world, repo), ['cat-file', 'tag', sha]);
  const field = (name: string): string => new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1] ?? '';
  const [, name = '', email = '', at = '0'] = /^(.*) <(.*)> (\d+) /.exec(field('tagger')) ?? [];
  const api = `${repositoryApi(world, repo)}/git`;
  const type = field('type');
  return {
    node_id: nodeId('Tag', sha),
    sha,
    url: `${api}/tags/${sha}`,
    tag: field('tag'),
    message: text.slice(text.indexOf('\n\n') + 2),
    tagger: { name, email, date: isoTime(Number(at) * 1000) },
    object: { type, sha: field('object'), url: `${api}/${type}s/${field('object')}` },
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
  };
}
