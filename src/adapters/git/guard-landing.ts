import type { LandingPush, LedgerEntry } from '../../model/ledger.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import { readLedgerCommit } from './ledger-commit.ts';
import type { LedgerSigner } from './ledger-key.ts';
import type { ObjectReader } from './object-reader.ts';

/** A landing adds the commits of one candidate, or of some in a row. */
const maxSteps = 20_000;

/** Throws unless this landing goes forward from the tip it names, along first parents, and its entry says just that. */
export async function guardPush(objects: ObjectReader, push: LandingPush): Promise<void> {
  const { branch, from, to, entry } = push;
  const refuse = (because: string) => new Error(`cannot land ${to} on ${branch} at ${from}: ${because}`);
  const { detail } = entry;
  if (detail.kind !== 'landed' || detail.from !== from || detail.commit !== to || entry.branch !== branch)
    throw refuse('its ledger entry says something else');
  if (from === to) throw refuse('it is there already');
  let at: string | undefined = to;
  for (let step = 0; at !== from; step += 1) {
    if (at === undefined || step === maxSteps) throw refuse('it does not stand on it');
    at = (await objects.commit(at)).parents[0];
  }
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
