import { siblingsFor, siblingTokenFile } from '../core/pod/siblings.ts';
import type { BuildOrder, UploadOrder } from '../model/order.ts';
import type { PodManifest } from '../model/pod.ts';
import { fullName } from '../model/project.ts';
import type { RegistryCaller } from '../model/registry.ts';
import type { PodSecrets } from '../ports/executor.ts';
import type { Forge } from '../ports/forge.ts';
import type { AppContext } from './context.ts';

/** In whose name an image is uploaded: the operator's credentials are bound to projects and branches. */
function uploaderOf({ project }: BuildOrder, { branch }: UploadOrder): RegistryCaller {
  return { project: project.id, fullName: fullName(project), branch, use: 'upload' };
}

/** Why this order's image may not be uploaded, in the words of the operator's bindings; null: it may, or is not to be. */
export function whyNotUploaded({ ports: { registryKeys } }: AppContext, order: BuildOrder): string | null {
  const { upload } = order;
  return upload === undefined ? null : registryKeys.whyNot(upload.repository, uploaderOf(order, upload));
}

/** Each minted for this one start, for one repository, read only; they reach the checkout container and nothing else. */
async function mintTokens(forge: Forge, order: BuildOrder): Promise<Record<string, string>> {
  const tokens: Record<string, string> = {};
  if (order.project.private) tokens.token = await forge.checkoutToken(order.project);
  for (const { project } of siblingsFor(order))
    if (project.private) tokens[siblingTokenFile(project)] = await forge.checkoutToken(project);
  return tokens;
}

/** The content of every secret volume that the pod has, made for this one start and kept nowhere. */
export async function secretsFor({ ports }: AppContext, order: BuildOrder, { spec }: PodManifest): Promise<PodSecrets> {
  const { forge, registryKeys } = ports;
  const { upload } = order;
  const has = (volume: string): boolean => spec.volumes.some(({ name }) => name === volume);
  return {
    ...(has('git-token') ? { 'git-token': await mintTokens(forge, order) } : {}),
    ...(has('registry') && upload !== undefined
      ? { registry: await registryKeys.filesFor(upload.repository, uploaderOf(order, upload)) }
      : {}),
  };
}
