import { createApiClient } from '../../src/adapters/kubernetes/api-client.ts';
import type { ApiPod } from '../../src/adapters/kubernetes/api-pod.ts';
import { linesOf } from '../../src/adapters/kubernetes/lines.ts';
import { openTestCluster } from '../adapters/kubernetes/test-cluster.ts';
import type { WholePod } from './witness.ts';

/** A pod as it was at one moment, with the address that it had then. */
export type SeenPod = WholePod & { readonly status?: ApiPod['status'] & { readonly podIP?: string } };

export interface SeenSecret {
  readonly metadata: { readonly name: string };
  /** In base64. */
  readonly data?: Readonly<Record<string, string>>;
}

/** Every version of the pods and secrets of one namespace, in order. */
export interface ApiRecord {
  readonly pods: readonly SeenPod[];
  readonly secrets: readonly SeenSecret[];
  /** Names of the secrets that are there now. */
  namesOfSecrets(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Watches the API server until it is stopped: also what is there for a moment only is seen. */
export async function recordApi(namespace: string): Promise<ApiRecord> {
  const client = createApiClient(await openTestCluster());
  const closing = new AbortController();
  const place = `/api/v1/namespaces/${namespace}`;
  const secrets: SeenSecret[] = [];
  const pods: SeenPod[] = [];

  async function record(kind: string, into: unknown[]): Promise<() => Promise<void>> {
    const { status, chunks } = await client.stream(`${place}/${kind}`, { watch: '1' }, closing.signal);
    if (status !== 200) throw new Error(`the ${kind} of ${namespace} could not be watched: ${status}`);
    const take = async (): Promise<void> => {
      for await (const line of linesOf(chunks)) into.push((JSON.parse(line) as { readonly object: unknown }).object);
    };
    const taken = take().catch((cause: unknown) => {
      if (!closing.signal.aborted) throw cause;
    });
    return () => taken;
  }

  const ends = [await record('pods', pods), await record('secrets', secrets)];
  return {
    pods,
    secrets,
    async namesOfSecrets() {
      const { body } = await client.call({ method: 'GET', path: `${place}/secrets` });
      return (body as { readonly items: readonly SeenSecret[] }).items.map(({ metadata }) => metadata.name);
    },
    async stop() {
      closing.abort();
      for (const end of ends) await end();
      client.close();
    },
  };
}
