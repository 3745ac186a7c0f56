import type { Project } from '../../model/project.ts';
import type { ReleaseWish } from '../../model/release.ts';
import type { ReleaseRun } from '../../model/release-run.ts';
import type { Sha } from '../../model/sha.ts';
import { requestOf } from '../push/own-checks.ts';
import { refusalReport, withAnswer } from '../push/press-answers.ts';
import { jobPressed, whyNotJob } from '../push/run-again.ts';
import type { BegunAt, ReleaseDraft, ReleaseFacts, ReleasePress, ToldRelease } from './facts.ts';
import { recordedRelease } from './publish-release.ts';
import { endedBy, replacedBy, reportsOfRelease, withEnds } from './report-release.ts';

const mostRefusals = 5;

/** A release as it is asked for first. */
export function newRelease(project: Project, wish: ReleaseWish, now: number, revision = 1): ReleaseRun {
  return {
    schema: 1,
    project,
    wish,
    at: now,
    stage: { kind: 'planned' },
    row: '',
    tree: null,
    given: [],
    isLost: false,
    shadow: false,
    run: null,
    moving: {},
    configuration: '',
    pressedBy: null,
    refusals: [],
    revision,
    trouble: null,
    endedAt: null,
  };
}

/**
 * A release of which only its own check run is remembered: what that one says has ended has ended, and goes on only when somebody
 * presses who may. What a held one was asked by is not known any more, so that whoever asks now is news to it.
 */
function readBackRelease(begun: ReleaseRun, { state, title }: ToldRelease): ReleaseRun {
  if (state.status !== 'completed') return begun;
  // It was given up for another commit: what is asked for since has a check run of its own.
  if (state.conclusion === 'cancelled') return { ...begun, revision: begun.revision + 1 };
  if (state.conclusion === 'failure') return { ...begun, stage: { kind: 'failed', because: title } };
  if (state.conclusion !== 'action_required') return { ...begun, wasTold: true };
  return {
    ...begun,
    wish: { ...begun.wish, by: null },
    stage: { kind: 'held', because: title, hasButton: true },
  };
}

/** A release as it is asked for, or as what was begun of it there shows. */
export function beginAt(project: Project, wish: ReleaseWish, now: number, { told, lost }: BegunAt): ReleaseRun {
  const begun = newRelease(project, { ...wish, by: wish.by ?? told?.by ?? null }, now, told?.revision);
  const read = told === null ? begun : readBackRelease(begun, told);
  return lost.length > 0 ? { ...read, orphans: lost } : read;
}

/** The same release, judged again from the beginning in a check run of its own. */
function again(
  facts: ReleaseFacts,
  record: ReleaseRun,
  because = 'It was begun anew',
  revision = record.revision + 1,
): ReleaseRun {
  const { pressedBy, refusals, passed } = record;
  const orphans = endedBy(facts, record, because);
  const fresh = newRelease(record.project, record.wish, record.at, revision);
  return { ...fresh, pressedBy, refusals, ...(orphans.length > 0 && { orphans }), ...(passed && { passed }) };
}

/** The forge shows a later check run of it than an old backup knows of: it goes on from there, or is told as that one ended. */
function goOnAt(facts: ReleaseFacts, record: ReleaseRun, shown: BegunAt): ReleaseRun {
  const { project, wish, orphans = [], passed } = record;
  const by = shown.told?.by ?? null;
  const begun = beginAt(project, { ...wish, by, held: by === null ? wish.held : null }, facts.now, shown);
  const ending = withEnds(orphans, begun.orphans ?? []);
  return { ...begun, at: record.at, ...(ending.length > 0 && { orphans: ending }), ...(passed && { passed }) };
}

/** What stands open of it at a commit that does not release it, begun before all was lost, has an end. */
function endAt(record: ReleaseRun, begun: BegunAt | undefined): ReleaseRun {
  const { orphans = [], wish } = record;
  const title = `${wish.version} is asked for from ${wish.commit.slice(0, 12)} since`;
  const left = [...(begun?.own ?? []), ...(begun?.lost ?? [])];
  if (left.length === 0) return record;
  return {
    ...record,
    orphans: withEnds(
      orphans,
      left.map((report) => ({ ...report, title, summary: `${title}.` })),
    ),
  };
}

/** The same where something of it was told its end and is to be had again all the same; what stands open of it ends. */
export function begunAnew(facts: ReleaseFacts, record: ReleaseRun, revision: number): ReleaseRun {
  const because = 'What was built here is lost, and is built again';
  return { ...again(facts, record, because, revision), isLost: record.isLost };
}

/** The highest number of what was ever told of it at this commit, which another took the place of since; 0: nothing. */
function lastAt({ orphans = [] }: ReleaseRun, commit: Sha, { told }: BegunAt): number {
  const ending = orphans.filter((report) => report.commit === commit);
  return Math.max(told?.revision ?? 0, ...ending.map(({ externalId }) => requestOf(externalId)));
}

/** Whether another commit may take its place: while nothing of it is in the ledger, and always the one that a ledger has it begun from. */
function makesRoom(facts: ReleaseFacts, record: ReleaseRun, { commit }: ReleaseWish): boolean {
  const { stage, passed = [] } = record;
  const isBack = passed.includes(commit) && !facts.recorded.has(commit);
  const isOpen = stage.kind === 'failed' || (!isBack && (stage.kind === 'planned' || stage.kind === 'held'));
  const entries = facts.reading?.ledger.kind === 'whole' ? facts.reading.ledger.entries : [];
  const recorded = recordedRelease(entries, record);
  return isOpen && (recorded === null || recorded.commit === commit);
}

/** What asks for the same commit joins what is there; another takes its place where it may. */
function takeWish(draft: ReleaseDraft, facts: ReleaseFacts, record: ReleaseRun, wish: ReleaseWish): ReleaseRun {
  const { stage } = record;
  if (record.wish.commit === wish.commit) {
    const shown = facts.begun.get(wish.commit);
    if (shown !== undefined && (shown.told?.revision ?? 0) > record.revision) return goOnAt(facts, record, shown);
    const isNews = wish.by !== null && wish.by.id !== record.wish.by?.id;
    // Told before anybody could be judged by it.
    if (stage.kind === 'planned' && isNews && record.wish.by === null)
      return { ...record, wish: { ...record.wish, by: wish.by } };
    // What waits for something else than a person keeps who asked for it first, and the check run that says so.
    if (stage.kind !== 'held' || !stage.hasButton || !isNews) return record;
    return again(facts, { ...record, wish: { ...wish, tag: wish.tag ?? record.wish.tag } });
  }
  const { passed = [], revision } = record;
  if (makesRoom(facts, record, wish)) {
    // What was begun from there goes on where it was.
    const isBack = passed.includes(wish.commit) && !facts.recorded.has(wish.commit);
    const shown = facts.begun.get(wish.commit) ?? { told: null, lost: [], own: [] };
    const begun = beginAt(record.project, wish, facts.now, shown);
    // Check runs of each commit are numbered by themselves.
    const after = Math.max(revision, lastAt(record, wish.commit, shown));
    return {
      ...(isBack ? newRelease(record.project, wish, facts.now, after + 1) : begun),
      orphans: withEnds(replacedBy(facts, record, wish.commit), shown.lost),
      passed: [...passed.filter((commit) => commit !== wish.commit), record.wish.commit],
    };
  }
  draft.reasons.push(
    `${wish.version}: ${wish.commit.slice(0, 12)} does not release it, as ${record.wish.commit.slice(0, 12)} does`,
  );
  return endAt(record, facts.begun.get(wish.commit));
}

/** Why Re-run on a job's check run comes to nothing; null: the release is begun again. */
function whyNotJobAgain(
  facts: ReleaseFacts,
  { stage, wish, run }: ReleaseRun,
  { head, whyNot, said }: ReleasePress,
): string | null {
  if (head !== wish.commit) return `${wish.version} is released from ${wish.commit.slice(0, 12)}, and not from there`;
  if (whyNot !== null) return whyNot;
  const job = run === null || said === undefined ? undefined : jobPressed(facts, run, said.externalId);
  if (job === undefined) return 'it was asked for again since';
  const because = whyNotJob(job);
  if (because !== null || stage.kind === 'failed') return because;
  return 'the release that it belongs to has not ended yet';
}

/** A job of a release is built again with the whole of it, which is one thing; a refusal is said on the job's own check run. */
function takeJobPress(
  draft: ReleaseDraft,
  facts: ReleaseFacts,
  record: ReleaseRun,
  press: ReleasePress & Required<Pick<ReleasePress, 'said'>>,
): ReleaseRun {
  const { said, by } = press;
  const because = whyNotJobAgain(facts, record, press);
  draft.reasons.push(`@${by.login} pressed Re-run on ${said.name}${because === null ? '' : `: ${because}`}`);
  if (because === null) return again(facts, record);
  const run = record.run && withAnswer(record.run, reportsOfRelease(facts, record), press, because);
  const told = run ? { ...record, run } : record;
  const own = run && reportsOfRelease(facts, told).find(({ externalId }) => externalId === said.externalId);
  draft.effects.push({ kind: 'report', report: own ?? refusalReport(press, because) });
  return told;
}

/** All was lost since it was told: what stands there is concluded, and is not written again. */
function retold({ wasTold, ...record }: ReleaseRun): ReleaseRun {
  return wasTold ? { ...record, revision: record.revision + 1 } : record;
}

function takePress(facts: ReleaseFacts, record: ReleaseRun, press: ReleasePress): ReleaseRun {
  const { stage, wish, refusals } = record;
  const { button, by, whyNot } = press;
  const refuse = (because: string): ReleaseRun => ({
    ...record,
    refusals: [...refusals, `@${by.login} pressed the button: ${because}`].slice(-mostRefusals),
  });
  if (press.head !== wish.commit)
    return refuse(`${wish.version} is released from ${wish.commit.slice(0, 12)}, and not from there`);
  if (whyNot !== null) return refuse(whyNot);
  if (button === 'release' && stage.kind === 'held' && stage.hasButton)
    return again(facts, { ...record, pressedBy: by });
  if (button === 'release' && stage.kind === 'planned') return { ...retold(record), pressedBy: by };
  if (button === 'rerun' && stage.kind === 'planned') return retold(record);
  if (button === 'rerun' && stage.kind === 'published') {
    const { revision } = record;
    return { ...record, stage: { ...stage, kind: 'publishing' }, revision: revision + 1, endedAt: null };
  }
  if (button === 'rerun' && (stage.kind === 'failed' || stage.kind === 'held')) return again(facts, record);
  return refuse(button === 'rerun' ? 'it has not ended yet' : 'it is not held');
}

/** Takes up what asks for the release, and what people pressed on its check run. */
export function takeWishes(draft: ReleaseDraft, facts: ReleaseFacts, given: ReleaseRun): ReleaseRun {
  const wished = facts.wishes.reduce((record, wish) => takeWish(draft, facts, record, wish), given);
  return facts.presses.reduce((record, press) => {
    const { said } = press;
    return said === undefined
      ? takePress(facts, record, press)
      : takeJobPress(draft, facts, record, { ...press, said });
  }, wished);
}
