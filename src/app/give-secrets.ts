import { secretCallerOf, secretsOf } from '../core/pod/job-secrets.ts';
import { siblingsFor, siblingTokenFile } from '../core/pod/siblings.ts';
import type { BuildOrder, PromoteOrder, TakeOrder, UploadOrder } from '../model/order.ts';
import type { PodManifest } from '../model/pod.ts';
import { fullName } from '../model/project.ts';
import type { RegistryCaller } from '../model/registry.ts';
import type { PodSecrets } from '../ports/executor.ts';
import type { Forge } from '../ports/forge.ts';
import type { JobSecrets } from '../ports/job-secrets.ts';
import type { RegistryFiles, RegistryKeys } from '../ports/registry-keys.ts';
import type { AppContext } from './context.ts';

/** In whose name an image is uploaded: the operator's credentials are bound to projects and branches. */
function uploaderOf({ project }: BuildOrder, { branch }: UploadOrder): RegistryCaller {
  return { project: project.id, fullName: fullName(project), branch, use: 'upload' };
}

function promoterOf({ project }: BuildOrder, { branch }: PromoteOrder): RegistryCaller {
  return { project: project.id, fullName: fullName(project), branch, use: 'promote' };
}

/** Every repository that a promotion reads or writes, once. */
function placesOf({ images }: PromoteOrder): readonly string[] {
  return [...new Set(images.flatMap(({ from, to }) => [from.repository, to]))];
}

function takerOf({ project }: BuildOrder, { branch }: TakeOrder): RegistryCaller {
  return { project: project.id, fullName: fullName(project), branch, use: 'pull' };
}

function takenFrom({ artifacts }: TakeOrder): readonly string[] {
  return [...new Set(artifacts.map(({ from }) => from.repository))];
}

const nobody =
  'no secret is given to a presubmit, nor where nothing says which branch asks: let the job run in the gate';

/** Why this order's job may not have a secret that it names, in the words of the operator's grants; null: it may. */
function whyNoSecret(secrets: JobSecrets, order: BuildOrder): string | null {
  const wanted = secretsOf(order);
  const caller = wanted.length === 0 ? null : secretCallerOf(order);
  if (wanted.length > 0 && caller === null) return nobody;
  const asked = wanted.map(({ secret }) => (caller === null ? null : secrets.whyNot(secret, caller)));
  return asked.find((because) => because !== null) ?? null;
}

/** What each variable of the command holds, by its name. */
async function jobsFiles(secrets: JobSecrets, order: BuildOrder): Promise<Record<string, string>> {
  const caller = secretCallerOf(order);
  if (caller === null) throw new Error(nobody);
  const files: Record<string, string> = {};
  for (const { variable, secret } of secretsOf(order)) files[variable] = await secrets.read(secret, caller);
  return files;
}

/** Why this order's registries and secrets may not be used, in the words of the operator's bindings; null: they may, or it uses none. */
export function whyNotWritten({ ports: { registryKeys, jobSecrets } }: AppContext, order: BuildOrder): string | null {
  const { upload, promote, takes } = order;
  const secret = whyNoSecret(jobSecrets, order);
  if (secret !== null) return secret;
  const uses: readonly (string | null)[] = [
    upload === undefined ? null : registryKeys.whyNot(upload.repository, uploaderOf(order, upload)),
    ...(takes === undefined ? [] : takenFrom(takes).map((place) => registryKeys.whyNot(place, takerOf(order, takes)))),
    ...(promote === undefined
      ? []
      : placesOf(promote).map((place) => registryKeys.whyNot(place, promoterOf(order, promote)))),
  ];
  return uses.find((because) => because !== null) ?? null;
}

/** One `config.json` with an entry for each repository alone, and the certificates of all its registries. */
async function filesOfAll(
  keys: RegistryKeys,
  places: readonly string[],
  caller: RegistryCaller,
): Promise<RegistryFiles> {
  const auths: Record<string, unknown> = {};
  const certificates = new Set<string>();
  for (const place of places) {
    const files = await keys.filesFor(place, caller);
    const config = JSON.parse(files['config.json'] ?? '{}') as { readonly auths?: Readonly<Record<string, unknown>> };
    for (const login of Object.values(config.auths ?? {})) auths[place] = login;
    if (files['ca.crt'] !== undefined) certificates.add(files['ca.crt']);
  }
  const bundle = certificates.size === 0 ? {} : { 'ca.crt': [...certificates].join('\n') };
  return { 'config.json': JSON.stringify({ auths }), ...bundle };
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
  const { forge, registryKeys, jobSecrets } = ports;
  const { upload, promote, takes } = order;
  const has = (volume: string): boolean => spec.volumes.some(({ name }) => name === volume);
  return {
    ...(has('git-token') ? { 'git-token': await mintTokens(forge, order) } : {}),
    ...(has('registry') && upload !== undefined
      ? { registry: await registryKeys.filesFor(upload.repository, uploaderOf(order, upload)) }
      : {}),
    ...(has('registry-promote') && promote !== undefined
      ? { 'registry-promote': await filesOfAll(registryKeys, placesOf(promote), promoterOf(order, promote)) }
      : {}),
    ...(has('registry-keep') && upload !== undefined
      ? { 'registry-keep': await registryKeys.filesFor(upload.repository, uploaderOf(order, upload)) }
      : {}),
    ...(has('registry-take') && takes !== undefined
      ? { 'registry-take': await filesOfAll(registryKeys, takenFrom(takes), takerOf(order, takes)) }
      : {}),
    ...(has('secrets') ? { secrets: await jobsFiles(jobSecrets, order) } : {}),
  };
}
