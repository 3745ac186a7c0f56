import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  access,
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

export interface StepImage {
  /** Name under which the archive loads: it changes with the content. */
  readonly image: string;
  /** A docker archive that `podman load` takes. */
  readonly archive: string;
}

export interface StepImageWishes {
  /** Where archives are kept; an image with the same content is not built again. */
  readonly cache: string;
  /** The Node program that goes into the image. */
  readonly node: string;
  /** PATH on which git, buildah and ldd are found. */
  readonly path: string;
}

const here = import.meta.dirname;
const run = promisify(execFile);

const programs = ['/usr/bin/git', '/usr/lib/git-core/git-remote-http'];
const certificates = '/etc/ssl/certs/ca-certificates.crt';

async function librariesOf(program: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const { stdout } = await run('ldd', [program], { env });
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? '').filter((path) => path !== '');
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // Not there, which is an answer.
    return false;
  }
}

/** What the image holds, by its place in it. */
async function contents(wishes: StepImageWishes): Promise<Map<string, string>> {
  const env = { PATH: wishes.path };
  const files = new Map<string, string>([['/sluice/bin/node', wishes.node]]);
  for (const program of programs) files.set(program, program);
  for (const program of [wishes.node, ...programs])
    for (const library of await librariesOf(program, env)) files.set(library, library);
  if (await exists(certificates)) files.set(certificates, certificates);
  const steps = join(here, '..', 'steps');
  for (const name of (await readdir(steps)).filter((each) => each.endsWith('.ts')))
    files.set(`/sluice/steps/${name}`, join(steps, name));
  return files;
}

async function hashOf(files: ReadonlyMap<string, string>): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(join(here, 'Containerfile')))
    .update(await readFile(import.meta.filename));
  for (const [place, source] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { size, mtimeMs } = await stat(source);
    hash.update(`${place} ${size} ${place.startsWith('/sluice/steps/') ? await readFile(source, 'utf8') : mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 12);
}

async function layOut(files: ReadonlyMap<string, string>, root: string): Promise<void> {
  for (const [place, source] of files) {
    await mkdir(dirname(join(root, place)), { recursive: true });
    await cp(await realpath(source), join(root, place));
  }
  await symlink('../../bin/git', join(root, 'usr/lib/git-core/git'));
  await symlink('git-remote-http', join(root, 'usr/lib/git-core/git-remote-https'));
  await writeFile(join(root, 'sluice/step'), "#!/sluice/bin/node\nimport('/sluice/steps/step.ts');\n");
  await writeFile(join(root, 'sluice/steps/package.json'), '{ "type": "module" }\n');
  await chmod(join(root, 'sluice/step'), 0o755);
  await mkdir(join(root, 'etc'), { recursive: true });
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/:/none\nstep:x:65532:65532:step:/tmp:/none\n');
  await mkdir(join(root, 'tmp'), { recursive: true });
  await chmod(join(root, 'tmp'), 0o1777);
}

async function makeArchive(folder: string, image: string, archive: string, path: string): Promise<void> {
  const storage = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'];
  const env = { PATH: path, HOME: folder, TMPDIR: folder };
  await run(
    'buildah',
    [
      ...storage,
      'bud',
      '--quiet',
      '--isolation',
      'chroot',
      '--tag',
      image,
      '--file',
      join(here, 'Containerfile'),
      folder,
    ],
    { env },
  );
  await run('buildah', [...storage, 'push', '--quiet', image, `docker-archive:${archive}.new:${image}`], { env });
  await rename(`${archive}.new`, archive);
}

/** The image of our step programs, built from this machine's git and Node the first time and kept. Needs root and buildah. */
export async function buildStepImage(wishes: StepImageWishes): Promise<StepImage> {
  const files = await contents(wishes);
  const hash = await hashOf(files);
  const image = `localhost/sluice-steps:${hash}`;
  await mkdir(wishes.cache, { recursive: true });
  const archive = join(wishes.cache, `steps-${hash}.tar`);
  if (await exists(archive)) return { image, archive };
  const folder = await mkdtemp(join(wishes.cache, 'building-'));
  try {
    await layOut(files, join(folder, 'rootfs'));
    await makeArchive(folder, image, archive, wishes.path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { image, archive };
}
