import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckoutInput } from '../../src/core/pod/step-input.ts';
import { checkOutSiblings, readSibling } from './check-out-siblings.ts';
import { toCloneUrl } from './clone-url.ts';
import { fetchCommits, type Source } from './fetch-commits.ts';
import { createGit, demandGit, type Git } from './git.ts';
import { findLeavingLink } from './leaving-links.ts';
import { commitTime, type MergeOutcome, mergeHeads } from './merge-heads.ts';
import { prepareBuildkit, readBuildkit } from './prepare-buildkit.ts';
import type { InputReader } from './read-input.ts';
import { readLinks, readTree, shownName, type TreeEntry } from './read-tree.ts';
import { readRewrite, rewriteContainerFile } from './rewrite-container-file.ts';
import { exitCodes, StepFailure } from './step-failure.ts';
import { levelFiles, writeFiles } from './write-files.ts';

/** Enough history for nearly every merge; the tree tells when it was not. */
const firstDepth = 100;

/**
 * Fetches the commits by their full ids, merges them, proves that the tree is the planned one and writes its files. Leaves no
 * remote and no credential: `.git` is removed for image builds, where it would be in the context and change from checkout to
 * checkout, and stays for commands, which like to ask git what they are testing.
 */
export async function checkout(reader: InputReader): Promise<void> {
  const input = readCheckout(reader);
  process.umask(0o022);
  const gitDir = join(input.folder, '.git');
  const git = createGit(gitDir, process.env);
  const format = input.base.length === 64 ? 'sha256' : 'sha1';
  await demandGit(git, ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, gitDir]);
  const commit = await fetchAndMerge(git, gitDir, input);
  const entries = await readTree(git, input.tree);
  refuseTooLarge(entries, input);
  const links = await readLinks(git, entries);
  refuseLeavingLinks(links, entries, input.context);
  const seconds = await commitTime(git, input.heads.at(-1) ?? input.base);
  await writeFiles(git, gitDir, input.tree, input.folder);
  await levelFiles(entries, input.folder, seconds);
  if (input.keepGit) await settleRepository(git, gitDir, commit, input.folder);
  else {
    await rm(gitDir, { recursive: true, force: true });
    await checkOutSiblings(input.siblings, input, { entries, links, seconds });
    if (input.rewrite) await rewriteContainerFile(input.folder, input.rewrite);
    if (input.buildkit) await prepareBuildkit(input.buildkit);
  }
  const files = entries.filter(({ kind }) => kind !== 'folder');
  console.log(`Checked out tree ${input.tree}: ${files.length} files, ${megabytes(bytesOf(files))}`);
}

function readCheckout(reader: InputReader): CheckoutInput & { readonly url: URL } {
  const limits = reader.inside('limits');
  const rewrite = reader.insideOrNull('rewrite');
  const buildkit = reader.insideOrNull('buildkit');
  const cloneUrl = reader.text('cloneUrl');
  return {
    cloneUrl,
    url: toCloneUrl(cloneUrl),
    base: reader.sha('base'),
    heads: reader.shas('heads'),
    tree: reader.sha('tree'),
    folder: reader.text('folder'),
    tokenFile: reader.textOrNull('tokenFile'),
    context: reader.text('context'),
    keepGit: reader.flag('keepGit'),
    siblings: reader.list('siblings').map(readSibling),
    ...(rewrite === null ? {} : { rewrite: readRewrite(rewrite) }),
    ...(buildkit === null ? {} : { buildkit: readBuildkit(buildkit) }),
    result: reader.text('result'),
    limits: {
      packBytes: limits.number('packBytes'),
      files: limits.number('files'),
      bytes: limits.number('bytes'),
      fetchSeconds: limits.number('fetchSeconds'),
    },
  };
}

async function fetchAndMerge(git: Git, gitDir: string, input: CheckoutInput & { readonly url: URL }): Promise<string> {
  const { url, base, heads, limits } = input;
  const token = input.tokenFile === null ? null : (await readFile(input.tokenFile, 'utf8')).trim();
  const commits = [base, ...heads];
  const source: Source = { url, token, commits, packBytes: limits.packBytes, seconds: limits.fetchSeconds };
  console.log(`Fetching ${commits.join(' and ')} from ${url.href}`);
  await fetchCommits(git, gitDir, source, heads.length === 0 && !input.keepGit ? 1 : firstDepth);
  const first = await mergeHeads(git, base, heads);
  if (first.kind === 'merged' && first.tree === input.tree) return first.commit;
  // With a part of the history git may have missed the right merge base: only the whole of it is a proof.
  console.log('Fetching the rest of the history');
  await fetchCommits(git, gitDir, source, null);
  return demandTree(await mergeHeads(git, base, heads), input);
}

function demandTree(merged: MergeOutcome, { base, tree }: CheckoutInput): string {
  if (merged.kind === 'conflict') {
    const files =
      merged.paths.length === 0 ? 'they have no history in common' : `in conflict: ${merged.paths.join(', ')}`;
    throw new StepFailure(exitCodes.conflict, `${merged.head} cannot be merged onto ${base}, ${files}`);
  }
  if (merged.tree === tree) return merged.commit;
  throw new StepFailure(exitCodes.otherTree, `The merge has the tree ${merged.tree}, planned was ${tree}`);
}

function refuseTooLarge(entries: readonly TreeEntry[], { limits }: CheckoutInput): void {
  if (entries.length > limits.files)
    throw new StepFailure(exitCodes.tooLarge, `The repository has more than the ${limits.files} files allowed`);
  if (bytesOf(entries) > limits.bytes)
    throw new StepFailure(exitCodes.tooLarge, `The files are larger than the ${limits.bytes} bytes allowed`);
}

function refuseLeavingLinks(links: ReadonlyMap<string, string>, entries: readonly TreeEntry[], context: string): void {
  if (context !== '.' && !entries.some(({ kind, path }) => kind === 'folder' && shownName(path) === context))
    throw new StepFailure(exitCodes.badInput, `There is no folder ${context}`);
  const found = findLeavingLink(links, Buffer.from(context).toString('latin1'));
  if (found === null) return;
  const { path, target, leaves } = found;
  const message = `The symbolic link ${shownName(path)} (to ${shownName(target)}) leaves the ${leaves}`;
  throw new StepFailure(exitCodes.leavingLink, message);
}

/** A repository on the tested commit: `git status` is clean, and there is nowhere to fetch from or push to. */
async function settleRepository(git: Git, gitDir: string, commit: string, folder: string): Promise<void> {
  await demandGit(git, ['update-ref', '--no-deref', 'HEAD', commit]);
  const config = ['[core]', '\trepositoryformatversion = 0', '\tfilemode = true', '\tbare = false', ''];
  const sha256 = ['[extensions]', '\tobjectFormat = sha256', ''];
  const lines = commit.length === 64 ? [...config.with(1, '\trepositoryformatversion = 1'), ...sha256] : config;
  await writeFile(join(gitDir, 'config'), lines.join('\n'));
  await demandGit(git, ['update-index', '-q', '--refresh'], { workTree: folder });
}

function bytesOf(entries: readonly TreeEntry[]): number {
  return entries.reduce((sum, { bytes }) => sum + bytes, 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
