import type { RegistryUse } from './registry.ts';

/**
 * A name as an operator binds a credential to it: whole, or how it begins. Of two that match one text, one is always the more
 * exact: whole before begun, the longer beginning before the shorter.
 */
export type NamePattern =
  | { readonly kind: 'whole'; readonly text: string }
  /** `acme/*`: what follows has no slash, unless `deep` (`acme/**`). */
  | { readonly kind: 'begun'; readonly start: string; readonly deep: boolean };

/** Where a credential is read from each time it is used. */
export type RegistrySource =
  /** `config.json` as Docker writes it. */
  | { readonly kind: 'file'; readonly path: string }
  /** Names of variables of this process. */
  | { readonly kind: 'env'; readonly user: string; readonly password: string }
  /** A secret of type kubernetes.io/dockerconfigjson in our own namespace. */
  | { readonly kind: 'secret'; readonly name: string }
  | { readonly kind: 'anonymous' };

/** What a registry is, as far as that makes a difference: `oci` is whoever does as the specification says. */
export const registryKinds = ['quay', 'hub', 'ghcr', 'gitlab', 'harbor', 'ecr', 'gar', 'acr', 'oci'] as const;
export type RegistryKindName = (typeof registryKinds)[number];

/** A host of which the operator says what it is. */
export interface KnownRegistry {
  readonly kind: RegistryKindName;
  /** Where its own API is; left out: where the registry is. */
  readonly api?: string;
}

/** One credential for one registry, and who may use it for what (images.md §4). */
export interface RegistryRule {
  readonly host: string;
  /** Below the host. */
  readonly repositories: readonly NamePattern[];
  /** Numeric ids, which renaming leaves as they are, or full names in lower case. */
  readonly projects: readonly (number | NamePattern)[];
  readonly branches: readonly NamePattern[];
  readonly uses: readonly RegistryUse[];
  readonly from: RegistrySource;
  /** Spoken to without TLS. */
  readonly insecure: boolean;
  /** File of further authorities that sign the registry's certificate, PEM; null: none. */
  readonly ca: string | null;
  /** Null: its name tells what it is, or it does as the specification says. */
  readonly known: KnownRegistry | null;
}
