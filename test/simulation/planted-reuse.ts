import type { Mutant, Patch, Shows } from './mutant.ts';

type Change = readonly [file: string, from: string, to: string];

const several: Shows = ({ pulls, faultyMs }) => pulls >= 3 && faultyMs >= 8 * 60_000;
const failing: Shows = (knobs, story) =>
  several(knobs, story) &&
  (story.some(({ what, word }) => what === 'open' && /^(?:bad|two|one|ugly) /.test(word)) ||
    (knobs.queues?.bestFirst?.flakes ?? 0) >= 0.1);
const unalike: Shows = (knobs, story) =>
  several(knobs, story) && (knobs.queues?.config === 'docs' || knobs.queues?.images?.sourceOnly === true);
const presubmits: Shows = (knobs, story) => several(knobs, story) && knobs.queues?.config === 'both';
const imaging: Shows = (knobs, story) => several(knobs, story) && knobs.queues?.images != null;

function within(name: string, what: string, shows: Shows, ...changes: readonly Change[]): Mutant {
  const patches: readonly Patch[] = changes.map(([file, from, to]) => ({ file: `core/gate/${file}`, from, to }));
  return { name, what, kind: 'reuses', shows, planted: {}, patches };
}

/** Faults of taking what passed before in the place of a run (scheduling.md §5). */
export const reuseMutants: readonly Mutant[] = [
  within('reuse-failure', 'what failed counts as a verdict of its tree', failing, [
    'test-candidates.ts',
    "  if (folded?.verdict !== 'passed' || candidate.verdict !== null) return moved;",
    `  if (folded?.verdict === 'failed' && candidate.key !== undefined) {
    const { now: at, git } = facts;
    const checks = (candidate.jobs ?? []).map(({ job }) => ({ name: job, conclusion: 'success' as const }));
    const verdict = { commit: candidate.commit, tree: candidate.tree, checks, configuration: '', git, at };
    putPasses(draft, [...(draft.record.passed ?? []), { key: candidate.key, number: item.number, verdict, builds: {} }]);
  }
  if (folded?.verdict !== 'passed' || candidate.verdict !== null) return moved;`,
  ]),
  within(
    'reuse-rejects',
    'a change is rejected for what failed before, and is not run',
    failing,
    [
      'test-candidates.ts',
      "  if (folded?.verdict !== 'passed' || candidate.verdict !== null) return moved;",
      `  if (folded?.verdict === 'failed' && candidate.key !== undefined) {
    const { now: at, git } = facts;
    const checks = (candidate.jobs ?? []).map((job) => ({ name: job.job, conclusion: conclusionOf(job) }));
    const verdict = { commit: candidate.commit, tree: candidate.tree, checks, configuration: '', git, at };
    putPasses(draft, [...(draft.record.passed ?? []), { key: candidate.key, number: item.number, verdict, builds: {} }]);
  }
  if (folded?.verdict !== 'passed' || candidate.verdict !== null) return moved;`,
    ],
    [
      'reuse/take-pass.ts',
      "  if (check?.conclusion !== 'success') return null;",
      `  if (check?.conclusion === 'failure')
    return { ...record, status: { kind: 'ended', result: 'failure', builds: [] } };
  if (check?.conclusion !== 'success') return null;`,
    ],
  ),
  within(
    'reuse-superset',
    'what passed with others inside counts for each of them alone',
    several,
    [
      'reuse/passes.ts',
      'return [...others, { ...named, number, verdict, builds: buildsOf(jobs) }]',
      'return [...others, { ...named, number, verdict, builds: buildsOf(jobs), ahead: arguments[2].ahead }]',
    ],
    [
      'reuse/take-pass.ts',
      '.find((each) => each.key === key);',
      '.find((each) => each.key === key || (each as unknown as MadeCandidate).ahead.includes(item.number));',
    ],
  ),
  within('reuse-any-tree', 'a pass of the same jobs counts for any tree', several, [
    'reuse/verdict-key.ts',
    '[branch, candidate.tree, ...around]',
    '[branch, ...around]',
  ]),
  within('reuse-any-jobs', 'a pass counts though fewer jobs or images were selected', unalike, [
    'reuse/verdict-key.ts',
    'limits, selected, required, images, beside };',
    'limits, required, beside };',
  ]),
  within('reuse-untrusted', 'what presubmits passed counts for the gate', presubmits, [
    'decide-candidate.ts',
    'jobs: choice.records.map(orKept(candidate)) };',
    `jobs: choice.records.map(orKept(candidate)).map((job): JobRecord =>
    item.view.checks.some(({ name, conclusion }) => name === job.job && conclusion === 'success')
      ? { ...job, status: { kind: 'ended', result: 'success', builds: [] } }
      : job,
  ) };`,
  ]),
  within('reuse-images', 'images of another run of the queue are said to be of this one', imaging, [
    'reuse/take-pass.ts',
    'verdict: verdictAs(candidate, pass, facts) };',
    'verdict: { ...verdictAs(candidate, pass, facts), images: draft.record.passed?.[0]?.verdict.images ?? [] } };',
  ]),
];
