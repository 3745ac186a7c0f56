import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Clones, createClones } from './adapters/git/clones.ts';
import { toCloneUrl } from './adapters/git/git-environment.ts';
import { createLanding } from './adapters/git/landing.ts';
import { createLedgerKey, type LedgerKey } from './adapters/git/ledger-key.ts';
import { type ProofPlace, proveLanding, removeScratch, scratchPrefix } from './adapters/git/prove-landing.ts';
import { createSourceOn } from './adapters/git/source.ts';
import { createGitHubApp, type GitHubApp } from './adapters/github/app.ts';
import { readBranchRules } from './adapters/github/branch-rules.ts';
import { judgeFailure } from './adapters/github/call-failure.ts';
import { readSetup } from './adapters/github/read-setup.ts';
import { readAppCredentials } from './app-credentials.ts';
import { cliError, isCliError } from './cli/exit-codes.ts';
import type { Verification, VerifyWish } from './cli/verify-view.ts';
import { configAtTip } from './config-at-tip.ts';
import { judgeBranch, judgeLedger } from './core/setup/judge-branch.ts';
import { judgePermissions } from './core/setup/judge-permissions.ts';
import { judgeProof, whyNoScratch } from './core/setup/judge-proof.ts';
import { keepLedgerKey } from './ledger-key-file.ts';
import type { Machine } from './machine.ts';
import type { GateSettings } from './model/gate-settings.ts';
import type { BranchRules } from './model/gate-view.ts';
import type { BranchReading } from './model/landing.ts';
import type { InstalledApp, SetupPoint } from './model/setup.ts';
import type { Sha } from './model/sha.ts';
import { silentLog } from './server-redis.ts';

interface Tools {
  readonly github: GitHubApp;
  readonly clones: Clones;
  readonly key: LedgerKey;
  /** False: the key is made for this once, and what others signed cannot be verified. */
  readonly keyIsHere: boolean;
  readonly wish: VerifyWish;
  readonly now: number;
}

const stop = (about: SetupPoint['about'], says: string): SetupPoint => ({
  about,
  verdict: 'stop',
  shown: 'read',
  says,
});
const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

async function rulesOf({ github }: Tools, { project }: InstalledApp, branch: string): Promise<BranchRules | string> {
  try {
    return await readBranchRules(github, project, branch);
  } catch (cause) {
    return wordsOf(cause);
  }
}

async function placeFor({ github, clones, key }: Tools, { project }: InstalledApp): Promise<ProofPlace> {
  const clone = await clones.of(project);
  const { id: repository, installation } = project;
  const mint = () => github.mint({ kind: 'land', installation, repository, workflows: false });
  const landing = createLanding({ clones, signer: key, pushCredentials: mint });
  const connect = async () => {
    const { pushMs: timeoutMs, maxPackBytes } = clone.limits;
    return { url: toCloneUrl(project.cloneUrl), token: await mint(), timeoutMs, maxPackBytes };
  };
  return { clone, project, landing, connect };
}

/** What was left by a run that was killed goes first; then a landing is tried where that can be cleared away. */
async function tryIt(
  tools: Tools,
  installed: InstalledApp,
  place: ProofPlace,
  at: { readonly tip: Sha; readonly landing: GateSettings['landing'] },
): Promise<SetupPoint[]> {
  const { github, wish, now } = tools;
  wish.onStep('clearing away what an earlier run left');
  const swept = await removeScratch(place);
  const left: SetupPoint[] =
    swept.count === 0
      ? []
      : [
          {
            about: 'scratch',
            verdict: 'fine',
            shown: 'done',
            says: `${swept.count} refs that an earlier run had left below ${scratchPrefix} were taken away.`,
          },
        ];
  if (swept.because !== null)
    return [...left, stop('scratch', `What an earlier run left cannot be taken away: ${swept.because}`)];
  if (wish.interrupted.aborted) return left;
  const branch = `${scratchPrefix}${wish.newToken()}`;
  const rules = await rulesOf(tools, installed, branch);
  // A branch that is not there yet may have no answer; then the forge says when it is made what it asks.
  const because = typeof rules === 'string' ? null : whyNoScratch(branch, rules);
  if (because !== null) return [...left, { about: 'scratch', verdict: 'look', shown: 'read', says: because }];
  const steps = await proveLanding(place, {
    app: github.appId,
    tip: at.tip,
    branch,
    now,
    onStep: (what) => wish.onStep(progress[what]),
    interrupted: wish.interrupted,
  });
  return [...left, ...judgeProof(steps, at.landing)];
}

const progress = {
  create: 'making a scratch branch',
  'begin-ledger': 'beginning its ledger',
  land: 'landing on it',
  'stale-branch': 'landing on it from where it no longer is',
  'stale-ledger': 'landing on it with an older ledger',
  'read-back': 'reading it back',
  remove: 'taking everything away',
} as const;

async function verifyBranch(tools: Tools, installed: InstalledApp, branch: string) {
  const { clones, wish, github } = tools;
  const { project } = installed;
  wish.onStep(`fetching ${branch}`);
  const place = await placeFor(tools, installed);
  let reading: BranchReading;
  try {
    reading = await place.landing.read(project, branch);
  } catch (cause) {
    return { settings: null, points: [stop('branch', `The branch ${branch} cannot be read: ${wordsOf(cause)}`)] };
  }
  const { tip, ledger } = reading;
  if (tip === null)
    return { settings: null, points: [stop('branch', `There is no branch ${branch}: name one by --branch.`)] };
  wish.onStep('reading its rules');
  const config = await configAtTip(createSourceOn(clones), project, tip);
  const rules = await rulesOf(tools, installed, branch);
  const { settings } = config;
  const judged: SetupPoint[] =
    typeof rules === 'string'
      ? [stop('rule', `The rules of ${branch} cannot be read: ${rules}`)]
      : judgeBranch({ branch, ourAppId: github.appId, installed, settings, rules });
  const points = [...config.points, judgeLedger(ledger, github.appId, tools.keyIsHere), ...judged];
  if (installed.granted.contents !== 'write') return { settings, points };
  return {
    settings,
    points: [...points, ...(await tryIt(tools, installed, place, { tip, landing: settings.landing }))],
  };
}

function subjectOf({ wish }: Tools, branch: string | null, settings: GateSettings | null) {
  const { repository } = wish;
  return { repository, branch, landing: settings?.landing ?? null, method: settings?.method ?? null };
}

async function verify(tools: Tools): Promise<Verification> {
  const { github, wish } = tools;
  wish.onStep('asking GitHub for the App and its installation');
  const [owner = '', name = ''] = wish.repository.split('/');
  const { app, ...found } = await readSetup(github, owner, name);
  const only = (says: string): Verification => ({
    app,
    ...subjectOf(tools, wish.branch, null),
    points: [stop('app', says)],
  });
  if (found.kind === 'not-installed')
    return only(
      `The App ${app.slug} is not installed on ${wish.repository}, or there is no such repository: ${app.page}/installations/new`,
    );
  if (found.kind === 'suspended') return only(`Its installation is suspended: take it up again at ${found.page}`);
  const { installed } = found;
  const branch = wish.branch ?? installed.project.defaultBranch;
  const fine: SetupPoint = {
    about: 'app',
    verdict: 'fine',
    shown: 'read',
    says: `It is installed on ${wish.repository}.`,
  };
  const points = [
    installed.archived ? stop('app', 'The repository is archived or disabled: nothing can be written there.') : fine,
    ...judgePermissions(installed),
  ];
  if (installed.granted.contents === undefined || installed.archived)
    return { app, ...subjectOf(tools, branch, null), points };
  const { settings, points: more } = await verifyBranch(tools, installed, branch);
  return { app, ...subjectOf(tools, branch, settings), points: [...points, ...more] };
}

async function keyHere(data: string, machine: Machine): Promise<LedgerKey | null> {
  const given = machine.server.ledgerKey;
  return given !== null || existsSync(join(data, 'ledger-key.pem')) ? keepLedgerKey(data, given) : null;
}

/** Proves with the App's own credentials what a landing on a branch would meet; leaves nothing behind, here or there. */
export async function verifySetup(wish: VerifyWish, machine: Machine): Promise<Verification> {
  const data = resolve(wish.data);
  const credentials = await readAppCredentials(data, machine.server.app);
  const { clock } = machine;
  const github = createGitHubApp({
    ...credentials,
    apiUrl: machine.apiUrlOf(credentials.github),
    clock,
    log: silentLog,
  });
  const key = await keyHere(data, machine);
  // The server's clone where there is one, else one for this once.
  const kept = join(data, 'clones');
  const folder = existsSync(kept) ? kept : await mkdtemp(join(tmpdir(), 'sluice-verify-'));
  const clones = createClones({
    folder,
    environment: { PATH: machine.path },
    credentials: ({ private: isPrivate, installation, id: repository }) =>
      isPrivate ? github.mint({ kind: 'checkout', installation, repository }) : Promise.resolve(null),
  });
  const tools: Tools = {
    github,
    clones,
    key: key ?? createLedgerKey(null),
    keyIsHere: key !== null,
    wish,
    now: clock.now(),
  };
  try {
    return await verify(tools);
  } catch (cause) {
    if (isCliError(cause)) throw cause;
    const failure = judgeFailure(cause, clock.now());
    const because = failure.kind === 'limited' ? 'it takes no more calls for now' : failure.because;
    const kind = failure.kind === 'refused' ? 'failed' : 'unreachable';
    throw cliError(kind, `${credentials.github} does not say what is needed: ${because}`, cause);
  } finally {
    clones.close();
    if (folder !== kept) await rm(folder, { recursive: true, force: true });
  }
}
