import { configFile } from '../../../src/model/config.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { firstVersion, versionFile } from '../version/lines.ts';
import { configText, type GateLines } from './configs.ts';
import type { Files } from './git-model.ts';
import type { QueueKnobs } from './knobs.ts';
import type { RepositoryGit } from './repository-git.ts';

export function linesOf({ method, start, floor, failFast, images, bestFirst, reuse }: QueueKnobs): GateLines {
  return { method, window: { start, floor }, failFast, images, bestFirst: bestFirst ?? null, reuse: reuse === true };
}

/** The files that a repository begins with. */
export function firstFiles(queues: QueueKnobs): Files {
  return {
    Dockerfile: 'FROM scratch\n',
    'README.md': 'hello\n',
    'hot.txt': 'nothing\n',
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

function withChange(files: Files, word: string, count: number, queues: QueueKnobs): Files {
  const text = `text ${count}\n`;
  const [kind = '', ...rest] = word.split(' ');
  if (kind === 'config') return { ...files, [configFile]: configText(rest.join(' '), linesOf(queues)) };
  if (kind === 'nothing') return files;
  if (kind === 'version') return { ...files, [versionFile]: `${rest.join(' ')}\n` };
  if (kind === 'fix') {
    const broken = new Set(Object.values(faults));
    return Object.fromEntries(Object.entries({ ...files, 'fix.txt': text }).filter(([path]) => !broken.has(path)));
  }
  const own: Readonly<Record<string, string>> = { docs: `docs/${count}.md`, hot: 'hot.txt' };
  return { ...files, [own[kind] ?? faults[word] ?? `src/${count}.go`]: text };
}

/** A commit of somebody on another one; the forge has it from now on. */
export function commitInGit(git: RepositoryGit, on: Sha, word: string, count: number, queues: QueueKnobs): Sha {
  const files = withChange(git.model.filesAt(on) ?? {}, word, count, queues);
  const sha = git.model.commit(files, [on], `${word} ${count}`);
  git.pushed.add(sha);
  return sha;
}
