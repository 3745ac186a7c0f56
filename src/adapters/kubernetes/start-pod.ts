import { type PodManifest, podKeys } from '../../model/pod.ts';
import type { PodSecrets, StartOutcome } from '../../ports/executor.ts';
import type { ApiAnswer } from './api-client.ts';
import { type ApiPod, readPod } from './api-pod.ts';
import { reasonOf, wordsOf, wordsOfError } from './api-words.ts';
import { type LeastSizes, learnLeast, withLeast } from './least-sizes.ts';
import { putSecrets } from './pod-secrets.ts';
import type { PodsApi } from './pods-api.ts';
import type { KubernetesSettings } from './settings.ts';
import { fieldManager, flawOf, secretsGate, writePod } from './write-pod.ts';

/**
 * Creates the pod. Where it needs secrets it is created behind a scheduling gate, then the secrets with the pod as their owner, then
 * the gate is opened: whatever is cut off in between leaves nothing that the pod's deletion does not take along, runs nothing, and is
 * taken up again by the next call.
 */
export async function startPod(
  api: PodsApi,
  settings: KubernetesSettings,
  manifest: PodManifest,
  secrets: PodSecrets,
  least: LeastSizes,
  onPod: (pod: ApiPod) => void,
): Promise<StartOutcome> {
  const flaw = flawOf(manifest, secrets, settings.owner);
  if (flaw !== null) return { kind: 'refused', because: flaw };
  try {
    const create = () => api.create(writePod(withLeast(manifest, least), settings));
    const asked = await create();
    // Once: what is still refused then is refused for something else.
    const answer = asked.status === 403 && learnLeast(least, wordsOf(asked)) ? await create() : asked;
    if (answer.status === 201) return await complete(api, readPod(answer.body), secrets, 'created', onPod);
    if (answer.status === 409 && reasonOf(answer) === 'AlreadyExists')
      return await adopt(api, manifest, secrets, onPod);
    return outcomeOf(answer);
  } catch (cause) {
    return { kind: 'unavailable', because: `calling the API server failed: ${wordsOfError(cause)}` };
  }
}

async function adopt(
  api: PodsApi,
  { metadata }: PodManifest,
  secrets: PodSecrets,
  onPod: (pod: ApiPod) => void,
): Promise<StartOutcome> {
  const pod = await api.get(metadata.name);
  if (pod === null) return { kind: 'unavailable', because: `the earlier pod ${metadata.name} went away just now` };
  const strange = whyForeign(pod, metadata.name, api.owner);
  if (strange !== null) return { kind: 'refused', because: `there is a pod ${metadata.name} already, and ${strange}` };
  return complete(api, pod, secrets, 'exists', onPod);
}

/** Why a pod that has the name of a Build cannot be of our making; null: it is ours. */
function whyForeign({ metadata }: ApiPod, name: string, owner: string): string | null {
  const { labels, managedFields } = metadata;
  if (labels?.[podKeys.owner] !== owner) return `its label ${podKeys.owner} is not ${JSON.stringify(owner)}`;
  if (labels[podKeys.build] !== name) return `its label ${podKeys.build} is not its name`;
  if (managedFields?.some(({ manager }) => manager === fieldManager) !== true)
    return `it was not written by ${fieldManager}`;
  return null;
}

async function complete(
  api: PodsApi,
  pod: ApiPod,
  secrets: PodSecrets,
  kind: 'created' | 'exists',
  onPod: (pod: ApiPod) => void,
): Promise<StartOutcome> {
  const { name, uid } = pod.metadata;
  const gates = pod.spec.schedulingGates ?? [];
  if (!gates.some((gate) => gate.name === secretsGate)) {
    onPod(pod);
    return { kind };
  }
  const outcome = await putSecrets(api, pod, secrets);
  if (outcome.kind === 'unavailable') return { kind: 'unavailable', because: outcome.because };
  if (outcome.kind === 'refused') {
    await api.remove(name, { uid });
    return { kind: 'refused', because: outcome.because };
  }
  const others = gates.filter((gate) => gate.name !== secretsGate);
  const opened = await api.patch(name, { spec: { schedulingGates: others.length === 0 ? null : others } });
  if (opened === null) return { kind: 'unavailable', because: `the pod ${name} was removed while it was started` };
  onPod(opened);
  return { kind };
}

/** 403 is said by who may not, by a quota that is full now, and by rules that will always say it. */
function outcomeOf(answer: ApiAnswer): StartOutcome {
  const because = wordsOf(answer);
  const passing = /exceeded quota|error looking up service account|no API token found for service account/i;
  const final = answer.status === 400 || answer.status === 422 || (answer.status === 403 && !passing.test(because));
  if (!final) return { kind: 'unavailable', because };
  // A LimitRange: the sizes come from the repository's configuration.
  const tooMuch = /(?:maximum|minimum) \S+ usage per (?:Container|Pod)|must be less than or equal to \S+ limit/i;
  return tooMuch.test(because) ? { kind: 'refused', because, fault: 'change' } : { kind: 'refused', because };
}
