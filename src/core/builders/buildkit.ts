import type { BuildkitSettings } from '../../model/order.ts';
import { type BuilderOptions, below, builtFile, pairs } from './options.ts';

/** Where the daemon and its client meet, and where it finds its settings. */
export interface BuildkitPlaces {
  readonly socket: string;
  readonly config: string;
  readonly state: string;
}

/**
 * Arguments of buildkitd v0.26. `RUN` shares the pod's network, so that the pod's network policy holds for it (builders.md §7a).
 * In a user namespace of the kubelet's it is its root; a plain user makes one by rootlesskit first, whose argument the daemon is then.
 */
export function buildkitdCommand({ form }: BuildkitSettings, { socket, config, state }: BuildkitPlaces) {
  const daemon = [
    'buildkitd',
    `--addr=unix://${socket}`,
    `--config=${config}`,
    `--root=${state}`,
    '--oci-worker-net=host',
    '--oci-worker-snapshotter=overlayfs',
  ];
  if (form === 'user-namespace') return daemon;
  // A process sandbox would need a /proc of its own, which nobody but a privileged container may mount.
  return ['rootlesskit', ...daemon, '--oci-worker-no-process-sandbox'];
}

/** Whether the daemon is there: its first answer. */
export function buildkitProbe({ socket }: Pick<BuildkitPlaces, 'socket'>): readonly string[] {
  return ['buildctl', `--addr=unix://${socket}`, 'debug', 'workers'];
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

/**
 * Builds the last stage of `file` and keeps nothing of it. BuildKit builds only what its target needs, and a broken stage that
 * nothing refers to is red with every builder (images.md:37): `file` is the container file with a last stage that needs all others.
 */
export function buildctlStages(
  options: BuilderOptions,
  file: string,
  { socket }: Pick<BuildkitPlaces, 'socket'>,
): readonly string[] {
  const { root, context, platform } = options;
  return [
    `--addr=unix://${socket}`,
    'build',
    '--progress=plain',
    '--frontend=dockerfile.v0',
    `--local=context=${below(root, context)}`,
    `--local=dockerfile=${folderOf(file)}`,
    `--opt=filename=${file.slice(file.lastIndexOf('/') + 1)}`,
    // Else `# syntax=` in the file names a program of anybody's that reads it in BuildKit's place.
    '--opt=cmdline=none',
    ...pairs('--opt', prefixed('build-arg:', options.buildArgs)),
    ...pairs('--opt', prefixed('label:', options.labels)),
    ...(platform === null ? [] : [`--opt=platform=${platform}`]),
  ];
}

function prefixed(prefix: string, values: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]));
}

/** Arguments of buildctl: leaves the image as an OCI layout, and pushes nothing. */
export function buildctlArguments(options: BuilderOptions, places: Pick<BuildkitPlaces, 'socket'>): readonly string[] {
  return [
    ...buildctlStages(options, builtFile(options), places),
    ...(options.target === null ? [] : [`--opt=target=${options.target}`]),
    `--output=type=oci,dest=${options.layout},tar=false`,
  ];
}

/** Content of a buildkitd.toml: mirrors, and hosts that are spoken to without TLS. */
export function buildkitdConfig({
  registryMaps,
  insecureRegistries,
}: Pick<BuilderOptions, 'registryMaps' | 'insecureRegistries'>): string {
  const mirrors = Map.groupBy(registryMaps, (map) => mirroredHost(map.slice(0, map.indexOf('='))));
  const hosts = new Set([...mirrors.keys(), ...insecureRegistries]);
  const tables = [...hosts].map((host) => {
    const to = (mirrors.get(host) ?? []).map((map) => quoted(map.slice(map.indexOf('=') + 1)));
    return [
      `[registry.${quoted(host)}]`,
      ...(to.length === 0 ? [] : [`mirrors = [${to.join(', ')}]`]),
      ...(insecureRegistries.includes(host) ? ['http = true'] : []),
    ].join('\n');
  });
  return tables.map((table) => `${table}\n`).join('\n');
}

/** Kaniko and Docker's own clients call it by its index. */
function mirroredHost(host: string): string {
  return host === 'index.docker.io' ? 'docker.io' : host;
}

// A TOML basic string: JSON's escapes are a subset of its.
function quoted(text: string): string {
  return JSON.stringify(text);
}
