import { jobsOn } from '../../core/postsubmit/push-jobs.ts';
import { stemOf } from '../../core/push/own-checks.ts';
import {
  type JudgedTag,
  planTags,
  type TagsFacts,
  type TagsPlan,
  tagCheckId,
  tagKeyOf,
} from '../../core/release/plan-tags.ts';
import { releaseCheckName } from '../../core/release/release-check.ts';
import type { ForgeEvent } from '../../model/forge-event.ts';
import type { Person } from '../../model/person.ts';
import type { Project } from '../../model/project.ts';
import { releaseNameOf } from '../../model/release.ts';
import type { ReleaseRun } from '../../model/release-run.ts';
import type { Sha } from '../../model/sha.ts';
import { type SubjectId, subjectIdOf, type TagsSubject } from '../../model/subject.ts';
import type { TagsRecord } from '../../model/tags.ts';
import type { StoredDocument } from '../../ports/store.ts';
import { readRecord, seenProject } from '../begin-pass.ts';
import type { AppContext } from '../context.ts';
import { performOne } from '../perform.ts';
import { pressesIn } from '../push/presses-in.ts';
import { versionsKept } from '../push/watched-branch.ts';
import type { PassTools } from '../reconcile.ts';
import { keepsWords } from '../unseen.ts';
import { judgeTag } from './judge-tag.ts';
import { tellUntoldReleases } from './tell-releases.ts';

/** Of so many tags it is asked after a loss whether something of them was under way. */
const mostLooks = 20;

/**
 * Tags that the forge told of, with who set each where it is now: word of an earlier place may come late, and whoever moved it since
 * has no right from that (V16).
 */
export function toldIn(
  inbox: readonly ForgeEvent[],
  tags: ReadonlyMap<string, Sha>,
): ReadonlyMap<string, Person | null> {
  const told = new Map<string, Person | null>();
  for (const { detail, sender } of inbox) {
    const tag = detail.kind === 'push' ? /^refs\/tags\/(.+)$/s.exec(detail.ref)?.[1] : undefined;
    if (tag !== undefined && detail.kind === 'push' && tags.get(tag) === detail.after) told.set(tag, sender);
  }
  return told;
}

/** What people pressed Re-run on: the word on a tagged commit names its tag. */
function pressedIn(
  context: AppContext,
  id: SubjectId,
  project: Project,
  inbox: readonly ForgeEvent[],
  tags: ReadonlyMap<string, Sha>,
) {
  const named = inbox.flatMap(({ detail }) =>
    detail.kind === 'check-button' ? [detail.check.replace(/^sluice\/tag\//, '')] : [],
  );
  return pressesIn(context, project, inbox, async (commit) => {
    const there = [...tags].flatMap(([tag, at]) => (at === commit ? [tag] : []));
    return new Set([...named, ...there].map((tag) => stemOf(tagCheckId(id, { tag, commit }))));
  });
}

/** Whether the project's own file has anything to do with tags; what cannot be read may. */
async function matters(context: AppContext, { config }: PassTools, project: Project): Promise<boolean> {
  const tip = await context.ports.source.tipOf(project, project.defaultBranch);
  const state = tip === null ? null : await config.configAt(project, tip);
  if (tip === null || state?.kind !== 'valid') return false;
  if (jobsOn(state.config.jobs, 'tag').length > 0) return true;
  return (await versionsKept(context, project, state.config, tip)) !== null;
}

/** Where nothing is known: what is there was there before, but for what our own open check runs show as begun. */
async function begin({ ports }: AppContext, project: Project, tags: ReadonlyMap<string, Sha>): Promise<TagsRecord> {
  const seen: Record<string, Sha> = Object.fromEntries(tags);
  const newest = [...tags].sort(([one], [other]) => (one < other ? 1 : -1)).slice(0, mostLooks);
  for (const [tag, commit] of newest) {
    const name = releaseCheckName({ component: null, version: tag, isVersion: false });
    const runs = await ports.forge.checkRuns(project, commit);
    if (runs.some((run) => run.name === name && run.state.status !== 'completed')) delete seen[tag];
  }
  return { schema: 1, project, seen, open: [] };
}

async function readReleases({ ports }: AppContext, record: TagsRecord): Promise<TagsFacts['releases']> {
  const found = new Map<string, ReleaseRun>();
  for (const { came } of record.open) {
    if (came.kind !== 'asks') continue;
    const name = releaseNameOf(came.wish);
    const subject = subjectIdOf({ kind: 'release', repository: record.project.id, name });
    const { document } = await ports.documents.load(subject);
    if (document !== null) found.set(name, document as ReleaseRun);
  }
  return found;
}

async function planWhole(
  context: AppContext,
  { config }: PassTools,
  record: TagsRecord,
  given: TagsFacts,
): Promise<TagsPlan> {
  const plan = planTags(record, given);
  if (plan.wants.length === 0) return plan;
  const judged = new Map<string, JudgedTag>();
  for (const wanted of plan.wants)
    judged.set(tagKeyOf(wanted), await judgeTag(context, config, record.project, wanted));
  return planTags(record, { ...given, judged });
}

/** Of a project that this server does not act for nothing can be done; once it does, what is new among its tags is found by looking. */
async function leaveUnseen(
  { ports }: AppContext,
  id: SubjectId,
  { version, document }: StoredDocument,
  inbox: readonly ForgeEvent[],
): Promise<void> {
  if (inbox.length === 0) return;
  const index = { line: [], wakeAt: null, settled: document === null };
  const taken = inbox.map(({ delivery }) => delivery);
  await ports.documents.save({ subject: id, expected: version, document, index, decision: null, taken });
}

/** The pass over a project's git tags: look, judge, save, tell. */
export async function reconcileTags(
  context: AppContext,
  tools: PassTools,
  id: SubjectId,
  { repository }: TagsSubject,
): Promise<void> {
  const { documents, history, reporter, clock, log } = context.ports;
  const stored = await documents.load(id);
  const inbox = await documents.inbox(id);
  if (await keepsWords(context, tools.unseen, id, inbox)) return;
  const project = await seenProject(context, tools.memory, repository);
  if (project === null) {
    await leaveUnseen(context, id, stored, inbox);
    return;
  }
  if (stored.document === null && inbox.length === 0 && !(await matters(context, tools, project))) return;
  const tags = await history.tags(project);
  const known = readRecord<TagsRecord>(stored.document);
  if (known === null) await tellUntoldReleases(context, project);
  const record = known ?? (await begin(context, project, tags));
  const reports = await reporter.known(record.open.map((open) => tagCheckId(id, open)));
  const facts: TagsFacts = {
    now: clock.now(),
    subject: id,
    tags,
    told: toldIn(inbox, tags),
    presses: await pressedIn(context, id, project, inbox, tags),
    judged: new Map(),
    releases: await readReleases(context, record),
    concluded: new Set([...reports].flatMap(([key, { final, delivered }]) => (final && delivered ? [key] : []))),
  };
  const plan = await planWhole(context, tools, record, facts);
  const taken = inbox.map(({ delivery }) => delivery);
  const { reasons, wakeAt } = plan;
  const decision = reasons.length > 0 ? { at: facts.now, reasons, effects: [] } : null;
  const index = { line: [], wakeAt, settled: false };
  const request = { subject: id, expected: stored.version, document: plan.record, index, decision, taken };
  // Another worker was faster, and what it did is found by the next pass.
  if ((await documents.save(request)) === 'conflict') return;
  const origin = { subject: id, version: stored.version + 1, deliveries: taken };
  for (const effect of plan.effects)
    await performOne(context, project, 0, effect, origin).catch((err: unknown) => {
      log.warn({ subject: id, effect: effect.kind, err }, 'effect failed');
    });
}
