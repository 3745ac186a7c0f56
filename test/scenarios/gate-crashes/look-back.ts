import { execFileSync } from 'node:child_process';
import { readTraces, startedTwice } from '../../harness/evidence.ts';
import type { CrashedChange } from './crash-points.ts';
import type { CrashWorld } from './crash-world.ts';

/** What anybody can see of a change in the end. */
export interface Found {
  /** Commits that `main` got. */
  readonly landed: number;
  /** Entries of the ledger that say so, if its chain is whole. */
  readonly entries: number | string;
  /** That `main` holds the tree that the ledger has a verdict for. */
  readonly holdsTestedTree: boolean;
  /** The gate's check runs on its head, each with its conclusion. */
  readonly checks: readonly string[];
  /** The same on the commit that `main` got. */
  readonly marks: readonly string[];
  readonly pull: string;
  /** How often its build began. */
  readonly builds: number;
}

export async function lookBack(world: CrashWorld, change: CrashedChange): Promise<Found> {
  const { github } = world;
  const { repo, number } = change;
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', github.gitFolder(repo), ...args], { encoding: 'utf8' }).trim();
  const { ledger } = await world.readMain(repo);
  const entries = ledger.kind === 'whole' ? ledger.entries.filter(({ detail }) => detail.kind === 'landed') : null;
  const last = entries?.at(-1)?.detail;
  const traces = await readTraces(world.evidence);
  const own = traces.filter(({ who, kind }) => who === `${repo}#${change.text}` && kind === 'start');
  const { state, merged } = await github.pullRequest(repo, number);
  return {
    landed: git('log', '--first-parent', '--format=%H', 'main').split('\n').length - 1,
    entries: entries === null && ledger.kind === 'broken' ? ledger.because : (entries?.length ?? 0),
    holdsTestedTree:
      last?.kind === 'landed' &&
      last.verdict.commit === git('rev-parse', 'main') &&
      last.verdict.tree === git('rev-parse', 'main^{tree}'),
    checks: await world.conclusionsOn(repo, change.head, 'sluice/gate/main'),
    marks: await world.conclusionsOn(repo, git('rev-parse', 'main'), 'sluice/gate/main'),
    pull: merged ? 'merged' : state,
    builds: own.length,
  };
}

/** Builds that ran more than once under one name. */
export async function ranTwice({ evidence }: CrashWorld): Promise<readonly string[]> {
  return startedTwice(await readTraces(evidence));
}

/** Refs of candidates that are still there, in all repositories. */
export function candidatesLeft({ github, repos }: CrashWorld): number {
  const listed = repos.map((repo) =>
    execFileSync('git', ['-C', github.gitFolder(repo), 'for-each-ref', 'refs/sluice/candidate/'], { encoding: 'utf8' }),
  );
  return listed.join('').split('\n').length - 1;
}
