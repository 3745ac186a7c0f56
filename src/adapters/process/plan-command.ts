import type { PodContainer, PodManifest } from '../../model/pod.ts';
import { type BuildRecord, pathsIn } from './record.ts';

/** How one container of the manifest is run as a process. */
export interface CommandPlan {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
}

/**
 * The container's command on this machine: paths of its volumes become folders of the build, `/sluice/step` becomes the step
 * command, and the environment is the manifest's with a home, a temporary folder and a search path; nothing of ours.
 */
export function planCommand(record: BuildRecord, folder: string, container: PodContainer): CommandPlan {
  const paths = pathsIn(folder);
  const rewrite = rewriterFor(mountsOf(record.manifest, container, folder));
  const words = [...(container.command ?? []), ...(container.args ?? [])].map(rewrite);
  const [program = '', ...args] = words[0] === '/sluice/step' ? [...record.stepCommand, ...words.slice(1)] : words;
  const own = Object.fromEntries(container.env.map(({ name, value }) => [name, rewrite(value)]));
  const env = { PATH: record.searchPath, TMPDIR: paths.home, ...own, HOME: paths.home };
  return {
    program,
    args,
    env,
    workingDir: container.workingDir === undefined ? paths.home : rewrite(container.workingDir),
  };
}

/** Where each path of the container lies on this machine; only what this container mounts. */
function mountsOf(manifest: PodManifest, container: PodContainer, folder: string): ReadonlyMap<string, string> {
  const paths = pathsIn(folder);
  const isSecret = (name: string) =>
    manifest.spec.volumes.some((volume) => volume.name === name && volume.secret !== undefined);
  const places = container.volumeMounts.map(
    ({ name, mountPath }) =>
      [mountPath, isSecret(name) ? `${paths.secrets(container.name)}/${name}` : paths.volume(name)] as const,
  );
  return new Map([...places, [container.terminationMessagePath, paths.result(container.name)]]);
}

/**
 * Replaces each path where it stands as a path or at the head of one, also inside a longer text (`--context=dir:///.sluice/src/x`,
 * a shell line), and not inside another name (`/.sluice/srcs`, `/a/.sluice/src`).
 */
export function rewriterFor(places: ReadonlyMap<string, string>): (text: string) => string {
  if (places.size === 0) return (text) => text;
  const longestFirst = [...places.keys()].sort((a, b) => b.length - a.length);
  const alternatives = longestFirst.map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const pattern = new RegExp(`(?<![\\w.-])(?:${alternatives})(?![\\w.-])`, 'g');
  return (text) => text.replace(pattern, (path) => places.get(path) ?? path);
}
