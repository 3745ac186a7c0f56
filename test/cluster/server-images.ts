import { execFile } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import {
  access,
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { root, searchPath } from './forge.ts';

/** An image that nodes have once its archive is loaded. */
export interface LoadableImage {
  /** `localhost/NAME:HASH`; another content is another name. */
  readonly image: string;
  readonly archive: string;
}

/** What the chart needs besides the images of builds. */
export interface ServerImages {
  /** The repository's Dockerfile, on a base of this machine's. */
  readonly server: LoadableImage;
  /** Debian's. */
  readonly redis: LoadableImage;
}

const run = promisify(execFile);
const cache = join(homedir(), '.cache/sluice/server');
const store = join(cache, 'store');
const recipes = join(import.meta.dirname, 'image-recipes');
const certificates = '/etc/ssl/certs/ca-certificates.crt';
const suite = 'bookworm';
const debian = `localhost/sluice-debian:${suite}`;
/** Layers of contents that are gone stay in the store: above this it is made anew. */
const largestStoreGiB = 8;

/**
 * Builds what is not there yet; the same content is never built twice, and layers are kept between contents. Needs root, buildah,
 * debootstrap, npm, and the package mirrors of Debian and npm. `say` is told of whatever takes long.
 */
export async function buildServerImages(say: (line: string) => void): Promise<ServerImages> {
  await mkdir(cache, { recursive: true });
  const dockerfile = join(root, 'Dockerfile');
  const base = await describeBase();
  const context = await contextOf(dockerfile);
  const serverKey = await keyOf(context, base.key);
  const redisKey = await keyOf([join(recipes, 'redis'), join(recipes, 'debian')], suite);
  const server = loadable('sluice', serverKey);
  const redis = loadable('sluice-redis', redisKey);
  if (!(await isThere(redis.archive))) {
    await readyDebian(say);
    await timed(say, 'the image of Redis, from Debian', () =>
      archive(redis, ['--build-arg', `BASE=${debian}`, '--file', join(recipes, 'redis'), recipes]),
    );
  }
  if (!(await isThere(server.archive))) {
    await readyDebian(say);
    await timed(say, 'the image of the server, from the Dockerfile', async () => {
      await base.make();
      await archive(server, ['--build-arg', `BASE=${base.image}`, '--file', dockerfile, root]);
    });
  }
  return { server, redis };
}

function loadable(name: string, key: string): LoadableImage {
  return { image: `localhost/${name}:${key}`, archive: join(cache, `${name}-${key}.tar`) };
}

/** Debian with this machine's Node and npm. */
async function describeBase() {
  const npm = dirname(dirname(await realpath((await run('which', ['npm'])).stdout.trim())));
  const recipe = join(recipes, 'server-base');
  const { version } = JSON.parse(await readFile(join(npm, 'package.json'), 'utf8')) as { readonly version: string };
  const key = await keyOf([recipe, certificates], `${suite} node ${process.version} npm ${version}`);
  const image = `localhost/sluice-server-base:${key}`;
  return {
    key,
    image,
    async make(): Promise<void> {
      const folder = await mkdtemp(join(cache, '.base-'));
      try {
        await copyFile(process.execPath, join(folder, 'node'));
        await cp(npm, join(folder, 'npm'), { recursive: true });
        await copyFile(certificates, join(folder, 'ca-certificates.crt'));
        await build(image, ['--build-arg', `BASE=${debian}`, '--file', recipe, folder]);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** The smallest Debian, laid out once. */
async function readyDebian(say: (line: string) => void): Promise<void> {
  if ((await sizeOf(store)) > largestStoreGiB * 2 ** 30) await rm(store, { recursive: true, force: true });
  if (await isBuilt(debian)) return;
  await timed(say, `a Debian ${suite}, by debootstrap (once)`, async () => {
    const folder = await mkdtemp(join(cache, '.debian-'));
    try {
      const laid = join(folder, 'debian');
      await call('debootstrap', ['--variant=minbase', suite, laid, 'http://deb.debian.org/debian']);
      for (const used of ['var/cache/apt/archives', 'var/lib/apt/lists'])
        await rm(join(laid, used), { recursive: true });
      // Nothing that a package brings is started while images are built.
      await writeFile(join(laid, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n');
      await chmod(join(laid, 'usr/sbin/policy-rc.d'), 0o755);
      await build(debian, ['--file', join(recipes, 'debian'), folder]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function build(image: string, words: readonly string[]): Promise<void> {
  // Docker's format, as OCI's has no health check.
  const plain = ['--quiet', '--layers', '--isolation=chroot', '--format=docker', `--tag=${image}`];
  await buildah('build', ...plain, ...words);
}

async function archive({ image, archive: file }: LoadableImage, words: readonly string[]): Promise<void> {
  await build(image, words);
  const draft = `${file}.new`;
  await rm(draft, { force: true });
  await buildah('push', '--quiet', image, `docker-archive:${draft}:${image}`);
  const older = (await readdir(cache)).filter((name) => name.replace(/-[0-9a-f]+\.tar$/, '') === nameOf(image));
  await rename(draft, file);
  for (const name of older) await rm(join(cache, name), { force: true });
}

function nameOf(image: string): string {
  return image.replace(/^localhost\//, '').replace(/:.*$/, '');
}

function buildah(...words: readonly string[]): Promise<string> {
  return call('buildah', ['--root', store, '--runroot', `${store}.run`, '--storage-driver', 'overlay', ...words]);
}

async function isBuilt(image: string): Promise<boolean> {
  return buildah('inspect', '--type', 'image', image).then(
    () => true,
    () => false,
  );
}

/** Throws with what it said last. */
async function call(program: string, words: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(program, words, { env: { ...process.env, PATH: searchPath }, maxBuffer: 1 << 26 });
    return stdout;
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : '';
    throw new Error(`${program} ${words.join(' ')} failed: ${said.slice(-2000)}`, { cause });
  }
}

/** What the Dockerfile copies from the repository, itself included. */
async function contextOf(dockerfile: string): Promise<readonly string[]> {
  const copied = [...(await readFile(dockerfile, 'utf8')).matchAll(/^COPY (?!--)(.+) \S+$/gm)];
  return [
    dockerfile,
    join(root, '.dockerignore'),
    ...copied.flatMap(([, names = '']) => names.split(' ').map((name) => join(root, name))),
  ];
}

/** 16 hex digits that change with any byte or name below these places. */
async function keyOf(places: readonly string[], beside: string): Promise<string> {
  const hash = createHash('sha256').update(beside);
  for (const place of [...new Set(places)].sort()) await addTo(hash, place);
  return hash.digest('hex').slice(0, 16);
}

async function addTo(hash: Hash, place: string): Promise<void> {
  hash.update(`\0${place.replace(root, '')}\0`);
  if (!(await stat(place)).isDirectory()) return void hash.update(await readFile(place));
  for (const name of (await readdir(place)).sort()) await addTo(hash, join(place, name));
}

async function sizeOf(folder: string): Promise<number> {
  const said = await run('du', ['-sxB1', folder]).catch(() => ({ stdout: '0' }));
  return Number.parseInt(said.stdout, 10);
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function timed(say: (line: string) => void, what: string, make: () => Promise<void>): Promise<void> {
  const started = Date.now();
  say(`making ${what} …`);
  await make();
  say(`made ${what}: ${Math.round((Date.now() - started) / 1000)} s`);
}
