import { createApiClient } from './api-client.ts';
import { expectAnswer } from './api-words.ts';
import type { ClusterAccess } from './cluster-access.ts';

const type = 'kubernetes.io/dockerconfigjson';
const key = '.dockerconfigjson';

interface ApiSecret {
  readonly type?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The `config.json` that a secret of this name holds now, in the namespace of the context: our own, not that of builds. */
export async function readRegistrySecret(access: ClusterAccess, name: string): Promise<string> {
  const namespace = access.namespace ?? 'default';
  const client = createApiClient(access);
  try {
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;
    const answer = await client.call({ method: 'GET', path });
    const secret = expectAnswer(answer, `read the secret ${name} in ${namespace}`).body as ApiSecret;
    const text = secret.data?.[key];
    if (secret.type !== type || typeof text !== 'string')
      throw new Error(`the secret ${name} in ${namespace} is of type ${secret.type ?? 'Opaque'}, not ${type}`);
    return Buffer.from(text, 'base64').toString();
  } finally {
    client.close();
  }
}
