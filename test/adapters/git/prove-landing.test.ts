import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createClones } from '../../../src/adapters/git/clones.ts';
import { toCloneUrl } from '../../../src/adapters/git/git-environment.ts';
import { createLanding } from '../../../src/adapters/git/landing.ts';
import {
  type ProofPlace,
  proveLanding,
  removeScratch,
  scratchPrefix,
} from '../../../src/adapters/git/prove-landing.ts';
import { type LandingRig, landingRig } from './landing-rig.ts';

const branch = `${scratchPrefix}one`;
const interrupted = new AbortController().signal;

async function placeOn({ project, key }: LandingRig): Promise<ProofPlace> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-proof-'));
  const clones = createClones({ folder, credentials: async () => null });
  onTestFinished(() => {
    clones.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const landing = createLanding({ clones, signer: key, pushCredentials: async () => null });
  await landing.read(project, 'main');
  const limits = { timeoutMs: 60_000, maxPackBytes: 2 ** 30 };
  const connect = async () => ({ url: toCloneUrl(project.cloneUrl), token: null, ...limits });
  return { clone: await clones.of(project), project, landing, connect };
}

async function prove(rig: LandingRig, onStep: (what: string) => void = () => undefined) {
  const place = await placeOn(rig);
  const steps = await proveLanding(place, {
    app: 12,
    tip: rig.start,
    branch,
    now: 1_700_000_000_000,
    onStep,
    interrupted,
  });
  return steps.map(({ what, held, because }) => `${what} ${held ? 'held' : `failed: ${because}`}`);
}

const refs = ({ upstream }: LandingRig) => upstream.git('for-each-ref', '--format=%(refname)').split('\n');
const everything = ['create', 'begin-ledger', 'land', 'stale-branch', 'stale-ledger', 'read-back', 'remove'];

describe('landing on a scratch branch', () => {
  it('lands, is refused what is stale, and leaves nothing', async () => {
    const rig = await landingRig();
    const seen: string[] = [];
    const trees: string[] = [];
    const steps = await prove(rig, (what) => {
      seen.push(what);
      if (what === 'remove') trees.push(...['main', branch].map((at) => rig.upstream.git('rev-parse', `${at}^{tree}`)));
    });
    expect(steps).toEqual(everything.map((what) => `${what} held`));
    expect(seen).toEqual(everything);
    expect(trees[0]).toBe(trees[1]);
    expect(refs(rig)).toEqual(['refs/heads/main']);
    expect(rig.upstream.git('rev-parse', 'main')).toBe(rig.start);
  });

  it('where refs of ours are not taken ends there, in the words of the remote, and leaves nothing', async () => {
    const rig = await landingRig();
    rig.hook('update', 'case "$1" in refs/sluice/*) echo "only branches here" >&2; exit 1;; esac');
    const steps = await prove(rig);
    expect(steps).toEqual([
      'create held',
      expect.stringMatching(/^begin-ledger failed: .*only branches here/),
      'remove held',
    ]);
    expect(refs(rig)).toEqual(['refs/heads/main']);
  });

  it('sees a remote that somebody else lands on meanwhile', async () => {
    const rig = await landingRig();
    const other = rig.upstream.commit({ on: rig.start, files: { 'a.txt': 'other\n' } });
    const steps = await prove(rig, (what) => {
      if (what === 'read-back') rig.upstream.setRef(`refs/heads/${branch}`, other);
    });
    expect(steps.at(-2)).toMatch(new RegExp(`^read-back failed: the branch is at ${other}, not at `));
  });

  it('names what the remote does not let be taken away', async () => {
    const rig = await landingRig();
    rig.upstream.git('config', 'receive.denyDeletes', 'true');
    const steps = await prove(rig);
    expect(steps.at(-1)).toMatch(/^remove failed: refs\/heads\/sluice-setup-verify\/one: .*deletion prohibited/);
    rig.upstream.git('config', 'receive.denyDeletes', 'false');
    expect(await removeScratch(await placeOn(rig))).toEqual({ count: 1, because: null });
    expect(refs(rig)).toEqual(['refs/heads/main']);
  });

  it('takes away what is left when the remote goes away in the middle, with the next run', async () => {
    const rig = await landingRig();
    const gone = prove(rig, (what) => {
      if (what === 'land') rig.server.failWith = 503;
    });
    await expect(gone).rejects.toThrow(/cannot read the refs/);
    rig.server.failWith = null;
    expect(refs(rig)).toHaveLength(3);
    expect(await removeScratch(await placeOn(rig))).toEqual({ count: 2, because: null });
    expect(refs(rig)).toEqual(['refs/heads/main']);
  });

  it('takes nothing away that has another name', async () => {
    const rig = await landingRig();
    rig.upstream.setRef('refs/heads/sluice-setup-verify-not/x', rig.start);
    rig.upstream.setRef('refs/sluice/ledger/main', rig.start);
    expect(await removeScratch(await placeOn(rig))).toEqual({ count: 0, because: null });
    expect(refs(rig)).toHaveLength(3);
  });
});
