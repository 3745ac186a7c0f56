import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { credential, type Git, lastWords } from './git.ts';
import { exitCodes, StepFailure } from './step-failure.ts';

/** Where to fetch from, and how much at most. */
export interface Source {
  readonly url: URL;
  readonly token: string | null;
  readonly commits: readonly string[];
  readonly packBytes: number;
  readonly seconds: number;
}

const tries = 3;

/**
 * Fetches these very commits with `depth` commits of history, or all of it for null. Tried three times; what no repetition helps
 * (no such commit, no access, too much) ends at once.
 */
export async function fetchCommits(git: Git, gitDir: string, source: Source, depth: number | null): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const failure = await fetchOnce(git, gitDir, source, depth);
    if (failure === null) return;
    const isLasting =
      /not our ref|unadvertised object|could not read Username|returned error: 4\d\d|Authentication failed|not found/i.test(
        failure,
      );
    if (isLasting || attempt === tries)
      throw new StepFailure(exitCodes.notFetched, `The commits could not be fetched: ${failure}`);
    console.log(`Fetching failed (${failure}); trying again`);
    await sleep(1000 * attempt ** 2);
  }
}

async function fetchOnce(git: Git, gitDir: string, source: Source, depth: number | null): Promise<string | null> {
  const shallow = (await git(['rev-parse', '--is-shallow-repository'])).stdout.toString().trim() === 'true';
  const extent = depth === null ? (shallow ? ['--unshallow'] : []) : [`--depth=${depth}`];
  const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--no-recurse-submodules'];
  const watch = watchFetch(gitDir, source);
  const call = { env: credential(source.url, source.token), signal: watch.signal };
  try {
    const args = ['fetch', ...options, ...extent, '--', source.url.href, ...source.commits];
    const { code, stderr } = await git(args, call);
    if (watch.signal.aborted) throw watch.signal.reason;
    refuseTooLarge(await packedBytes(gitDir), source.packBytes);
    return code === 0 ? null : lastWords(stderr);
  } finally {
    watch.end();
  }
}

/** Aborts when what arrives grows over the limit, or takes too long. */
function watchFetch(gitDir: string, { packBytes, seconds }: Source) {
  const abort = new AbortController();
  const end = (failure: StepFailure) => abort.abort(failure);
  const clock = setTimeout(
    () => end(new StepFailure(exitCodes.notFetched, `Fetching took longer than ${seconds} s`)),
    seconds * 1000,
  );
  const look = setInterval(() => {
    packedBytes(gitDir).then(
      (bytes) => {
        if (bytes > packBytes) end(tooLarge(packBytes));
      },
      (cause: Error) =>
        end(new StepFailure(exitCodes.notFetched, `The size of what is fetched cannot be seen: ${cause.message}`)),
    );
  }, 200);
  const finish = () => {
    clearTimeout(clock);
    clearInterval(look);
  };
  return { signal: abort.signal, end: finish };
}

function tooLarge(limit: number): StepFailure {
  return new StepFailure(exitCodes.tooLarge, `The history is larger than the ${limit} bytes allowed`);
}

// A fast one is over before anybody looked.
function refuseTooLarge(bytes: number, limit: number): void {
  if (bytes > limit) throw tooLarge(limit);
}

async function packedBytes(gitDir: string): Promise<number> {
  const folder = join(gitDir, 'objects', 'pack');
  const sizes = await Promise.all((await readdir(folder)).map((file) => sizeOf(join(folder, file))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    // Renamed to its final name in this moment: counted the next time.
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw cause;
  }
}
