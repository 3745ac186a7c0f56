import { definitionDigest } from '../../../model/build.ts';
import type { CheckRunReport, CheckStatus } from '../../../model/check-run.ts';
import type { Culprit, Join, JoinRed } from '../../../model/join.ts';
import type { QueueBranch } from '../../../model/queue.ts';
import type { SubjectId } from '../../../model/subject.ts';
import { cutText, escapeMarkdown, inlineCode } from '../../text/safe-markdown.ts';
import { branchOf, type GateDraft } from '../draft.ts';
import type { QueueFacts } from '../facts.ts';
import { jobTable } from '../tell-tested.ts';

/** Named with its branch, as the gate's is: a commit may be on several. */
export function joinCheckName(branch: string): string {
  return `sluice/join/${branch}`;
}

/** Finds the check run on the joined commit again. */
export function joinCheckId(subject: SubjectId, { commit, turn }: Pick<Join, 'commit' | 'turn'>): string {
  return `sluice-join-${definitionDigest([subject, commit])}/${turn}`;
}

type Landing = Extract<Culprit, { kind: 'landing' }>;

/** Finds that on the head of the change that broke the branch: one, whoever finds that out and how often. */
export function culpritCheckId(subject: SubjectId, { number, head, commit }: Omit<Landing, 'kind' | 'below'>): string {
  return `sluice-culprit-${definitionDigest([subject, number, head, commit])}/1`;
}

function redOf({ phase }: Join): JoinRed | null {
  return phase.kind === 'red' || phase.kind === 'over' ? phase.red : null;
}

function culpritOf(join: Join): Landing | null {
  const culprit = redOf(join)?.culprit;
  return culprit?.kind === 'landing' ? culprit : null;
}

/** Of all that is said of a join. */
export function joinReportIds(subject: SubjectId, join: Join | undefined): readonly string[] {
  if (join === undefined) return [];
  const culprit = culpritOf(join);
  return [joinCheckId(subject, join), ...(culprit === null ? [] : [culpritCheckId(subject, culprit)])];
}

/** How long it is kept to be told, at most, ms: the forge may never take it. */
const patienceMs = 24 * 3_600_000;

/** Whether the forge has its last word, and the word to who broke the branch. */
export function isJoinTold(facts: Pick<QueueFacts, 'subject' | 'reports' | 'now'>, join: Join): boolean {
  if (facts.now - join.since > patienceMs) return true;
  return joinReportIds(facts.subject, join).every((id) => {
    const known = facts.reports.get(id);
    return known?.final === true && known.delivered;
  });
}

function named(jobs: readonly string[]): string {
  return jobs.map(inlineCode).join(', ');
}

function short(commit: string): string {
  return inlineCode(commit.slice(0, 12));
}

const afterRed =
  'While it is red, lanes are closed: each change is tested on all that landed. They open by themselves once what failed is seen to pass on the branch, so a change that repairs it, or takes it back, is all that is needed.';

function blameWords(culprit: Culprit, jobs: string): string {
  switch (culprit.kind) {
    case 'landing':
      return `It is red since #${culprit.number} landed as ${short(culprit.commit)}: ${jobs} passed on ${short(culprit.below)} right below it and failed on it, together with what had landed before it.`;
    case 'push':
      return `It is red since somebody pushed ${short(culprit.commit)}: ${jobs} passed on ${short(culprit.below)}, which was there before.`;
    case 'before':
      return culprit.wasGreen
        ? `${jobs} failed on ${short(culprit.commit)} too, where it passed when that was tested: nothing that landed since did that. It is something outside of the tree (a service, a clock, the network), or it fails now and then.`
        : `${jobs} failed on ${short(culprit.commit)} too, the oldest commit of which the ledger tells: it was red before that landed.`;
    case 'unknown':
      return `Since when it is red could not be found out: ${escapeMarkdown(culprit.because)}.`;
  }
}

interface Told {
  readonly state: CheckStatus;
  readonly title: string;
  readonly says: string;
  /** Ms; null while it goes on. */
  readonly endedAt: number | null;
}

function toldOf(join: Join): Told {
  const { phase } = join;
  const done = (conclusion: 'success' | 'failure' | 'neutral', title: string, says: string, endedAt: number): Told => {
    return { state: { status: 'completed', conclusion }, title, says, endedAt };
  };
  const going = (title: string, says: string): Told => {
    return { state: { status: 'in_progress' }, title, says, endedAt: null };
  };
  switch (phase.kind) {
    case 'testing':
      return going('All jobs of the gate run on the branch', '');
    case 'green':
      return done('success', 'All of the branch passed', 'All jobs of the gate passed on this very tree.', phase.at);
    case 'searching': {
      const { points, seen } = phase.search;
      const says = `${named(phase.jobs)} failed twice on this very tree. Since which of ${points.length} commits that is so is being looked for, by halves; ${Object.keys(seen).length} of them were tested. ${afterRed}`;
      return going(`Red: ${phase.jobs.join(', ')}`, says);
    }
    case 'red':
    case 'over': {
      const { jobs, culprit, at } = phase.red;
      const since = culprit.kind === 'landing' ? ` since #${culprit.number}` : '';
      const says = `${named(jobs)} failed twice on this very tree. ${blameWords(culprit, named(jobs))} ${afterRed}`;
      return done('failure', `Red${since}: ${jobs.join(', ')}`, says, at);
    }
    case 'given-up': {
      const says = `It says nothing of this commit: ${escapeMarkdown(phase.because)}.`;
      return done('neutral', 'Not tested as a whole', says, phase.at);
    }
  }
}

function whyJoined({ first, below }: Join): string {
  const since = below === null ? '' : ` It was green last as ${short(below)}.`;
  return `Changes land in lanes here (\`lanes: closure\`): since #${first.number} landed, as ${short(first.commit)}, the branch holds changes that were not tested on each other, so all jobs of the gate run on it as it is.${since} Nothing waits for that, and nothing is uploaded.`;
}

function reportOf(branch: QueueBranch, join: Join, facts: QueueFacts): CheckRunReport {
  const { state, title, says, endedAt } = toldOf(join);
  const jobs = join.phase.kind === 'testing' ? (join.phase.run.probe.jobs ?? []) : [];
  const said = [says, whyJoined(join)].filter((part) => part !== '').join('\n\n');
  return {
    commit: join.commit,
    name: joinCheckName(branch.branch),
    externalId: joinCheckId(facts.subject, join),
    state,
    title,
    summary: cutText(`${said}${jobTable(jobs, facts)}`),
    text: '',
    annotations: [],
    actions: [],
    detailsUrl: null,
    startedAt: join.since,
    completedAt: endedAt,
  };
}

/** To the author of what broke the branch, on the head that landed. */
function reportCulprit(branch: QueueBranch, join: Join, facts: QueueFacts): CheckRunReport | null {
  const red = redOf(join);
  const culprit = culpritOf(join);
  if (red === null || culprit === null) return null;
  const jobs = named(red.jobs);
  const says = `This change landed as ${short(culprit.commit)}, and ${inlineCode(branch.branch)} is red since: ${jobs} passed on ${short(culprit.below)} right below it and failed twice on it. It was not tested on all that had landed before it, as no job said that it reads files of both: together with that it fails.`;
  const next = `Either this change or an earlier one is to be repaired or taken back; and so that it cannot come again, have the \`onlyIf\` of ${jobs} (or the \`context\` of its image) name all files that it reads. ${afterRed}`;
  return {
    commit: culprit.head,
    name: joinCheckName(branch.branch),
    externalId: culpritCheckId(facts.subject, culprit),
    state: { status: 'completed', conclusion: 'failure' },
    title: `Red since this landed: ${red.jobs.join(', ')}`,
    summary: cutText(`${says}\n\n${next}`),
    text: '',
    annotations: [],
    actions: [],
    detailsUrl: null,
    startedAt: null,
    completedAt: red.at,
  };
}

/** Says on the joined commit what comes of it, and on the head of who broke the branch that it does; the same again says nothing new. */
export function reportJoin(draft: GateDraft, facts: QueueFacts): void {
  const { join } = draft.record;
  if (join === undefined) return;
  const branch = branchOf(draft.record, join.branch);
  const { project } = branch;
  const on = (number: number, report: CheckRunReport): void =>
    void draft.effects.push({ kind: 'on', project, number, effect: { kind: 'report', report } });
  on(0, reportOf(branch, join, facts));
  const culprit = reportCulprit(branch, join, facts);
  if (culprit !== null) on(culpritOf(join)?.number ?? 0, culprit);
}
