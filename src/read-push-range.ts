import type { LocalClone } from './adapters/git/local-clone.ts';
import type { PushWish } from './cli/deps.ts';
import { cliError } from './cli/exit-codes.ts';
import type { Sha } from './model/sha.ts';

/** A push as git would have told it; null: the ref was not there before, or is not there after. */
export interface PushRange {
  readonly kind: 'branch' | 'tag';
  /** Without `refs/heads/` or `refs/tags/`. */
  readonly name: string;
  readonly before: Sha | null;
  readonly after: Sha | null;
}

const zeros = /^0{7,64}$/;

function readRef(ref: string): Pick<PushRange, 'kind' | 'name'> {
  const [, folder, name = ''] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  const isName = !/[\s~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.$|\.lock$/.test(name);
  if (folder !== undefined && isName) return { kind: folder === 'heads' ? 'branch' : 'tag', name };
  const plain = ref.replace(/^refs\/[^/]*\/?|^(?:heads|tags)\//, '') || 'main';
  const hint = /[\s~^:?*[\\]/.test(plain)
    ? 'refs/heads/main or refs/tags/v1.2.3'
    : `refs/heads/${plain} or refs/tags/${plain}`;
  throw cliError('usage', `--ref is the full name of what was pushed: write ${hint} instead of "${ref}"`);
}

async function readCommit(clone: LocalClone, written: string, side: 'OLD' | 'NEW'): Promise<Sha | null> {
  if (zeros.test(written)) return null;
  const commit = await clone.commitOf(written);
  if (commit !== null) return commit;
  const isId = /^[0-9a-f]{7,64}$/.test(written);
  const hint = isId ? `"git fetch origin ${written}" may bring it` : 'name a commit, a branch or a tag';
  throw cliError('usage', `${side} of --push, "${written}", is no commit of this clone: ${hint}`);
}

/** What a filtered clone left out would look as if it were not in the repository. */
async function refusePartial(clone: LocalClone): Promise<void> {
  const found = await clone.user(['config', '--get-regexp', '^(remote\\..*\\.promisor|extensions\\.partialclone)$']);
  if (found.code !== 0) return;
  throw cliError('usage', 'this clone is partial, and a push is judged on its files: clone it again without --filter');
}

/** Reads `OLD..NEW` and the ref in a clone; throws a usage error that says what to write instead. */
export async function readPushRange(clone: LocalClone, { range, ref }: PushWish): Promise<PushRange> {
  if (clone.shallow)
    throw cliError('usage', 'this clone is shallow, and a push is judged on its history: run "git fetch --unshallow"');
  await refusePartial(clone);
  const named = readRef(ref);
  const [, old = '', dots = '', now = ''] = /^(.*?)(\.{2,})(.*)$/.exec(range) ?? [];
  if (dots === '...')
    throw cliError(
      'usage',
      `write two dots, as ${old}..${now}: a push is judged on its two trees, without a merge base`,
    );
  if (dots !== '..' || old === '' || now === '')
    throw cliError('usage', `--push is OLD..NEW, as HEAD~1..HEAD, with zeros for what is not there: not "${range}"`);
  const [before, after] = [await readCommit(clone, old, 'OLD'), await readCommit(clone, now, 'NEW')];
  if (before === null && after === null)
    throw cliError('usage', 'OLD and NEW are both zeros: a push has a commit before it, after it, or both');
  return { ...named, before, after };
}
