import { setTimeout as sleep } from 'node:timers/promises';
import { createApiClient } from './api-client.ts';
import { expectAnswer, wordsOfError } from './api-words.ts';
import type { ClusterAccess } from './cluster-access.ts';

/** A namespace of our own making. */
export interface OwnNamespace {
  readonly name: string;
  /** Removes it with everything in it, and waits until it is gone, for a minute at most. */
  readonly remove: () => Promise<void>;
}

const readyMs = 30_000;
const goneMs = 60_000;

/** Why this cluster cannot be used, in one sentence; null: it answers. */
export async function whyNotReachable(access: ClusterAccess): Promise<string | null> {
  const client = createApiClient(access);
  try {
    const answer = await client.call({ method: 'GET', path: '/version' });
    expectAnswer(answer, `ask ${access.server} for its version`);
    return null;
  } catch (cause) {
    return `the cluster of the context ${access.context} at ${access.server} does not answer: ${wordsOfError(cause)}`;
  } finally {
    client.close();
  }
}

/** The internal addresses of all nodes. */
export async function nodeAddresses(access: ClusterAccess): Promise<readonly string[]> {
  const client = createApiClient(access);
  try {
    const answer = await client.call({ method: 'GET', path: '/api/v1/nodes' });
    const { items } = expectAnswer(answer, 'list the nodes').body as { readonly items: readonly ApiNode[] };
    const addresses = items.flatMap(({ status }) => status?.addresses ?? []);
    return addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address);
  } finally {
    client.close();
  }
}

interface ApiNode {
  readonly status?: { readonly addresses?: readonly { readonly type: string; readonly address: string }[] };
}

/** Makes a namespace that enforces Pod Security *baseline*, and waits until pods can be made in it. */
export async function createNamespace(
  access: ClusterAccess,
  name: string,
  level: 'baseline' | 'privileged' = 'baseline',
): Promise<OwnNamespace> {
  const client = createApiClient(access);
  const path = `/api/v1/namespaces/${name}`;
  const labels = { 'pod-security.kubernetes.io/enforce': level, 'app.kubernetes.io/managed-by': 'sluice' };
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  const made = await client.call({ method: 'POST', path: '/api/v1/namespaces', body });
  expectAnswer(made, `make the namespace ${name}`);

  const there = async (what: string) => (await client.call({ method: 'GET', path: what })).status === 200;
  // No pod is admitted before a controller has made this.
  if (!(await within(readyMs, () => there(`${path}/serviceaccounts/default`))))
    throw new Error(`the namespace ${name} got no service account: does the controller manager run?`);

  async function remove(): Promise<void> {
    const answer = await client.call({ method: 'DELETE', path });
    if (answer.status !== 404) expectAnswer(answer, `remove the namespace ${name}`);
    const gone = await within(goneMs, async () => !(await there(path)));
    client.close();
    if (!gone) throw new Error(`the namespace ${name} is still being removed`);
  }

  return { name, remove };
}

async function within(ms: number, holds: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    if (await holds()) return true;
    await sleep(100);
  }
  return false;
}
