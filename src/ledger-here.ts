import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createClones } from './adapters/git/clones.ts';
import { createLanding } from './adapters/git/landing.ts';
import { createGitHubApp } from './adapters/github/app.ts';
import { createForge } from './adapters/github/forge.ts';
import { readAppCredentials } from './app-credentials.ts';
import { keepLedgerKey } from './ledger-key-file.ts';
import type { Machine } from './machine.ts';
import type { Project } from './model/project.ts';
import type { Landing } from './ports/landing.ts';
import { silentLog } from './server-redis.ts';

/** Reads ledgers with the key and the App that a data folder keeps. */
export interface LedgersHere {
  readonly read: Landing['read'];
  close(): void;
}

async function tokenFor(project: Project, data: string, machine: Machine): Promise<string | null> {
  if (!project.private) return null;
  const app = await readAppCredentials(data, machine.server.app);
  const apiUrl = machine.apiUrlOf(app.github);
  const github = createGitHubApp({ ...app, apiUrl, clock: machine.clock, log: silentLog });
  return createForge(github).checkoutToken(project);
}

/** Null: no key is kept there, so nothing that a ledger says could be verified; none is made. */
export async function openLedgers(data: string, machine: Machine): Promise<LedgersHere | null> {
  const folder = resolve(data);
  if (!existsSync(join(folder, 'ledger-key.pem'))) return null;
  const signer = await keepLedgerKey(folder, null);
  const clones = createClones({
    folder: join(folder, 'clones'),
    environment: { PATH: machine.path },
    credentials: (project) => tokenFor(project, folder, machine),
  });
  const pushCredentials = () => Promise.reject(new Error('a ledger is only read here'));
  const landing = createLanding({ clones, signer, pushCredentials });
  return { read: landing.read, close: () => clones.close() };
}
