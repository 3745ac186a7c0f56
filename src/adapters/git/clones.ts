import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import { type BranchTips, createBranchTips } from './branch-tips.ts';
import { openClone, tidyClone } from './clone-folder.ts';
import { fetchRefspecs, type Remote, readRemoteRefs } from './fetch-commits.ts';
import { createFetchLine, type FetchLine } from './fetch-line.ts';
import { gitEnvironment, toCloneUrl } from './git-environment.ts';
import { createObjectReader, type ObjectReader } from './object-reader.ts';
import { createGit, type Git, type RunGit } from './run-git.ts';

/** Bounds of what one git command may take. */
export interface GitLimits {
  /** One fetch. */
  readonly fetchMs: number;
  /** One push; one that takes longer may have had its effect. */
  readonly pushMs: number;
  /** Any other command. */
  readonly commandMs: number;
  /** Compressed bytes that one fetch may bring. */
  readonly maxPackBytes: number;
  /** Bytes that any command may print: file lists, file contents. */
  readonly maxOutputBytes: number;
}

export const defaultGitLimits: GitLimits = {
  fetchMs: 10 * 60_000,
  pushMs: 2 * 60_000,
  commandMs: 2 * 60_000,
  maxPackBytes: 4 * 2 ** 30,
  maxOutputBytes: 32 * 2 ** 20,
};

export interface SourceOptions {
  /** Holds one bare clone per project; a cache, which may be removed while nothing runs and may be used by many processes. */
  readonly folder: string;
  readonly limits?: Partial<GitLimits>;
  /** A token that reads this project; null for one that everybody may read. Asked anew for each fetch. */
  readonly credentials: (project: Project) => Promise<string | null>;
  /** PATH and, where needed, proxy and CA variables: all of the machine's environment that git sees. */
  readonly environment?: Readonly<Record<string, string>>;
  /** How old what is known of a branch's tip may be (ms); 0, the usual: it is asked for each time. */
  readonly tipAgeMs?: number;
  readonly now?: () => number;
  /** Who starts git; left out: this process. */
  readonly run?: RunGit;
}

export type AskRemote = () => Promise<Remote>;

/** One project's bare clone, and what is open on it. */
export interface Clone {
  readonly git: Git;
  readonly folder: string;
  readonly objects: ObjectReader;
  readonly tips: BranchTips;
  readonly fetch: FetchLine<AskRemote>;
  readonly limits: GitLimits;
  /** To be called for each piece of work: it gets its credential with the first use, and keeps it no longer. */
  readonly remote: () => AskRemote;
  /** Where a branch points; undefined: there is none of that name. */
  readonly tipOf: (branch: string, remote: AskRemote) => Promise<Sha | undefined>;
}

export interface Clones {
  /** Git as it runs for every clone. */
  readonly git: Git;
  /** Opened, and made empty where it is not there; the same one again for the same address. */
  of(project: Project): Promise<Clone>;
  /** Undefined while nothing asked for it. */
  opened(project: Project): Promise<Clone> | undefined;
  /** Ends what git runs for them. */
  close(): void;
}

const idleMs = 60_000;
const tidyPauseMs = 60_000;

interface Ground {
  readonly options: SourceOptions;
  readonly limits: GitLimits;
  readonly environment: Readonly<Record<string, string>>;
  readonly git: Git;
  readonly now: () => number;
}

function groundOf(options: SourceOptions): Ground {
  const limits = { ...defaultGitLimits, ...options.limits };
  const environment = gitEnvironment(options.environment ?? {});
  const git = createGit(
    environment,
    { timeoutMs: limits.commandMs, maxOutputBytes: limits.maxOutputBytes },
    options.run,
  );
  return { options, limits, environment, git, now: options.now ?? performance.now.bind(performance) };
}

async function open(project: Project, { options, limits, environment, git, now }: Ground): Promise<Clone> {
  const folder = await openClone(git, options.folder, project);
  const connect = async (): Promise<Remote> => ({
    url: toCloneUrl(project.cloneUrl),
    token: await options.credentials(project),
    timeoutMs: limits.fetchMs,
    maxPackBytes: limits.maxPackBytes,
  });
  const tidy = createTidier(git, folder, now);
  const tips = createBranchTips(options.tipAgeMs ?? 0, now);
  return {
    git,
    folder,
    objects: createObjectReader(folder, {
      environment,
      answerMs: limits.commandMs,
      idleMs,
      maxBytes: limits.maxOutputBytes,
    }),
    tips,
    limits,
    remote: () => {
      let remote: Promise<Remote> | null = null;
      return () => {
        remote ??= connect();
        return remote;
      };
    },
    tipOf: (branch, remote) => {
      const ref = `refs/heads/${branch}`;
      return tips.tipOf(branch, async () => (await readRemoteRefs(git, folder, await remote(), [ref])).get(ref));
    },
    fetch: createFetchLine(async (refspecs, remote) => {
      const outcome = await fetchRefspecs(git, folder, await remote(), refspecs);
      tidy();
      return outcome;
    }),
  };
}

/** Tidies behind the back of who fetched: one at a time, and not at every fetch of a burst. */
function createTidier(git: Git, folder: string, now: () => number): () => void {
  let isRunning = false;
  let last = Number.NEGATIVE_INFINITY;
  const ended = (): void => {
    // Failing included: the folder may be gone by now, and a fetch that meets the same trouble says so.
    isRunning = false;
  };
  return () => {
    if (isRunning || now() - last < tidyPauseMs) return;
    isRunning = true;
    last = now();
    tidyClone(git, folder).then(ended, ended);
  };
}

/** Keeps the clones open; one whose repository moved to another address is opened anew. */
export function createClones(options: SourceOptions): Clones {
  const ground = groundOf(options);
  const clones = new Map<number, { readonly address: string; readonly clone: Promise<Clone> }>();
  const end = ({ objects }: Clone): void => objects.end();
  const ignore = (): void => undefined;
  return {
    git: ground.git,
    of(project) {
      const address = `${project.cloneUrl} ${project.private}`;
      const known = clones.get(project.id);
      if (known?.address === address) return known.clone;
      known?.clone.then(end, ignore);
      const entry = { address, clone: open(project, ground) };
      clones.set(project.id, entry);
      entry.clone.catch(() => clones.get(project.id) === entry && clones.delete(project.id));
      return entry.clone;
    },
    opened: (project) => clones.get(project.id)?.clone,
    close() {
      for (const { clone } of clones.values()) clone.then(end, ignore);
      clones.clear();
    },
  };
}
