import { configFile } from '../../../src/model/config.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { firstVersion, versionFile } from '../version/lines.ts';
import { configText, type GateLines, isOddTool } from './configs.ts';
import type { Files } from './git-model.ts';
import type { QueueKnobs } from './knobs.ts';
import type { RepositoryGit } from './repository-git.ts';

export function linesOf({
  method,
  start,
  floor,
  failFast,
  images,
  bestFirst,
  reuse,
  lanes,
  joins,
}: QueueKnobs): GateLines {
  return {
    method,
    window: { start, floor },
    failFast,
    images,
    bestFirst: bestFirst ?? null,
    reuse: reuse === true,
    lanes: lanes === true,
    joins: joins ?? null,
  };
}

/** No job reads them here. */
const tools = ['a', 'b', 'c', 'd'].map((name) => `tools/${name}.txt`);

/** Where they are if people have moved them, below what a job reads. */
function movedTool(path: string): string {
  return path.replace('tools/', 'left/tool-');
}

/** The files that a repository begins with. */
export function firstFiles(queues: QueueKnobs): Files {
  return {
    Dockerfile: 'FROM scratch\n',
    'README.md': 'hello\n',
    'hot.txt': 'nothing\n',
    ...(queues.lanes ? { 'left/Dockerfile': 'FROM scratch\n', 'right/Dockerfile': 'FROM scratch\n' } : {}),
    ...(queues.renames ? Object.fromEntries(tools.map((path) => [path, `as ${path} was\n`])) : {}),
    [configFile]: configText(queues.config, linesOf(queues)),
    ...(queues.images?.pushes?.versions ? { [versionFile]: `${firstVersion}\n` } : {}),
  };
}

/** Files that make their tree fail, alone or together. */
const faults: Readonly<Record<string, string>> = {
  bad: 'bad.txt',
  ugly: 'ugly.txt',
  one: 'pair/one.txt',
  two: 'pair/two.txt',
  slow: 'slow.txt',
  'broken docs': 'docs/broken.md',
};

/** The same where jobs read folders. */
const laneFaults: Readonly<Record<string, string>> = {
  bad: 'left/bad.txt',
  ugly: 'right/bad.txt',
  one: 'left/one.txt',
  two: 'left/two.txt',
  slow: 'right/one.txt',
  'broken docs': 'docs/broken.md',
  'hidden left': 'left/hidden.txt',
  'hidden right': 'right/hidden.txt',
};

/** What people change where jobs read folders; a lock file is read by all of them. */
function laneFiles(kind: string, count: number): readonly string[] {
  const sides = { code: ['left'], right: ['right'], sides: ['left', 'right'] }[kind];
  return kind === 'lock' ? ['go.sum'] : (sides ?? []).map((side) => `${side}/${count}.go`);
}

/** Tools, with something done to them wherever they are; `odd` ones make what reads them fail. */
function withTools(files: Files, kind: string, count: number): Files {
  const changed = { ...files };
  for (const [at, path] of tools.entries()) {
    const moved = movedTool(path);
    const here = path in files ? path : moved;
    const text = files[here];
    if (text === undefined) continue;
    if (kind === 'moves') {
      delete changed[here];
      changed[here === path ? moved : path] = text;
    } else if (at === count % tools.length) changed[here] = `${kind} ${count}\n`;
  }
  return changed;
}

function withChange(files: Files, word: string, count: number, queues: QueueKnobs): Files {
  const text = `text ${count}\n`;
  const [kind = '', ...rest] = word.split(' ');
  if (kind === 'config') return { ...files, [configFile]: configText(rest.join(' '), linesOf(queues)) };
  if (kind === 'nothing') return files;
  if (queues.renames && (kind === 'odd' || kind === 'tool' || kind === 'moves')) return withTools(files, kind, count);
  if (kind === 'version') return { ...files, [versionFile]: `${rest.join(' ')}\n` };
  const broken = queues.lanes ? laneFaults : faults;
  if (kind === 'fix') {
    const paths = new Set(Object.values(broken));
    const isFine = ([path, content]: [string, string]): boolean => !paths.has(path) && !isOddTool(path, content);
    return Object.fromEntries(Object.entries({ ...files, 'fix.txt': text }).filter(isFine));
  }
  const own: Readonly<Record<string, string>> = { docs: `docs/${count}.md`, hot: 'hot.txt' };
  const inLanes = queues.lanes ? laneFiles(kind, count) : [];
  const paths = inLanes.length > 0 ? inLanes : [own[kind] ?? broken[word] ?? `src/${count}.go`];
  return { ...files, ...Object.fromEntries(paths.map((path) => [path, text])) };
}

/** A commit of somebody on another one; the forge has it from now on. */
export function commitInGit(git: RepositoryGit, on: Sha, word: string, count: number, queues: QueueKnobs): Sha {
  const files = withChange(git.model.filesAt(on) ?? {}, word, count, queues);
  const sha = git.model.commit(files, [on], `${word} ${count}`);
  git.pushed.add(sha);
  return sha;
}
