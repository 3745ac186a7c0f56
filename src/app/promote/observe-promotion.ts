import { type Look, lookKey, type PromoteFacts, type PromoteWants, type WantedLook } from '../../core/promote/facts.ts';
import { promoteCheckId } from '../../core/promote/report-promotion.ts';
import type { BranchReading } from '../../model/landing.ts';
import { fullName } from '../../model/project.ts';
import type { PromoteRecord } from '../../model/promotion.ts';
import { type RegistryCaller, RegistryTrouble } from '../../model/registry.ts';
import { isDigest } from '../../model/sha.ts';
import type { SubjectId } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';
import { standingOf } from '../gate/read-branch.ts';
import type { Copier } from './copier.ts';
import type { PromoteOutcomes } from './perform-promotion.ts';
import { queuedUploads } from './queued-uploads.ts';

export function callerOf({ project, branch }: Pick<PromoteRecord, 'project' | 'branch'>): RegistryCaller {
  return { project: project.id, fullName: fullName(project), branch, use: 'promote' };
}

async function readLine({ ports }: AppContext, { project, branch }: PromoteRecord): Promise<BranchReading | null> {
  return ports.landing.read(project, branch).catch((err: unknown) => {
    ports.log.warn({ repository: project.id, branch, err }, 'a branch and its ledger could not be read');
    return null;
  });
}

/** Looks at the world for one pass over a promote line; what a plan still lacks is had by `lookAt`. */
export async function observePromotion(
  context: AppContext,
  copier: Copier,
  subject: SubjectId,
  record: PromoteRecord,
  outcomes: PromoteOutcomes,
  asked: boolean,
): Promise<PromoteFacts> {
  const { clock, reporter } = context.ports;
  const reading = await readLine(context, record);
  const entries = reading?.ledger.kind === 'whole' ? reading.ledger.entries : [];
  const commits = entries.flatMap(({ detail }) =>
    detail.kind === 'landed' && detail.verdict.images ? [detail.commit] : [],
  );
  const known = await reporter.known(commits.slice(-100).map((commit) => promoteCheckId(subject, commit)));
  return {
    now: clock.now(),
    subject,
    reading,
    standing: Math.max(0, ...(await standingOf(context, record, reading))),
    looks: new Map(),
    listings: new Map(),
    ours: new Map(),
    queued: await queuedUploads(context, record),
    copies: copier.states(),
    tagged: outcomes.tagged,
    untagged: outcomes.untagged,
    foreign: new Map(),
    asked,
    told: new Set([...known].flatMap(([id, { final }]) => (final ? [id] : []))),
  };
}

async function look(
  { ports }: AppContext,
  { repository, reference }: WantedLook,
  caller: RegistryCaller,
): Promise<Look> {
  try {
    const found = await ports.registry.find(repository, reference, caller);
    return found === null ? { kind: 'absent' } : { kind: 'found', digest: found.digest };
  } catch (cause) {
    const trouble = cause instanceof RegistryTrouble ? cause.kind : 'away';
    const because = cause instanceof Error ? cause.message : 'unknown error';
    ports.log.warn(
      { repository, reference: isDigest(reference) ? reference : `:${reference}`, err: cause },
      'a registry gave no answer',
    );
    return { kind: 'trouble', trouble, because };
  }
}

const atOnce = 8;

/** The same facts with what a plan lacked, registries asked a few at a time. */
export async function satisfyPromotion(
  context: AppContext,
  record: PromoteRecord,
  facts: PromoteFacts,
  wants: PromoteWants,
): Promise<PromoteFacts> {
  const looks = new Map(facts.looks);
  const listings = new Map(facts.listings);
  const ours = new Map(facts.ours);
  const waiting = [...new Map(wants.looks.map((wanted) => [lookKey(wanted.repository, wanted.reference), wanted]))];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      looks.set(next[0], await look(context, next[1], callerOf(record)));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, worker));
  for (const repository of new Set(wants.listings)) listings.set(repository, await list(context, record, repository));
  for (const digits of new Set(wants.candidates)) ours.set(digits, await knows(context, record, digits));
  return { ...facts, looks, listings, ours };
}

async function list(
  { ports }: AppContext,
  record: PromoteRecord,
  repository: string,
): Promise<readonly string[] | null> {
  return ports.registry.tags(repository, callerOf(record)).catch((err: unknown) => {
    ports.log.warn({ repository, err }, 'the tags of a repository could not be listed');
    return null;
  });
}

/** What cannot be known is nobody's, and left alone. */
async function knows({ ports }: AppContext, { project }: PromoteRecord, digits: string): Promise<boolean> {
  return ports.landing.knowsCandidate(project, digits).catch((err: unknown) => {
    ports.log.warn({ repository: project.id, candidate: digits, err }, 'whose candidate it is could not be read');
    return false;
  });
}
