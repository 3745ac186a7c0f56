import { existsSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { delimiter } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';

/** How a cluster is reached and who we are there. */
export interface ClusterAccess {
  /** Base URL of the API server. */
  readonly server: string;
  /** What the context names; null: nothing. */
  readonly namespace: string | null;
  /** Name of the context, for people. */
  readonly context: string;
  /** Certificates, headers and, behind a proxy, the agent for the next request; tokens are renewed here. */
  readonly authorize: () => Promise<RequestOptions>;
}

export interface KubeconfigChoice {
  /** File, or several with the path delimiter between, as in KUBECONFIG; null: the pod's own account, else `~/.kube/config`. */
  readonly files: string | null;
  /** Null: the current one. */
  readonly context: string | null;
}

const keptMs = 5_000;

/** Throws with a sentence when there is no usable configuration. It does not ask the cluster anything. */
export function openKubeconfig({ files, context }: KubeconfigChoice): ClusterAccess {
  const config = readConfig(files);
  if (context !== null) config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  const chosen = config.getContextObject(config.getCurrentContext());
  if (cluster === null || chosen === null)
    throw new Error(`the kubeconfig has no context ${JSON.stringify(config.getCurrentContext() ?? '')}`);
  return {
    server: cluster.server,
    namespace: chosen.namespace ?? null,
    context: chosen.name,
    authorize: keepShortly(() => optionsOf(config, cluster.proxyUrl !== undefined)),
  };
}

function readConfig(files: string | null): KubeConfig {
  const config = new KubeConfig();
  if (files === null) {
    config.loadFromDefault();
    // What the library falls back to is nobody's cluster.
    if (config.getCurrentCluster()?.server === 'http://localhost:8080')
      throw new Error('no cluster is named: set KUBECONFIG to a kubeconfig file');
    return config;
  }
  const names = files.split(delimiter).filter((file) => file !== '');
  for (const file of names) {
    if (!existsSync(file)) throw new Error(`there is no kubeconfig file ${file}`);
    try {
      const next = new KubeConfig();
      next.loadFromFile(file);
      if (file === names[0]) config.loadFromOptions({ ...next, currentContext: next.getCurrentContext() });
      else config.mergeConfig(next, true);
    } catch (cause) {
      throw new Error(`the kubeconfig ${file} cannot be read`, { cause });
    }
  }
  return config;
}

async function optionsOf(config: KubeConfig, behindProxy: boolean): Promise<RequestOptions> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  // The library's agent closes its connection after every request; only its proxies are needed.
  if (!behindProxy) delete options.agent;
  return options;
}

/** Certificates are read from files and tokens from programs: not for every one of a burst of requests. */
function keepShortly<T>(make: () => Promise<T>): () => Promise<T> {
  let kept: { readonly until: number; readonly value: Promise<T> } | null = null;
  return () => {
    if (kept !== null && performance.now() < kept.until) return kept.value;
    const value = make();
    const entry = { until: performance.now() + keptMs, value };
    kept = entry;
    value.catch(() => {
      if (kept === entry) kept = null;
    });
    return value;
  };
}
