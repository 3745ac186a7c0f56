import { podKeys } from '../../model/pod.ts';
import type { PodSecrets } from '../../ports/executor.ts';
import { type ApiPod, secretsOf } from './api-pod.ts';
import { expectAnswer, reasonOf, wordsOf } from './api-words.ts';
import type { PodsApi } from './pods-api.ts';
import { secretName } from './write-pod.ts';

interface ApiSecret {
  readonly metadata: {
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  };
}

export type SecretOutcome =
  | { readonly kind: 'there' }
  | { readonly kind: 'refused' | 'unavailable'; readonly because: string };

/** Sees to it that every secret of the pod is there; the cluster removes them with the pod that owns them. */
export async function putSecrets(api: PodsApi, pod: ApiPod, secrets: PodSecrets): Promise<SecretOutcome> {
  for (const [volume, files] of Object.entries(secrets)) {
    const name = secretName(pod.metadata.name, volume);
    if (!secretsOf(pod).includes(name)) continue;
    const outcome = await putSecret(api, pod, name, files);
    if (outcome.kind !== 'there') return outcome;
  }
  return { kind: 'there' };
}

async function putSecret(
  api: PodsApi,
  pod: ApiPod,
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<SecretOutcome> {
  const secret = writeSecret(api.owner, pod, name, files);
  for (let tries = 0; tries < 3; tries += 1) {
    const answer = await api.createSecret(secret);
    if (answer.status === 201) return { kind: 'there' };
    if (answer.status !== 409 || reasonOf(answer) !== 'AlreadyExists') {
      const kind = answer.status >= 400 && answer.status < 500 && answer.status !== 429 ? 'refused' : 'unavailable';
      return { kind, because: `its secret could not be made: ${wordsOf(answer)}` };
    }
    const there = await api.getSecret(name);
    if (there.status === 404) continue;
    const { metadata } = expectAnswer(there, `read the secret ${name}`).body as ApiSecret;
    if (metadata.ownerReferences?.some(({ uid }) => uid === pod.metadata.uid)) return { kind: 'there' };
    if (metadata.labels?.[podKeys.owner] !== api.owner)
      return { kind: 'refused', because: `the secret ${name} is there and not ours` };
    // Of an earlier pod of this name, and about to be collected.
    await api.removeSecret(name, { uid: metadata.uid });
  }
  return { kind: 'unavailable', because: `the secret ${name} of an earlier pod is still there` };
}

function writeSecret(owner: string, pod: ApiPod, name: string, files: Readonly<Record<string, string>>): object {
  const encoded = Object.entries(files).map(([file, content]) => [file, Buffer.from(content).toString('base64')]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      labels: { [podKeys.owner]: owner, [podKeys.build]: pod.metadata.name },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid }],
    },
    type: 'Opaque',
    immutable: true,
    data: Object.fromEntries(encoded),
  };
}

/** The cluster does it too, some time after the pod is gone. */
export async function removeSecrets(api: PodsApi, pod: ApiPod): Promise<void> {
  for (const name of secretsOf(pod)) {
    const answer = await api.removeSecret(name, {});
    if (answer.status !== 404) expectAnswer(answer, `remove the secret ${name}`);
  }
}
