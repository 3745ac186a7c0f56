import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLedgerKey, type LedgerKey } from './adapters/git/ledger-key.ts';
import { cliError } from './cli/exit-codes.ts';

async function read(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw cause;
  }
}

function parse(pem: string, source: string): LedgerKey {
  try {
    return createLedgerKey(pem);
  } catch (cause) {
    throw cliError('usage', `${source} is no Ed25519 private key in PEM: what landed cannot be signed with it`, cause);
  }
}

/**
 * The key that the ledger is signed with: the one given, else one made once in the data folder and kept for the owner's eyes.
 * All processes of one Sluice must have the same.
 */
export async function keepLedgerKey(data: string, given: string | null): Promise<LedgerKey> {
  if (given !== null) return parse(given, 'SLUICE_LEDGER_KEY');
  const file = join(data, 'ledger-key.pem');
  const there = await read(file);
  if (there !== null) return parse(there, file);
  await mkdir(data, { recursive: true, mode: 0o700 });
  const fresh = createLedgerKey(null);
  try {
    await writeFile(file, fresh.pem, { mode: 0o600, flag: 'wx' });
    return fresh;
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
    return parse((await read(file)) ?? '', file);
  }
}
