import { podKeys } from '../../model/pod.ts';
import type { ApiAnswer, ApiClient, ApiStream } from './api-client.ts';
import { type ApiPod, readPod } from './api-pod.ts';
import { expectAnswer } from './api-words.ts';
import type { KubernetesSettings } from './settings.ts';
import { fieldManager } from './write-pod.ts';

/** The calls about pods and secrets of one namespace and owner. */
export interface PodsApi {
  readonly owner: string;
  /** The pods of our owner, and the version of the cluster's state that this is. */
  readonly list: () => Promise<{ readonly pods: readonly ApiPod[]; readonly version: string }>;
  /** Events from that version on, one JSON object a line, for at most so many seconds. */
  readonly watch: (version: string, seconds: number, signal: AbortSignal) => Promise<ApiStream>;
  /** Null: there is none, of whatever owner. */
  readonly get: (name: string) => Promise<ApiPod | null>;
  readonly create: (pod: object) => Promise<ApiAnswer>;
  /** A merge patch; null: the pod is gone. */
  readonly patch: (name: string, patch: object) => Promise<ApiPod | null>;
  readonly remove: (name: string, preconditions: object) => Promise<ApiAnswer>;
  readonly log: (name: string, query: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<ApiStream>;
  readonly createSecret: (secret: object) => Promise<ApiAnswer>;
  readonly getSecret: (name: string) => Promise<ApiAnswer>;
  readonly removeSecret: (name: string, preconditions: object) => Promise<ApiAnswer>;
}

export function createPodsApi(
  client: ApiClient,
  { namespace, owner }: Pick<KubernetesSettings, 'namespace' | 'owner'>,
): PodsApi {
  const base = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
  const pods = `${base}/pods`;
  const secrets = `${base}/secrets`;
  const ours = { labelSelector: `${podKeys.owner}=${owner}` };
  const podAt = (name: string) => `${pods}/${encodeURIComponent(name)}`;
  const secretAt = (name: string) => `${secrets}/${encodeURIComponent(name)}`;

  async function list() {
    const answer = await client.call({ method: 'GET', path: pods, query: ours });
    const { items, metadata } = expectAnswer(answer, `list the pods in ${namespace}`).body as ApiList;
    if (!Array.isArray(items) || typeof metadata?.resourceVersion !== 'string')
      throw new Error(`cannot list the pods in ${namespace}: the answer is no list`);
    return { pods: items.map(readPod), version: metadata.resourceVersion };
  }

  async function get(name: string): Promise<ApiPod | null> {
    const answer = await client.call({ method: 'GET', path: podAt(name) });
    if (answer.status === 404) return null;
    return readPod(expectAnswer(answer, `read the pod ${name} in ${namespace}`).body);
  }

  async function patch(name: string, body: object): Promise<ApiPod | null> {
    const answer = await client.call({ method: 'PATCH', path: podAt(name), query: { fieldManager }, body });
    if (answer.status === 404) return null;
    return readPod(expectAnswer(answer, `change the pod ${name} in ${namespace}`).body);
  }

  return {
    owner,
    list,
    watch: (version, seconds, signal) => {
      const query = { watch: '1', resourceVersion: version, allowWatchBookmarks: 'true', timeoutSeconds: `${seconds}` };
      return client.stream(pods, { ...ours, ...query }, signal);
    },
    get,
    // Our own writing, which the tests hold against the strict reading: the lenient one is done sooner.
    create: (body) =>
      client.call({ method: 'POST', path: pods, query: { fieldManager, fieldValidation: 'Ignore' }, body }),
    patch,
    remove: (name, preconditions) => client.call({ method: 'DELETE', path: podAt(name), body: { preconditions } }),
    log: (name, query, signal) => client.stream(`${podAt(name)}/log`, query, signal),
    createSecret: (body) => client.call({ method: 'POST', path: secrets, query: { fieldManager }, body }),
    getSecret: (name) => client.call({ method: 'GET', path: secretAt(name) }),
    removeSecret: (name, preconditions) =>
      client.call({ method: 'DELETE', path: secretAt(name), body: { preconditions } }),
  };
}

interface ApiList {
  readonly metadata?: { readonly resourceVersion?: string };
  readonly items?: readonly unknown[];
}
