import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, chmod, copyFile, mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { listProgramFiles, readProgram } from './program-files.ts';

/** What the image is made from: this machine's git and a Node program. */
export interface Ingredients {
  /** Path of the Node that goes into the image; 22.19 or newer. */
  readonly node: string;
  /** Search path on which `git` and `ldd` are found. */
  readonly path: string;
}

/** The file on this machine, or the text that it holds. */
type FileSource = { readonly from: string } | { readonly text: string; readonly mode: number };

/** Everything in the image, by its place there. */
export type RootFiles = ReadonlyMap<string, FileSource>;

const run = promisify(execFile);
const certificates = '/etc/ssl/certs/ca-certificates.crt';
const nodePlace = '/usr/bin/node';
const gitCore = '/usr/lib/git-core';

const texts: RootFiles = new Map([
  // With little room for new objects: what is uploaded goes through in pieces that are soon gone.
  [
    '/sluice/step',
    { text: `#!${nodePlace} --max-semi-space-size=1\nimport('/sluice/jobs/steps/step.js');\n`, mode: 0o755 },
  ],
  ['/sluice/package.json', { text: '{ "type": "module" }\n', mode: 0o644 }],
  ['/etc/passwd', { text: 'root:x:0:0::/:/none\nstep:x:65532:65532::/nonexistent:/none\n', mode: 0o644 }],
  ['/etc/group', { text: 'root:x:0:\nstep:x:65532:\n', mode: 0o644 }],
  // Without it the names of /etc/hosts are asked for last.
  ['/etc/nsswitch.conf', { text: 'hosts: files dns\n', mode: 0o644 }],
]);

/** Finds all that belongs into the image. Throws when git, its HTTP helper or the certificates are missing here. */
export async function listRootFiles({ node, path }: Ingredients): Promise<RootFiles> {
  const git = await findProgram('git', path);
  const { stdout } = await run(git, ['--exec-path'], { env: { PATH: path } });
  const remote = join(stdout.trim(), 'git-remote-http');
  const programs = new Map([
    [nodePlace, node],
    ['/usr/bin/git', git],
    [`${gitCore}/git-remote-http`, remote],
    [`${gitCore}/git-remote-https`, remote],
  ]);
  const libraries = await Promise.all([node, git, remote].map((program) => librariesOf(program, path)));
  const scripts = await Promise.all((await listProgramFiles()).map(readProgram));
  const files: (readonly [string, FileSource])[] = [
    ...[...programs].map(([place, from]): [string, { from: string }] => [place, { from }]),
    ...libraries.flat().map((library): [string, { from: string }] => [library, { from: library }]),
    // As they lie in the repository, so that they find one another.
    ...scripts.map(({ place, text }) => [`/sluice/${place}`, { text, mode: 0o644 }] as const),
    [certificates, { from: certificates }],
  ];
  await access(certificates);
  return new Map([...files, ...texts].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** 16 hex digits that change with any byte of the image. */
export async function hashRootFiles(files: RootFiles): Promise<string> {
  const hash = createHash('sha256');
  for (const [place, file] of files) {
    hash.update(`${place}\0`);
    if ('text' in file) hash.update(`${file.mode}\0${file.text}\0`);
    else hash.update(`${await digestOf(file.from)}\0`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Writes them below a folder, all with one time. */
export async function layOutRootFiles(files: RootFiles, root: string): Promise<void> {
  for (const [place, file] of files) {
    const target = join(root, place);
    await mkdir(dirname(target), { recursive: true });
    if ('text' in file) await writeFile(target, file.text);
    else await copyFile(file.from, target);
    await chmod(target, 'text' in file ? file.mode : /\/(?:bin|git-core|lib\w*)\//.test(place) ? 0o755 : 0o644);
    await utimes(target, 0, 0);
  }
  // git looks there for itself, too.
  await symlink('../../bin/git', join(root, gitCore, 'git'));
  await mkdir(join(root, 'tmp'));
  await chmod(join(root, 'tmp'), 0o1777);
}

async function librariesOf(program: string, path: string): Promise<readonly string[]> {
  const ldd = await findProgram('ldd', path);
  const { stdout } = await run(ldd, [program], { env: { PATH: path, LC_ALL: 'C' } });
  if (/not found/.test(stdout)) throw new Error(`${program} lacks libraries on this machine:\n${stdout}`);
  return [...stdout.matchAll(/(\/\S+) \(0x/g)].flatMap((match) => match[1] ?? []);
}

async function findProgram(name: string, path: string): Promise<string> {
  for (const folder of path.split(delimiter)) {
    const found = await access(join(folder, name)).then(
      () => true,
      () => false,
    );
    if (found) return join(folder, name);
  }
  throw new Error(`there is no ${name} on ${path}`);
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part);
  return hash.digest('hex');
}
