import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstat, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

/** What a container from an image would find, path → what is there, in words; needs root, for the owners. */
export type ImageFiles = ReadonlyMap<string, string>;

/**
 * The files of an image in a registry, its layers laid on each other as OCI says. Throws where the registry holds something else under
 * a digest than what has that digest.
 */
export async function readImageFiles(
  name: string,
  digest: string,
  headers: Record<string, string>,
): Promise<ImageFiles> {
  const blob = async (kind: 'manifests' | 'blobs', wanted: string): Promise<Buffer> => {
    const slash = name.indexOf('/');
    const accept = 'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json';
    const url = `http://${name.slice(0, slash)}/v2/${name.slice(slash + 1)}/${kind}/${wanted}`;
    const answer = await fetch(url, { headers: { ...headers, accept } });
    if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`);
    const content = Buffer.from(await answer.arrayBuffer());
    const found = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    if (found !== wanted) throw new Error(`${url} has the digest ${found}`);
    return content;
  };
  const { config, layers } = JSON.parse((await blob('manifests', digest)).toString()) as Manifest;
  await blob('blobs', config.digest);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-image-files-'));
  try {
    for (const layer of layers) await lay(await blob('blobs', layer.digest), folder);
    return new Map(await listed(join(folder, 'root')));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function lay(layer: Buffer, folder: string): Promise<void> {
  const file = join(folder, 'layer');
  const root = join(folder, 'root');
  await writeFile(file, layer);
  await promisify(execFile)('mkdir', ['-p', root]);
  const { stdout } = await promisify(execFile)('tar', ['--list', '--file', file], { maxBuffer: 2 ** 26 });
  // First what the layer takes away, then what it brings: it may do both in one folder.
  for (const path of stdout.split('\n').filter((each) => basename(each).startsWith('.wh.'))) {
    const gone = join(root, dirname(path), basename(path).slice('.wh.'.length));
    if (basename(path) !== '.wh..wh..opq') await rm(gone, { recursive: true, force: true });
    else for (const each of await readdir(dirname(gone))) await rm(join(dirname(gone), each), { recursive: true });
  }
  const words = [
    '--extract',
    '--numeric-owner',
    '--same-permissions',
    '--exclude=.wh.*',
    '--file',
    file,
    '--directory',
    root,
  ];
  await promisify(execFile)('tar', words);
}

async function listed(root: string, path = ''): Promise<readonly (readonly [string, string])[]> {
  const found: (readonly [string, string])[] = [];
  for (const name of (await readdir(join(root, path))).sort()) {
    const place = `${path}/${name}`;
    found.push([place, await describeFile(join(root, place))]);
    if ((await lstat(join(root, place))).isDirectory()) found.push(...(await listed(root, place)));
  }
  return found;
}

async function describeFile(file: string): Promise<string> {
  const stats = await lstat(file);
  const owner = `${stats.uid}:${stats.gid}`;
  if (stats.isSymbolicLink()) return `link ${owner} to ${await readlink(file)}`;
  const rights = (stats.mode & 0o7777).toString(8);
  if (stats.isDirectory()) return `folder ${rights} ${owner}`;
  const content = stats.size <= 64 ? JSON.stringify((await readFile(file)).toString()) : `${stats.size} bytes`;
  return `file ${rights} ${owner} ${content}`;
}
