import { describe, expect, it } from 'vitest';
import type { LandingPush } from '../../src/model/ledger.ts';
import type { Project } from '../../src/model/project.ts';
import { type Sha, toSha } from '../../src/model/sha.ts';
import type { Landing } from '../../src/ports/landing.ts';
import { begun, entryOf, landedDetail, made, request } from '../adapters/git/landing-rig.ts';
import type { Repository } from '../adapters/git/repository.ts';

/** A forge with one repository whose `main` is at `start`, and what can go wrong there. */
export interface LandingForge {
  readonly project: Project;
  readonly start: Sha;
  /** The repository where the forge keeps it. */
  readonly upstream: Repository;
  /** On another machine each time. */
  worker(): Landing;
  /** A rule of the branch that forbids the push. */
  forbidByRule(): Promise<void> | void;
  /** The token may not push. */
  withdrawPermission(): Promise<void> | void;
  /** The next push takes effect and its answer is lost. */
  loseAnswer(): void;
  /** The next push is not taken, and not answered. */
  hangUp(): void;
}

const main = 'refs/heads/main';
const ledgerRef = 'refs/sluice/ledger/main';

interface Scene {
  readonly forge: LandingForge;
  readonly landing: Landing;
  readonly push: LandingPush;
  /** An earlier commit of `main`, and one that is on no branch. */
  readonly older: Sha;
  readonly other: Sha;
}

/** `main` with two commits, a ledger with two entries, and a candidate that may land. */
async function setScene(forge: LandingForge): Promise<Scene> {
  const { upstream, project, start } = forge;
  const landing = forge.worker();
  const tip = upstream.commit({ on: start, files: { 'b.txt': 'newer\n' } });
  const other = upstream.commit({ on: tip, files: { 'c.txt': 'other\n' } });
  upstream.setRef(main, tip);
  const head = upstream.commit({ on: start, files: { 'a.txt': 'two\n' } });
  upstream.setRef('refs/pull/1/head', head);
  const to = await made(landing, project, request('merge', tip, head));
  await landing.publish(project, [to]);
  const own = { repository: project.id };
  const first = await begun(landing, project);
  const frozen = entryOf(2, { kind: 'frozen', by: null, because: 'x' }, own);
  const second = await landing.append(project, first, frozen);
  if (second.kind !== 'landed') throw new Error(second.because);
  const entry = entryOf(3, landedDetail(tip, to), own);
  const push = { branch: 'main', from: tip, to, ledger: second.ledger, entry };
  return { forge, landing, push, older: start, other };
}

type Between = (scene: Scene) => Promise<unknown> | unknown;
type State = 'as before' | 'as the other left it' | 'landed';

const rows: readonly (readonly [string, Between, string, RegExp | null, State])[] = [
  ['nothing happened', () => undefined, 'landed', null, 'landed'],
  [
    'somebody pushed to the branch',
    ({ forge, other }) => forge.upstream.setRef(main, other),
    'moved',
    /stale info/,
    'as the other left it',
  ],
  [
    'an administrator reset the branch backwards',
    ({ forge, older }) => forge.upstream.setRef(main, older),
    'moved',
    /stale info/,
    'as the other left it',
  ],
  [
    'the branch was removed',
    ({ forge }) => forge.upstream.setRef(main, null),
    'moved',
    /stale info/,
    'as the other left it',
  ],
  [
    'the ledger went on',
    async ({ forge, push }) => {
      const thawed = entryOf(3, { kind: 'thawed', by: null }, { repository: forge.project.id });
      await forge.worker().append(forge.project, push.ledger, thawed);
    },
    'moved',
    /refs\/sluice\/ledger\/main: \[rejected\] \(stale info\)/,
    'as the other left it',
  ],
  [
    'the ledger was removed',
    ({ forge }) => forge.upstream.setRef(ledgerRef, null),
    'moved',
    /stale info/,
    'as the other left it',
  ],
  [
    'a rule forbade it',
    ({ forge }) => forge.forbidByRule(),
    'refused',
    /GH0\d\d: .*refs\/heads\/main: \[remote rejected\]/,
    'as before',
  ],
  ['the permission was withdrawn', ({ forge }) => forge.withdrawPermission(), 'refused', /403/, 'as before'],
  ['the answer was lost', ({ forge }) => forge.loseAnswer(), 'unknown', null, 'landed'],
  ['the forge hung up', ({ forge }) => forge.hangUp(), 'unknown', null, 'as before'],
];

/** What must hold of landing wherever changes live. */
export function landingContract(name: string, open: () => Promise<LandingForge>): void {
  describe(`landing on ${name}`, () => {
    it.each(rows)('after %s', async (_, between, kind, words, state) => {
      const scene = await setScene(await open());
      const { forge, landing, push } = scene;
      const refs = () => forge.upstream.git('for-each-ref', '--format=%(refname) %(objectname)', main, ledgerRef);
      const before = refs();
      await between(scene);
      const found = refs();

      const outcome = await landing.land(forge.project, push);

      expect(outcome.kind).toBe(kind);
      if (words !== null) expect(outcome).toMatchObject({ because: expect.stringMatching(words) });
      if (state === 'landed') {
        const read = await forge.worker().read(forge.project, 'main');
        expect(read).toMatchObject({ tip: push.to, ledger: { kind: 'whole', entries: { length: 3, 2: push.entry } } });
        if (outcome.kind === 'landed') expect(read.ledger).toMatchObject({ head: outcome.ledger });
      } else {
        expect(refs()).toBe(found);
        expect(found === before).toBe(state === 'as before');
      }
    });

    it('several land by one push, with an entry each, or none of them does', async () => {
      const { forge, landing, push } = await setScene(await open());
      const own = { repository: forge.project.id };
      const { upstream, project } = forge;
      const head = upstream.commit({ on: push.from, files: { 'd.txt': 'd\n' } });
      upstream.setRef('refs/pull/2/head', head);
      const last = await made(landing, project, request('merge', push.to, head, { number: 2 }));
      const entry = entryOf(4, landedDetail(push.to, last), own);
      const both = { ...push, to: last, inside: [push.entry], entry };
      const refs = () => upstream.git('for-each-ref', '--format=%(refname) %(objectname)', main, ledgerRef);
      const before = refs();
      const stale = {
        ...both,
        ledger: null,
        inside: [{ ...push.entry, sequence: 1 }],
        entry: { ...entry, sequence: 2 },
      };
      expect((await landing.land(project, stale)).kind).toBe('moved');
      for (const wrong of [{ inside: [] }, { inside: [entry] }, { inside: [push.entry, push.entry] }, { to: push.to }])
        await expect(landing.land(project, { ...both, ...wrong })).rejects.toThrow(/^cannot land/);
      expect(refs()).toBe(before);
      const outcome = await landing.land(project, both);
      expect(outcome.kind).toBe('landed');
      expect(await landing.land(project, both)).toEqual(outcome);
      const read = await forge.worker().read(project, 'main');
      expect(read).toMatchObject({ tip: last, ledger: { entries: { length: 4, 2: push.entry, 3: entry } } });
    });

    it('an entry is added to the ledger alone, and not to one that went on', async () => {
      const { forge, landing, push } = await setScene(await open());
      const entry = entryOf(3, { kind: 'thawed', by: null }, { repository: forge.project.id });
      const added = await landing.append(forge.project, push.ledger, entry);
      expect(added.kind).toBe('landed');
      expect(await forge.worker().append(forge.project, push.ledger, { ...entry, at: 9 })).toMatchObject({
        kind: 'moved',
        because: expect.stringContaining('stale info'),
      });
      expect(await forge.worker().append(forge.project, push.ledger, entry)).toEqual(added);
      expect(toSha(forge.upstream.git('rev-parse', main))).toBe(push.from);
    });

    it('of two workers that land at once exactly one lands', async () => {
      const { forge, landing, push } = await setScene(await open());
      const head = forge.upstream.commit({ on: forge.start, files: { 'd.txt': 'd\n' } });
      forge.upstream.setRef('refs/pull/2/head', head);
      const other = forge.worker();
      const to = await made(other, forge.project, request('squash', push.from, head, { number: 2 }));
      const entry = entryOf(3, landedDetail(push.from, to), { repository: forge.project.id });
      const both = [landing.land(forge.project, push), other.land(forge.project, { ...push, to, entry })];
      const kinds = (await Promise.all(both)).map((outcome) => outcome.kind).sort();
      expect(kinds[0]).toBe('landed');
      expect(kinds[1]).not.toBe('landed');
      const { tip, ledger } = await forge.worker().read(forge.project, 'main');
      expect(ledger).toMatchObject({ kind: 'whole', entries: { length: 3, 2: { detail: { commit: tip } } } });
    });

    it('a branch is created once, and one that is there stays where it is, ahead or behind', async () => {
      const { forge, landing, push, older, other } = await setScene(await open());
      const refs = () =>
        forge.upstream.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads/release-*');
      expect(await landing.cut(forge.project, 'release-v1.2', older)).toEqual({ kind: 'asked' });
      expect(refs()).toBe(`refs/heads/release-v1.2 ${older}`);
      expect(await landing.cut(forge.project, 'release-v1.2', older)).toEqual({ kind: 'asked' });
      expect(await forge.worker().cut(forge.project, 'release-v1.2', push.from)).toEqual({ kind: 'asked' });
      expect(refs()).toBe(`refs/heads/release-v1.2 ${older}`);
      forge.upstream.setRef('refs/heads/release-v1.3', other);
      expect(await landing.cut(forge.project, 'release-v1.3', older)).toEqual({ kind: 'asked' });
      expect(refs()).toBe(`refs/heads/release-v1.2 ${older}\nrefs/heads/release-v1.3 ${other}`);
      await expect(landing.cut(forge.project, '../main', older)).rejects.toThrow('not a branch');
    });

    it('a branch with one file changed is offered once, the same from each machine, and whoever went on with it is left', async () => {
      const { forge, landing, push } = await setScene(await open());
      const at = forge.upstream.commit({ on: push.from, files: { 'api/VERSION': '# ours\n1.2.3\n', 'api/x': 'x\n' } });
      forge.upstream.setRef('refs/heads/main', at);
      const change = { at, path: 'api/VERSION', content: '# ours\n1.2.4-dev\n', message: 'Version 1.2.4-dev' };
      const branch = 'sluice/next-dev/main/1.2.4-dev';
      expect(await landing.offer(forge.project, branch, change)).toEqual({ kind: 'asked' });
      const made = forge.upstream.git('rev-parse', branch);
      expect(forge.upstream.git('diff', '--stat', at, made)).toMatch(/^ api\/VERSION \| 2 \+-\n/);
      expect(forge.upstream.git('show', `${made}:api/VERSION`)).toBe('# ours\n1.2.4-dev');
      expect(forge.upstream.git('log', '--format=%P %an %s', '-1', made)).toBe(`${at} sluice[bot] Version 1.2.4-dev`);
      forge.upstream.git('fsck', '--strict', made);
      expect(await forge.worker().offer(forge.project, branch, change)).toEqual({ kind: 'asked' });
      const further = forge.upstream.commit({ on: toSha(made), files: { 'api/x': 'y\n' } });
      forge.upstream.setRef(`refs/heads/${branch}`, further);
      expect(await landing.offer(forge.project, branch, change)).toEqual({ kind: 'asked' });
      expect(forge.upstream.git('rev-parse', branch)).toBe(further);
      const missing = { ...change, path: 'api' };
      await expect(landing.offer(forge.project, `${branch}2`, missing)).rejects.toThrow(
        'no regular file stands at api',
      );
    });

    it('a branch is closed once, whole, only where it is said to be, and one that somebody brought back stays', async () => {
      const { forge, landing, older, other } = await setScene(await open());
      const kept = 'refs/sluice/closed/release-v1.0';
      const refs = () =>
        forge.upstream.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads/release-*', kept);
      const close = (at = older) => forge.worker().close(forge.project, 'release-v1.0', at, kept);
      expect(await close()).toEqual({ kind: 'refused', because: 'somebody took it away' });
      forge.upstream.setRef('refs/heads/release-v1.0', other);
      expect(await close()).toEqual({ kind: 'refused', because: 'it was pushed to since' });
      expect(refs()).toBe(`refs/heads/release-v1.0 ${other}`);
      forge.upstream.setRef('refs/heads/release-v1.0', older);
      expect(await close()).toEqual({ kind: 'closed' });
      expect(refs()).toBe(`${kept} ${older}`);
      expect(await landing.close(forge.project, 'release-v1.0', older, kept)).toEqual({ kind: 'closed' });
      forge.upstream.setRef('refs/heads/release-v1.0', older);
      expect(await close()).toMatchObject({ kind: 'refused', because: expect.stringContaining('brought it back') });
      expect(refs()).toBe(`refs/heads/release-v1.0 ${older}\n${kept} ${older}`);
    });

    it('a branch whose closing the forge does not let us, or does not answer, is where it was or is closed', async () => {
      const { forge, older } = await setScene(await open());
      const kept = 'refs/sluice/closed/release-v1.0';
      const close = () => forge.worker().close(forge.project, 'release-v1.0', older, kept);
      forge.upstream.setRef('refs/heads/release-v1.0', older);
      forge.loseAnswer();
      await close().catch((cause: Error) => expect(cause.message).toContain('cannot close the branch'));
      expect(await close()).toEqual({ kind: 'closed' });
      forge.upstream.setRef(kept, null);
      forge.upstream.setRef('refs/heads/release-v1.0', older);
      await forge.withdrawPermission();
      expect(await close().catch((cause: Error) => ({ kind: 'refused', because: cause.message }))).toMatchObject({
        kind: 'refused',
        because: expect.stringMatching(/403|permission|denied/i),
      });
      expect(forge.upstream.git('rev-parse', 'refs/heads/release-v1.0')).toBe(older);
    });

    it('a branch that the token may not create is refused with the forge’s words', async () => {
      const { forge, landing, older } = await setScene(await open());
      await forge.withdrawPermission();
      const came = await landing.cut(forge.project, 'release-v1.2', older).catch((cause: Error) => cause.message);
      expect(came).toMatchObject({ kind: 'refused', because: expect.stringMatching(/403|permission|denied/i) });
      expect(forge.upstream.git('for-each-ref', 'refs/heads/release-*')).toBe('');
    });

    it('candidates are shown to another machine, kept while wanted, and then taken away', async () => {
      const { forge, landing, push } = await setScene(await open());
      const other = forge.worker();
      expect(await other.contains(forge.project, push.to, push.from)).toBe(true);
      expect(await other.contains(forge.project, push.from, push.to)).toBe(false);
      expect(await landing.sweep(forge.project, async () => new Set([push.to]))).toBe(0);
      expect(await landing.sweep(forge.project, async () => new Set())).toBe(1);
      expect(forge.upstream.git('for-each-ref', 'refs/sluice/candidate')).toBe('');
    });
  });
}
