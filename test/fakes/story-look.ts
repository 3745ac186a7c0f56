import { createHash } from 'node:crypto';
import { combineConfig, type EffectiveConfig } from '../../src/core/combine-config.ts';
import { asksFor } from '../../src/core/presubmit/answer-comments.ts';
import {
  type ForgeFacts,
  type LogFacts,
  type PresubmitFacts,
  strictestTrust,
  type TreeFacts,
  treeKey,
} from '../../src/core/presubmit/facts.ts';
import { isOpenJob } from '../../src/core/presubmit/take-facts.ts';
import type { BuildId } from '../../src/model/build.ts';
import type { PreparedChange } from '../../src/model/code.ts';
import type { LineEntry } from '../../src/model/line.ts';
import { type Sha, toSha } from '../../src/model/sha.ts';
import { subjectIdOf } from '../../src/model/subject.ts';
import { type Story, subject } from './story.ts';

const overlapMs = 600_000;

function hashed(parts: readonly unknown[]): Sha {
  return toSha(createHash('sha1').update(JSON.stringify(parts)).digest('hex'));
}

/** The present head merged onto the present base tip; what it holds is remembered by its tree. */
function prepare(story: Story): PreparedChange | null {
  const { record, pull, reads, conflict, changed, base, head, baseTip } = story;
  const isLeftOpen = record.change === null && pull !== null && story.checks.on(pull.head).some(isOpenJob);
  if (!pull || !reads.code || (pull.state !== 'open' && !isLeftOpen)) return null;
  const both = { base: baseTip, head: pull.head, changed };
  if (conflict) return { ...both, merge: { kind: 'conflict', paths: conflict } };
  const tree = hashed([baseTip, pull.head, pull.baseRef, base, head]);
  story.server.trees.set(treeKey({ base: baseTip, tree }), combineConfig(base, head ?? base));
  return { ...both, merge: { kind: 'merged', tree } };
}

function treeFacts(story: Story): Map<string, TreeFacts> {
  const because = 'the files could not be read';
  const unread: EffectiveConfig = { kind: 'refused', where: null, problems: [], because };
  const { server, reads, kinds } = story;
  return new Map([...server.trees].map(([key, config]) => [key, { config: reads.config ? config : unread, kinds }]));
}

function askForge(story: Story): ForgeFacts {
  const { record, pull, project, reactions, comments, checks, firstSeen, inbox } = story;
  const isResync = inbox.some(({ name }) => name === 'resync');
  const isNew = isResync || record.change?.head !== pull?.head || record.change?.baseRef !== pull?.baseRef;
  const since = Math.max(0, record.comments.since - overlapMs);
  return {
    project,
    pull: project ? pull : null,
    comments: comments.filter((comment) => comment.createdAt >= since),
    reacted: new Set(record.change === null ? reactions.keys() : []),
    rights: story.rights,
    checkRuns: isNew && pull ? checks.on(pull.head) : null,
    ...(pull && comments.some((comment) => asksFor(comment, 'why', 'gate')) ? { gateRuns: checks.on(pull.head) } : {}),
    ...(comments.some((comment) => asksFor(comment, 'gate', 'override')) ? { forcedAt: story.forcedAt ?? null } : {}),
    firstSeen,
  };
}

/** The line with what was granted since the record was saved. */
export function lineOf(story: Story): LineEntry[] {
  const { line, granted } = story.server;
  return line.map((entry) => ({
    ...entry,
    subject: subjectIdOf(subject),
    state: entry.state === 'waiting' && granted.has(entry.build) ? 'granted' : entry.state,
  }));
}

function logs(story: Story): Map<BuildId, LogFacts> {
  const ended = [...story.pods.values()].filter((pod) => pod.phase === 'succeeded' || pod.phase === 'failed');
  return new Map(ended.map((pod) => [pod.name as BuildId, { ended: true, text: 'a log\n', containerFile: null }]));
}

/** A start was asked for and there is no pod: it may be asked for again, after another look at who may. */
function misses(story: Story): boolean {
  const jobs = story.record.change?.jobs ?? [];
  const builds = jobs.flatMap(({ status }) => (status.kind === 'building' ? status.builds : []));
  return builds.some(({ id, state }) => state.phase === 'starting' && !story.pods.has(id));
}

/** What the server sees now: the forge only when something came, a pod may be made, or nothing is planned yet. */
export function look(story: Story): PresubmitFacts {
  const { record, reads, base, inbox, server } = story;
  const places = lineOf(story);
  const mayStart = places.some(({ state }) => state === 'granted') || misses(story);
  const open = record.pull === null || record.pull.state === 'open' || record.change === null;
  const asks = reads.forge && (inbox.length > 0 || mayStart || (open && record.change?.planned !== true));
  const forge = asks ? askForge(story) : null;
  const prepared = forge?.pull ? prepare(story) : null;
  return {
    now: story.now,
    forge,
    prepared,
    trees: treeFacts(story),
    ...(prepared ? { tagsOfOthers: story.tagsOfOthers } : {}),
    ...(story.isolation === null ? {} : { isolation: story.isolation }),
    trust: prepared && reads.config && base.kind === 'valid' ? base.config.trust : strictestTrust,
    pods: reads.pods ? [...story.pods.values()] : null,
    line: new Map(places.map(({ build, state }) => [build, { granted: state !== 'waiting', ahead: 0 }])),
    logs: logs(story),
    reports: story.checks.known(),
    starts: server.starts,
    sent: server.sent,
    inbox: [...inbox],
    logUrl: (build) => `https://sluice.test/logs/${build}`,
  };
}
