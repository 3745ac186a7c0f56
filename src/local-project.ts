import { basename } from 'node:path';
import { type LocalClone, openLocalClone } from './adapters/git/local-clone.ts';
import { cliError } from './cli/exit-codes.ts';
import { self } from './local-change.ts';
import { readLocalOrganisation } from './local-organisation.ts';
import type { LocalReading } from './local-tree.ts';
import type { Machine } from './machine.ts';
import type { Project } from './model/project.ts';
import type { PullRequest } from './model/pull-request.ts';
import type { Sha } from './model/sha.ts';

/** A person's clone with what its organisation says, as far as that was named. */
export interface OpenedClone extends LocalClone {
  readonly source: LocalReading;
}

/** Opens the person's clone for `use` and leaves nothing behind; throws a usage error where there is none. */
export async function withLocalClone<T>(
  place: string,
  machine: Machine,
  use: (clone: OpenedClone) => Promise<T>,
  folder: string | null = machine.organisation,
): Promise<T> {
  const organisation = folder === null ? null : await readLocalOrganisation(folder);
  const outcome = await openLocalClone(place, machine.userEnvironment);
  if (outcome.kind === 'no-clone') throw cliError('usage', `${place} is no git clone: ${outcome.because}`);
  try {
    const { clone } = outcome;
    return await use({ ...clone, source: { ...clone.source, organisation } });
  } finally {
    await outcome.clone.close();
  }
}

/** `owner/name` at the end of the URL of `origin`, else names made from the folder. */
async function nameOf(clone: LocalClone): Promise<{ owner: string; name: string }> {
  const origin = await clone.user(['remote', 'get-url', 'origin']);
  const [, owner, name] = /([^/:\s]+)\/([^/:\s]+?)(?:\.git)?\/?\s*$/.exec(origin.code === 0 ? origin.stdout : '') ?? [];
  if (owner !== undefined && name !== undefined) return { owner, name };
  return { owner: 'local', name: clone.top === null ? 'repository' : basename(clone.top) };
}

/** Default branch of `origin` as the clone knows it, else main or master where there is one, else the checked-out one. */
export async function defaultBranchOf(clone: LocalClone): Promise<string> {
  const known = await clone.user(['symbolic-ref', '--short', '--quiet', 'refs/remotes/origin/HEAD']);
  if (known.code === 0) return known.stdout.trim().replace(/^origin\//, '');
  for (const name of ['main', 'master']) if (await clone.commitOf(`refs/remotes/origin/${name}`)) return name;
  // Without a remote there is only what a default branch is mostly called.
  for (const name of ['main', 'master']) if (await clone.commitOf(`refs/heads/${name}`)) return name;
  return clone.branch ?? 'main';
}

/** Where a server would fetch from: `origin` over HTTPS, without the credentials that its URL may hold. */
async function cloneUrlOf(clone: LocalClone): Promise<string> {
  const origin = (await clone.user(['remote', 'get-url', 'origin'])).stdout.trim();
  const overSsh = /^(?:ssh:\/\/)?git@([^:/]+)[:/](.+)$/.exec(origin);
  const text = overSsh ? `https://${overSsh[1]}/${overSsh[2]}` : origin;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) return 'https://localhost/local/repository.git';
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href;
}

/** The project that a clone belongs to, as far as it says so itself. */
export async function projectOf(clone: LocalClone): Promise<Project> {
  const [defaultBranch, cloneUrl] = [await defaultBranchOf(clone), await cloneUrlOf(clone)];
  return { id: 1, ...(await nameOf(clone)), private: false, defaultBranch, installation: 0, cloneUrl };
}

/** A pull request that nobody opened: this head onto that branch, by the person in front of this machine. */
export function pullOf(number: number, head: Sha, baseRef: string): PullRequest {
  const made = { number, title: '', author: self, headRef: '', labels: [], createdAt: 0, updatedAt: 0, url: '' };
  return { ...made, state: 'open', draft: false, head, baseRef };
}
