import type { BuildOrder, ResolvedImage } from '../../model/order.ts';
import { planBuildah } from './buildah.ts';
import { builderOptionsFor } from './builder-options.ts';
import { kanikoArguments } from './kaniko.ts';

/** What a person types to build the very same, in the root of the repository. */
export interface HandBuild {
  readonly image: string;
  readonly target: string | null;
  readonly platform: string | null;
  /** Writes the container file that is built where rules replace lines of it; null: it is built as it is. */
  readonly prepare: string | null;
  readonly buildah: string;
  readonly kaniko: string;
}

// Not in the repository: what lies there may be copied into the image.
const outside = { file: '/tmp/sluice-Containerfile', built: '/tmp/sluice-built' } as const;

/** Where kaniko unpacks what is piped to it. */
const unpacked = '/kaniko/buildcontext';

const plain = /^[\w@%+=:,./-]+$/;

/** One word of a POSIX shell. */
function shellWord(word: string): string {
  return plain.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function shellLine(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

function sedOf({ containerFile, replaced = [] }: ResolvedImage, to: string): string | null {
  if (replaced.length === 0) return null;
  const scripts = replaced.flatMap(({ line, becomes }) => ['-e', `${line}c\\\n${becomes.replaceAll('\\', '\\\\')}`]);
  return `${shellLine(['sed', ...scripts, containerFile])} > ${shellWord(to)}`;
}

/** The commands for one image of a job, as the pod's builder would be called. */
export function buildByHand(order: BuildOrder, resolved: ResolvedImage, kanikoImage: string): HandBuild {
  const { image, target, platform } = resolved;
  const pool = { registryMaps: [], insecureRegistries: [] };
  const here = builderOptionsFor(order, resolved, pool, { root: '.', layout: outside.built, rewritten: outside.file });
  const inside = builderOptionsFor(order, resolved, pool, {
    root: unpacked,
    layout: '/built',
    rewritten: '/Containerfile',
  });
  const environment = Object.entries(image.extraEnv).map(([name, value]) => `${name}=${value}`);
  const env = environment.length === 0 ? [] : ['env', ...environment];
  const given = environment.flatMap((pair) => ['--env', pair]);
  const volumes = [
    `--volume=${outside.built}:/built`,
    ...(inside.rewritten === null ? [] : [`--volume=${outside.file}:/Containerfile:ro`]),
  ];
  // Whoever owns the files here: in the image they are root's, as in a pod.
  const packed = ['tar', '--create', '--gzip', '--owner=0', '--group=0', '.'];
  const from = ['--context=tar://stdin', ...(inside.context === '.' ? [] : [`--context-sub-path=${inside.context}`])];
  const arguments_ = kanikoArguments(inside).filter((word) => !/^--(?:digest-file|context)=/.test(word));
  return {
    image: image.name,
    target,
    platform,
    prepare: sedOf(resolved, outside.file),
    buildah: shellLine([...env, 'buildah', 'build', `--tag=localhost/${image.name}`, ...planBuildah(here).arguments]),
    kaniko: `mkdir -p ${outside.built} && ${shellLine(packed)} | podman run --rm --interactive ${shellLine([...volumes, ...given, kanikoImage, ...from, ...arguments_])}`,
  };
}
