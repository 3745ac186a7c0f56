import { createHash } from 'node:crypto';
import type { MergeResult } from '../../../src/model/code.ts';
import type { CandidateOutcome, CandidateRequest } from '../../../src/model/landing.ts';
import type { LandingMethod } from '../../../src/model/queue.ts';
import { type Sha, toSha } from '../../../src/model/sha.ts';

/** Paths and texts. */
export type Files = Readonly<Record<string, string>>;

/** What a commit of ours was made of. */
export interface Making {
  readonly number: number;
  readonly parent: Sha;
  readonly head: Sha;
  readonly method: LandingMethod;
}

export interface GitCommit {
  readonly sha: Sha;
  readonly tree: Sha;
  readonly parents: readonly Sha[];
  /** Null: people made it. */
  readonly made: Making | null;
  /** All that it was made of, `made` the first: rebased on part of itself, a head is the same commit again. */
  readonly makings: readonly Making[];
}

/** The objects of one repository, wherever they are; the same content has the same id. */
export interface GitModel {
  commit(files: Files, parents: readonly Sha[], text: string): Sha;
  get(sha: string): GitCommit | undefined;
  /** What a commit says. */
  textOf(sha: Sha): string;
  /** Commits that have this tree. */
  withTree(tree: string): readonly GitCommit[];
  /** At a commit or a tree; null: there is no such object. */
  filesAt(id: string): Files | null;
  /** True when `commit` is `tip` or one of its ancestors. */
  contains(tip: Sha, commit: Sha): boolean;
  /** Paths whose text differs between two commits or trees. */
  changed(from: Sha, to: Sha): readonly string[];
  /** From the merge base to the head. */
  changedBy(onto: Sha, head: Sha): readonly string[];
  merge(onto: Sha, head: Sha): MergeResult;
  /** Candidates that were made of this head on this commit. */
  madeOn(parent: Sha, head: Sha): readonly GitCommit[];
  /** The commit that `make-candidate.ts` would make. */
  make(request: CandidateRequest): CandidateOutcome;
  /** What would come of making it; nobody has. */
  tryMaking(request: Omit<CandidateRequest, 'number' | 'message' | 'trailers'>): CandidateOutcome;
}

function idOf(...parts: readonly string[]): Sha {
  return toSha(createHash('sha1').update(parts.join('\0')).digest('hex'));
}

/** What one side calls files of the base otherwise, with the same text; of several that could be meant none is. */
function renamesOf(base: Files, side: Files): ReadonlyMap<string, string> {
  const gone = Object.keys(base).filter((path) => side[path] === undefined);
  if (gone.length === 0) return new Map();
  const come = Object.keys(side).filter((path) => base[path] === undefined);
  const pairs = gone.flatMap((from) => {
    const named = come.filter((path) => side[path] === base[from]);
    const [to] = named;
    const isOnly = named.length === 1 && gone.every((path) => path === from || base[path] !== base[from]);
    return to !== undefined && isOnly ? [[from, to] as const] : [];
  });
  return new Map(pairs);
}

/** What the one side has done, with what the other has renamed under its new name; what cannot be put so stays. */
function followed(base: Files, side: Files, renames: ReadonlyMap<string, string>): { base: Files; side: Files } {
  const [was, now] = [{ ...base }, { ...side }];
  for (const [from, to] of renames) {
    const [old, text] = [was[from], now[from]];
    if (old === undefined || text === undefined || now[to] !== undefined) continue;
    delete was[from];
    delete now[from];
    was[to] = old;
    now[to] = text;
  }
  return { base: was, side: now };
}

/** As `git merge` puts two sides together: what one side changes follows what the other renames, where that changes nothing of it. */
function threeWay(base: Files, ours: Files, theirs: Files): { files: Files } | { paths: readonly string[] } {
  const once = followed(base, theirs, renamesOf(base, ours));
  const twice = followed(once.base, ours, renamesOf(once.base, once.side));
  return mergePaths(twice.base, twice.side, once.side);
}

/** Null where both changed the same file in different ways. */
function mergePaths(base: Files, ours: Files, theirs: Files): { files: Files } | { paths: readonly string[] } {
  const files: Record<string, string> = {};
  const paths: string[] = [];
  for (const path of new Set([...Object.keys(base), ...Object.keys(ours), ...Object.keys(theirs)])) {
    const [was, one, other] = [base[path], ours[path], theirs[path]];
    if (one !== other && one !== was && other !== was) paths.push(path);
    const text = one === was ? other : one;
    if (text !== undefined) files[path] = text;
  }
  return paths.length > 0 ? { paths: paths.sort() } : { files };
}

export function createGitModel(): GitModel {
  const commits = new Map<string, GitCommit>();
  const trees = new Map<string, Files>();
  const histories = new Map<string, ReadonlySet<Sha>>();
  const texts = new Map<Sha, string>();

  function tree(files: Files): Sha {
    const id = idOf('tree', JSON.stringify(Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1))));
    trees.set(id, files);
    return id;
  }

  function write(treeId: Sha, parents: readonly Sha[], text: string, made: Making | null): Sha {
    const sha = idOf('commit', treeId, parents.join(), text);
    texts.set(sha, text);
    const known = commits.get(sha);
    const isKnown = made === null || known?.makings.some((one) => one.parent === made.parent && one.head === made.head);
    const makings = [...(known?.makings ?? []), ...(isKnown || made === null ? [] : [made])];
    if (!known || !isKnown) commits.set(sha, { sha, tree: treeId, parents, made: makings[0] ?? null, makings });
    return sha;
  }

  function demand(sha: Sha): GitCommit {
    const commit = commits.get(sha);
    if (!commit) throw new Error(`fatal: bad object ${sha}`);
    return commit;
  }

  /** A commit and all that it stands on. */
  function historyOf(sha: Sha): ReadonlySet<Sha> {
    const known = histories.get(sha);
    if (known) return known;
    const history = new Set<Sha>([sha]);
    for (const parent of demand(sha).parents) for (const each of historyOf(parent)) history.add(each);
    histories.set(sha, history);
    return history;
  }

  /** The best common ancestor; of several the first by name. */
  function baseOf(one: Sha, other: Sha): Sha | null {
    const theirs = historyOf(other);
    const common = [...historyOf(one)].filter((sha) => theirs.has(sha));
    const best = common.filter((sha) => !common.some((each) => each !== sha && historyOf(each).has(sha)));
    return best.sort()[0] ?? null;
  }

  const filesOf = (sha: Sha): Files => trees.get(demand(sha).tree) ?? {};

  function merge(onto: Sha, head: Sha): MergeResult {
    const base = baseOf(onto, head);
    const merged = threeWay(base === null ? {} : filesOf(base), filesOf(onto), filesOf(head));
    return 'paths' in merged ? { kind: 'conflict', paths: merged.paths } : { kind: 'merged', tree: tree(merged.files) };
  }

  function changed(from: Sha, to: Sha): readonly string[] {
    const [before, after] = [model.filesAt(from) ?? {}, model.filesAt(to) ?? {}];
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((path) => before[path] !== after[path]);
  }

  /** The commits between the merge base and the head, each done again to what is there. */
  function rebase(
    base: Sha,
    request: Pick<CandidateRequest, 'parent' | 'head'>,
    made: Making | null,
  ): { commit: Sha } | { paths: readonly string[] } | null {
    const picks: GitCommit[] = [];
    for (let at = request.head; at !== base; at = demand(at).parents[0] as Sha) {
      if (demand(at).parents.length !== 1) return null;
      picks.unshift(demand(at));
    }
    let on = request.parent;
    for (const { sha, parents } of picks) {
      const done = threeWay(filesOf(parents[0] as Sha), filesOf(on), filesOf(sha));
      if ('paths' in done) return done;
      const next = tree(done.files);
      if (next !== demand(on).tree) on = write(next, [on], `${sha} again`, made);
    }
    return { commit: on };
  }

  function make(request: CandidateRequest, isMeant = true): CandidateOutcome {
    const { number, parent, head, method, message } = request;
    const making = isMeant ? { number, parent, head, method } : null;
    const base = baseOf(parent, head);
    if (base === head) return { kind: 'contained' };
    if (base === null) return { kind: 'conflict', paths: [] };
    if (method === 'rebase') {
      const rebased = rebase(base, request, making);
      if (rebased === null)
        return { kind: 'impossible', because: `${head} holds a merge commit, which cannot be rebased` };
      return 'paths' in rebased ? { kind: 'conflict', paths: rebased.paths } : outcomeOf(parent, rebased.commit);
    }
    const merged = merge(parent, head);
    if (merged.kind === 'conflict') return merged;
    const parents = method === 'squash' ? [parent] : [parent, head];
    return outcomeOf(parent, write(merged.tree, parents, message, making));
  }

  function outcomeOf(parent: Sha, commit: Sha): CandidateOutcome {
    const { tree: made } = demand(commit);
    if (made === demand(parent).tree) return { kind: 'contained' };
    return { kind: 'made', commit, tree: made, changed: { known: true, paths: changed(parent, commit) } };
  }

  const model: GitModel = {
    commit: (files, parents, text) => write(tree(files), parents, text, null),
    get: (sha) => commits.get(sha),
    textOf: (sha) => texts.get(sha) ?? '',
    withTree: (id) => [...commits.values()].filter((commit) => commit.tree === id),
    filesAt: (id) => trees.get(commits.get(id)?.tree ?? id) ?? null,
    contains: (tip, commit) => historyOf(tip).has(commit),
    changed,
    changedBy(onto, head) {
      const base = baseOf(onto, head);
      return base === null ? [] : changed(base, head);
    },
    merge,
    madeOn: (parent, head) =>
      [...commits.values()].filter(({ makings }) =>
        makings.some((made) => made.parent === parent && made.head === head),
      ),
    make: (request) => make(request),
    tryMaking: (request) => make({ ...request, number: 0, message: '', trailers: [] }, false),
  };
  return model;
}
