import type { WrittenIsolation } from './config/isolation/parse-isolation.ts';

/** What the environment says to the server; null and empty: nothing was said. */
export interface ServerSettings {
  /** The App, where it does not come from the file that `sluice setup` left. */
  readonly app: {
    /** SLUICE_APP_ID */
    readonly id: string | null;
    /** SLUICE_PRIVATE_KEY: PEM; line breaks may be written as `\n`. */
    readonly privateKey: string | null;
    /** SLUICE_PRIVATE_KEY_FILE */
    readonly privateKeyFile: string | null;
    /** SLUICE_WEBHOOK_SECRETS (several, during a rotation) or SLUICE_WEBHOOK_SECRET. */
    readonly webhookSecrets: readonly string[];
    /** SLUICE_GITHUB_URL: web address of a GitHub Enterprise Server. */
    readonly github: string;
  };
  /** SLUICE_HEALTH_PORT: where `/healthz`, `/readyz` and `/metrics` are served apart, by a worker too; 0 takes a free one, NaN where that is no port. */
  readonly healthPort: number | null;
  /** SLUICE_LOG_KEY: signs the addresses of logs, the same for all processes that share a Redis. */
  readonly logKey: string | null;
  /**
   * SLUICE_LEDGER_KEY: Ed25519 private key in PEM that landings are signed with, the same for all processes that share a Redis;
   * without it one is kept in the data folder.
   */
  readonly ledgerKey: string | null;
  /** SLUICE_ACCEPT_UNTRUSTED=1: code that nobody approved may be built by what isolates too little for it. */
  readonly acceptUntrusted: boolean;
  /** SLUICE_BUILD_NETWORK: what podman's pods reach; `host`: what this machine does, `closed`: their gateway alone. */
  readonly buildNetwork: string | null;
  /** SLUICE_ISOLATION, SLUICE_ISOLATION_TARGETS, SLUICE_ISOLATION_ACCEPTED and SLUICE_ISOLATION_CONTROL, as they are written. */
  readonly isolation: WrittenIsolation;
  /** SLUICE_NAMESPACE: where a cluster's pods are made; null: where the kubeconfig says. */
  readonly namespace: string | null;
  /** SLUICE_LOST_NODE_SECONDS: how long a pod stays on a node that does not answer before another is made; NaN where that is no number. */
  readonly lostNodeSeconds: number;
  /** SLUICE_POOLS: file of the clusters and namespaces in which pods are made, by class of trust; null: one for all. */
  readonly pools: string | null;
  /** SLUICE_REPOSITORIES: `owner/name` globs; empty: every repository that the App sees. */
  readonly repositories: readonly string[];
  /** SLUICE_BUILDS: how many builds at once; NaN where that is no number. */
  readonly builds: number;
  /** SLUICE_BUILDER: what builds images in a cluster, `kaniko` or `buildkit`; null: kaniko. */
  readonly builder: string | null;
  /** SLUICE_BUILDKIT_IMAGE, and SLUICE_BUILDKIT_FORM: `user-namespace` or `rootless`; null: the first. */
  readonly buildkitImage: string | null;
  readonly buildkitForm: string | null;
  /** SLUICE_KANIKO_IMAGE and SLUICE_STEP_IMAGE: references that podman can pull. */
  readonly kanikoImage: string | null;
  readonly stepImage: string | null;
  /** SLUICE_INSECURE_REGISTRIES: hosts to be spoken to without TLS. */
  readonly insecureRegistries: readonly string[];
  /** SLUICE_REGISTRY_MAPS: `from=to` mirrors. */
  readonly registryMaps: readonly string[];
  /** SLUICE_STAGING: a place in a registry, as `registry.acme.io/staging`, where images of changes wait until they have landed. */
  readonly staging: string | null;
  /** SLUICE_REGISTRIES: file of the credentials for registries, and of who may use each for what; null: none is written to. */
  readonly registries: string | null;
  /** SLUICE_SECRETS: file of the secrets for jobs, and of who may have each; null: there is none. */
  readonly secrets: string | null;
}

function listIn(text: string | undefined): readonly string[] {
  return (text ?? '').split(/[\s,]+/).filter((word) => word !== '');
}

/** Reads the variables that begin with SLUICE_. */
export function readServerSettings(env: Readonly<Record<string, string | undefined>>): ServerSettings {
  const text = (name: string): string | null => env[`SLUICE_${name}`] || null;
  const secrets = listIn(env.SLUICE_WEBHOOK_SECRETS);
  const single = text('WEBHOOK_SECRET');
  return {
    app: {
      id: text('APP_ID'),
      privateKey: text('PRIVATE_KEY'),
      privateKeyFile: text('PRIVATE_KEY_FILE'),
      webhookSecrets: secrets.length > 0 || single === null ? secrets : [single],
      github: text('GITHUB_URL') ?? 'https://github.com',
    },
    healthPort: text('HEALTH_PORT') === null ? null : Number(text('HEALTH_PORT')),
    logKey: text('LOG_KEY'),
    ledgerKey: text('LEDGER_KEY')?.replaceAll('\\n', '\n') ?? null,
    acceptUntrusted: text('ACCEPT_UNTRUSTED') === '1',
    buildNetwork: text('BUILD_NETWORK'),
    isolation: {
      mode: text('ISOLATION'),
      targets: listIn(env.SLUICE_ISOLATION_TARGETS),
      accepted: listIn(env.SLUICE_ISOLATION_ACCEPTED),
      control: text('ISOLATION_CONTROL'),
    },
    namespace: text('NAMESPACE'),
    lostNodeSeconds: Number(text('LOST_NODE_SECONDS') ?? 60),
    pools: text('POOLS'),
    repositories: listIn(env.SLUICE_REPOSITORIES),
    builds: Number(text('BUILDS') ?? 4),
    builder: text('BUILDER'),
    buildkitImage: text('BUILDKIT_IMAGE'),
    buildkitForm: text('BUILDKIT_FORM'),
    kanikoImage: text('KANIKO_IMAGE'),
    stepImage: text('STEP_IMAGE'),
    insecureRegistries: listIn(env.SLUICE_INSECURE_REGISTRIES),
    registryMaps: listIn(env.SLUICE_REGISTRY_MAPS),
    staging: text('STAGING'),
    registries: text('REGISTRIES'),
    secrets: text('SECRETS'),
  };
}
