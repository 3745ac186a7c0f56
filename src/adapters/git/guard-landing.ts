import type { LandingPush, LedgerEntry } from '../../model/ledger.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import { readLedgerCommit } from './ledger-commit.ts';
import type { LedgerSigner } from './ledger-key.ts';
import type { ObjectReader } from './object-reader.ts';

/** A landing adds the commits of one candidate, or of some in a row. */
const maxSteps = 20_000;

/** Throws unless each of these goes forward from where the one before ended, along first parents, and its entry says just that. */
export async function guardPush(objects: ObjectReader, push: LandingPush): Promise<void> {
  const { branch, to, entry, inside = [] } = push;
  const refuse = (because: string) => new Error(`cannot land ${to} on ${branch} at ${push.from}: ${because}`);
  let from = push.from;
  for (const { detail, branch: named } of [...inside, entry]) {
    if (detail.kind !== 'landed' || detail.from !== from || named !== branch)
      throw refuse('its ledger entry says something else');
    if (detail.commit === from) throw refuse('it is there already');
    if (!(await standsOn(objects, detail.commit, from))) throw refuse('it does not stand on it');
    from = detail.commit;
  }
  if (from !== to) throw refuse('its ledger entry says something else');
}

async function standsOn(objects: ObjectReader, commit: Sha, ground: Sha): Promise<boolean> {
  let at: string | undefined = commit;
  for (let step = 0; at !== ground; step += 1) {
    if (at === undefined || step === maxSteps) return false;
    at = (await objects.commit(at)).parents[0];
  }
  return true;
}

/** Throws unless the entry is the one that comes next in this ledger. */
export async function guardEntry(
  objects: ObjectReader,
  signer: LedgerSigner,
  project: Pick<Project, 'id'>,
  ledger: Sha | null,
  entry: LedgerEntry,
): Promise<void> {
  const refuse = (because: string) => new Error(`cannot add entry ${entry.sequence} to the ledger: ${because}`);
  if (entry.repository !== project.id) throw refuse(`it is of repository ${entry.repository}, not ${project.id}`);
  const last = ledger === null ? null : await readLedgerCommit(objects, signer, ledger);
  if (last?.kind === 'unsound') throw refuse(last.because);
  if (last !== null && (last.entry.repository !== project.id || last.entry.branch !== entry.branch))
    throw refuse(`${ledger} is another ledger's`);
  const next = (last?.entry.sequence ?? 0) + 1;
  if (entry.sequence !== next) throw refuse(`the next one is ${next}`);
}
