import { type BuilderOptions, below, builtFile, pairs } from './options.ts';

/** What the step `build-with-buildah` needs to build one image. */
export interface BuildahPlan {
  /** After `buildah build` and the place of its storage, which the step adds. */
  readonly arguments: readonly string[];
  /** Content of a registries.conf: mirrors, and hosts to be spoken to without TLS. */
  readonly registries: string;
  readonly layout: string;
  /** Where images and layers lie while it builds; removed afterwards. */
  readonly storage: string;
}

/**
 * For buildah 1.28 as a plain process. `chroot` isolation is all that works inside a container without more rights, and
 * `--skip-unused-stages=false` makes a broken stage red that nothing refers to (images.md:37).
 */
export function planBuildah(options: BuilderOptions): BuildahPlan {
  const { root, context, target, platform, layout } = options;
  return {
    arguments: [
      '--isolation=chroot',
      '--format=oci',
      '--layers=false',
      '--skip-unused-stages=false',
      `--file=${builtFile(options)}`,
      ...pairs('--build-arg', options.buildArgs),
      ...pairs('--label', options.labels),
      ...(target === null ? [] : [`--target=${target}`]),
      ...(platform === null ? [] : [`--platform=${platform}`]),
      below(root, context),
    ],
    registries: registriesConf(options),
    layout,
    storage: `${layout}.storage`,
  };
}

function registriesConf({ registryMaps, insecureRegistries }: BuilderOptions): string {
  const mirrors = registryMaps.flatMap((map) => {
    const at = map.indexOf('=');
    const from = map.slice(0, at) === 'index.docker.io' ? 'docker.io' : map.slice(0, at);
    const to = map.slice(at + 1);
    const insecure = insecureRegistries.includes(hostOf(to));
    return [
      `[[registry]]\nprefix = ${quoted(from)}\nlocation = ${quoted(from)}`,
      `[[registry.mirror]]\nlocation = ${quoted(to)}\ninsecure = ${insecure}`,
    ];
  });
  const plain = insecureRegistries.map((host) => `[[registry]]\nlocation = ${quoted(host)}\ninsecure = true`);
  return `${['unqualified-search-registries = ["docker.io"]', ...mirrors, ...plain].join('\n\n')}\n`;
}

function hostOf(place: string): string {
  return place.split('/')[0] ?? place;
}

// A TOML basic string: JSON's escapes are a subset of its.
function quoted(text: string): string {
  return JSON.stringify(text);
}
