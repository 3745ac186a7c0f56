import type { Digest } from '../../model/sha.ts';
import { basicOf } from './credential.ts';
import { drain, readBytes, readJson } from './read-answer.ts';
import type { DeletionWay, RegistryKind } from './registry-kinds.ts';
import type { Repository } from './repository.ts';
import { RegistryRefusal } from './trouble.ts';

interface TagAt {
  readonly repository: Repository;
  readonly digest: Digest;
  readonly tag: string;
  readonly what: string;
  /** Of the registry's own API. */
  readonly api: URL;
}

/** Null: the call was taken, or there was nothing to delete. Throws `RegistryRefusal` when it was refused. */
type Way = (at: TagAt) => Promise<string | null>;

const mostAnswer = 1024 * 1024;
const done: readonly number[] = [200, 202, 204, 404];

/** Tries the ways of a registry one after the other; gives why none led there, null: one did. Never deletes by digest. */
export async function deleteTag(
  repository: Repository,
  kind: RegistryKind,
  digest: Digest,
  tag: string,
): Promise<string | null> {
  const { host, origin } = repository.place;
  const what = `cannot delete the tag ${repository.place.repository}:${tag}`;
  const at = { repository, digest, tag, what, api: new URL(kind.api ?? apiBeside(repository, kind) ?? origin) };
  let last = `${host} keeps tags: ${kind.because}`;
  for (const way of kind.ways) {
    try {
      const because = await ways[way](at);
      if (because === null) return null;
      last = `${host} keeps it: ${because}`;
    } catch (trouble) {
      if (!(trouble instanceof RegistryRefusal) || trouble.kind === 'away') throw trouble;
      last = `${host} keeps it, and said ${trouble.words.text}: ${kind.because}`;
    }
  }
  return last;
}

/** GitLab's token server is part of its API's. */
function apiBeside(repository: Repository, { name }: RegistryKind): string | null {
  const challenge = repository.challenge();
  return name === 'gitlab' && challenge?.kind === 'bearer' ? new URL(challenge.realm).origin : null;
}

const ways: Readonly<Record<DeletionWay, Way>> = {
  async oci({ repository, tag, what }) {
    return repository.ask({ what, method: 'DELETE', to: `manifests/${tag}`, need: 'delete', takes: done }, drained);
  },

  async 'oci-by-push'({ repository, tag, what }) {
    return repository.ask({ what, method: 'DELETE', to: `manifests/${tag}`, need: 'push', takes: done }, drained);
  },

  async acr({ repository, tag, what }) {
    const to = new URL(`/acr/v1/${repository.place.name}/_tags/${tag}`, repository.place.origin);
    return repository.ask({ what, method: 'DELETE', to, need: 'delete', takes: done }, drained);
  },

  async quay({ repository, tag, what, api }) {
    const { credential, place } = repository;
    if (credential.kind !== 'password' || credential.user !== '$oauthtoken') return 'its API takes an OAuth token only';
    const url = new URL(`/api/v1/repository/${place.name}/tag/${tag}`, api);
    const headers = { authorization: `Bearer ${credential.password}` };
    return repository.elsewhere({ what, method: 'DELETE', url, headers, takes: done }, drained);
  },

  async hub({ repository, tag, what, api }) {
    const { credential, place } = repository;
    if (credential.kind !== 'password') return 'its API takes a user name and an access token';
    const body = Buffer.from(JSON.stringify({ identifier: credential.user, secret: credential.password }));
    const headers = { 'content-type': 'application/json' };
    const login = { what, method: 'POST', url: new URL('/v2/auth/token', api), headers, body, takes: [200] } as const;
    const { access_token: token } = await repository.elsewhere(login, (answer) => readJson(answer, mostAnswer, what));
    const url = new URL(`/v2/repositories/${place.name}/tags/${tag}/`, api);
    const shown = { authorization: `Bearer ${String(token)}` };
    return repository.elsewhere({ what, method: 'DELETE', url, headers: shown, takes: done }, drained);
  },

  async harbor({ repository, digest, tag, what, api }) {
    const { credential, place } = repository;
    const [project = '', ...rest] = place.name.split('/');
    // Harbor takes names below a project encoded twice.
    const name = encodeURIComponent(encodeURIComponent(rest.join('/')));
    const url = new URL(`/api/v2.0/projects/${project}/repositories/${name}/artifacts/${digest}/tags/${tag}`, api);
    const headers = credential.kind === 'password' ? { authorization: `Basic ${basicOf(credential)}` } : {};
    return repository.elsewhere({ what, method: 'DELETE', url, headers, takes: done }, drained);
  },

  async gitlab(at) {
    const { repository, tag, what, api } = at;
    if (repository.credential.kind !== 'password') return 'its API takes an access token';
    const headers = { 'private-token': repository.credential.password };
    const folder = await findGitlabRepository(at, headers);
    if (folder === null) return 'its API shows no such repository to this token';
    const url = new URL(`${folder}/tags/${tag}`, api);
    return repository.elsewhere({ what, method: 'DELETE', url, headers, takes: done }, drained);
  },
};

function drained(answer: Parameters<typeof drain>[0]): null {
  drain(answer);
  return null;
}

/** An image's name is its project's path, and maybe more; gives the path of its registry repository in the API. */
async function findGitlabRepository({ repository, what, api }: TagAt, headers: Record<string, string>) {
  const parts = repository.place.name.split('/');
  for (let count = parts.length; count >= 2; count -= 1) {
    const project = `/api/v4/projects/${encodeURIComponent(parts.slice(0, count).join('/'))}/registry/repositories`;
    const url = new URL(`${project}?per_page=100`, api);
    const found = await repository.elsewhere(
      { what, method: 'GET', url, headers, takes: [200, 404] },
      async (answer) => (answer.status === 200 ? toFolders(await readBytes(answer, mostAnswer, what)) : []),
    );
    const own = found.find(({ path }) => path === repository.place.name);
    if (own !== undefined) return `${project}/${own.id}`;
  }
  return null;
}

/** None where the answer is no list, such as a proxy's page. */
function toFolders(bytes: Buffer): { path: string; id: number }[] {
  return listIn(bytes).flatMap((each) => {
    const { path, id } = (each ?? {}) as { path?: unknown; id?: unknown };
    return typeof path === 'string' && typeof id === 'number' ? [{ path, id }] : [];
  });
}

function listIn(bytes: Buffer): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
