import type { KnownRegistry, RegistryKindName } from '../../model/registry-rule.ts';
import type { Challenge } from './challenge.ts';
import type { Place } from './place.ts';

/** Ways to take a tag away, in the order in which they are tried; `tag-deletion.ts` walks them. */
export type DeletionWay = 'oci' | 'oci-by-push' | 'quay' | 'hub' | 'harbor' | 'gitlab' | 'acr';

/** How registries differ in taking tags away. */
export interface RegistryKind {
  readonly name: RegistryKindName;
  readonly hosts: RegExp | null;
  /** What its token server is called, wherever it runs. */
  readonly service: string | null;
  /** Where its own API is, if not where the registry is. */
  readonly api: string | null;
  readonly ways: readonly DeletionWay[];
  /** Why no way leads there; part of a sentence. */
  readonly because: string;
}

/** The last one is whoever is not known. */
const kinds: readonly RegistryKind[] = [
  {
    name: 'quay',
    hosts: /^quay\.io$/,
    service: null,
    api: null,
    // Its tokens know no right to delete: who may push may.
    ways: ['quay', 'oci-by-push'],
    because: 'its API takes an OAuth token only (user "$oauthtoken"), and its registry did not take the call',
  },
  {
    name: 'hub',
    hosts: /^docker\.io$/,
    service: 'registry.docker.io',
    api: 'https://hub.docker.com',
    ways: ['hub'],
    because: 'its API takes a user name with an access token that may delete',
  },
  {
    name: 'ghcr',
    hosts: /^ghcr\.io$/,
    service: 'ghcr.io',
    api: null,
    ways: [],
    because:
      'it deletes tags only together with their version, that is by digest, which would take an image away from an index or from a tag set meanwhile',
  },
  {
    name: 'gitlab',
    hosts: /^registry\.gitlab\.com$/,
    service: 'container_registry',
    api: null,
    ways: ['oci', 'gitlab'],
    because: 'the credential may not delete: it takes a token with the scope api',
  },
  {
    name: 'harbor',
    hosts: null,
    service: 'harbor-registry',
    api: null,
    // Its OCI call may take the whole artifact, with all its tags.
    ways: ['harbor'],
    because: 'the robot account may not delete tags',
  },
  {
    name: 'ecr',
    hosts: /^(?:\d+\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws)|public\.ecr\.aws)$/,
    service: null,
    api: null,
    ways: [],
    because:
      'it deletes tags by a call signed with an AWS key, which a registry password is not; a lifecycle policy does it',
  },
  {
    name: 'gar',
    hosts: /(?:-docker\.pkg\.dev|^(?:[a-z]+\.)?gcr\.io)$/,
    service: null,
    api: null,
    ways: ['oci'],
    because: 'the credential may not delete tags',
  },
  {
    name: 'acr',
    hosts: /\.azurecr\.(?:io|cn|us)$/,
    service: null,
    api: null,
    ways: ['acr'],
    because: 'the credential may not delete tags',
  },
  { name: 'oci', hosts: /^/, service: null, api: null, ways: ['oci'], because: 'it does not delete tags' },
];

/** By what the operator says, else by host name, else by what the registry calls its token server. */
export function kindOf(
  { host }: Place,
  challenge: Challenge | null,
  known: Readonly<Record<string, KnownRegistry>>,
): RegistryKind {
  const said = known[host];
  const service = challenge?.kind === 'bearer' ? challenge.service : null;
  const found =
    kinds.find(({ name, hosts }) => (said === undefined ? name !== 'oci' && hosts?.test(host) : name === said.kind)) ??
    kinds.find((kind) => kind.service !== null && kind.service === service) ??
    kinds.at(-1);
  if (found === undefined) throw new Error(`no kind of registry fits ${host}`);
  return said?.api === undefined ? found : { ...found, api: said.api };
}
