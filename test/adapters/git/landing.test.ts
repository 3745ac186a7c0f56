import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLedgerKey } from '../../../src/adapters/git/ledger-key.ts';
import type { LandingPush } from '../../../src/model/ledger.ts';
import type { Sha } from '../../../src/model/sha.ts';
import {
  begun,
  entryOf,
  type LandingRig,
  landedDetail,
  landingRig,
  made,
  nowhere,
  owner,
  request,
} from './landing-rig.ts';

const main = 'refs/heads/main';
const ledger = 'refs/sluice/ledger/main';

function refsOf({ upstream }: LandingRig, below: string): string[] {
  return upstream.git('for-each-ref', '--format=%(objectname) %(refname)', below).split('\n').filter(Boolean);
}

/** A worker with one candidate on `main` that is ready to land. */
async function ready(rig: LandingRig) {
  const { landing } = rig.worker();
  const head = rig.open(1, rig.upstream.commit({ on: rig.start, files: { 'a.txt': 'two\n' } }));
  const to = await made(landing, rig.project, request('merge', rig.start, head));
  const before = await begun(landing, rig.project);
  const push = pushOf(rig.start, to, before);
  return { landing, head, to, before, push };
}

function pushOf(from: Sha, to: Sha, before: Sha | null, overrides: Partial<LandingPush> = {}): LandingPush {
  return { branch: 'main', from, to, ledger: before, entry: entryOf(2, landedDetail(from, to)), ...overrides };
}

describe('publishing candidates', () => {
  it('shows all in one push, with the push token, and again for nothing', async () => {
    const rig = await landingRig();
    const { landing } = rig.worker();
    const commits: Sha[] = [];
    for (const number of [1, 2, 3]) {
      const head = rig.open(number, rig.upstream.commit({ on: rig.start, files: { [`f-${number}`]: 'x' } }));
      const parent = commits.at(-1) ?? rig.start;
      commits.push(await made(landing, rig.project, request('merge', parent, head, { number })));
    }
    rig.server.requests.length = 0;
    await landing.publish(rig.project, []);
    expect(rig.server.requests).toEqual([]);
    await landing.publish(rig.project, commits);
    const pushes = () => rig.server.requests.filter(({ line }) => line.startsWith('POST'));
    expect(pushes()).toHaveLength(1);
    const token = `Basic ${Buffer.from('x-access-token:push-token').toString('base64')}`;
    expect(rig.server.requests.every(({ authorization }) => authorization === token)).toBe(true);
    const shown = commits.map((commit) => `${commit} refs/sluice/candidate/${commit}`).sort();
    expect(refsOf(rig, 'refs/sluice').sort()).toEqual(shown);
    await landing.publish(rig.project, [...commits, ...commits]);
    expect(pushes()).toHaveLength(1);
    expect(refsOf(rig, 'refs/sluice').sort()).toEqual(shown);
  });

  it('puts right a ref that somebody pointed elsewhere', async () => {
    const rig = await landingRig();
    const { landing, to } = await ready(rig);
    rig.upstream.setRef(`refs/sluice/candidate/${to}`, rig.start);
    await landing.publish(rig.project, [to]);
    expect(rig.upstream.git('rev-parse', `refs/sluice/candidate/${to}`)).toBe(to);
  });

  it('throws the forge’s words when it may not, and when a commit is nowhere', async () => {
    const rig = await landingRig();
    const { landing, to } = await ready(rig);
    await expect(landing.publish(rig.project, [nowhere])).rejects.toThrow(/cannot publish candidates/);
    rig.hook('pre-receive', 'echo "no room for candidates" >&2; exit 1');
    await expect(landing.publish(rig.project, [to])).rejects.toThrow(
      /cannot publish candidates: .*no room for candidates/,
    );
  });

  it('is success when another worker showed it in the same moment', async () => {
    const rig = await landingRig();
    const { landing, to } = await ready(rig);
    const other = rig.worker();
    await made(
      other.landing,
      rig.project,
      request('merge', rig.start, rig.upstream.git('rev-parse', 'refs/pull/1/head') as Sha),
    );
    await Promise.all([landing, other.landing].map((one) => one.publish(rig.project, [to])));
    expect(refsOf(rig, 'refs/sluice/candidate')).toEqual([`${to} refs/sluice/candidate/${to}`]);
  });
});

describe('sweeping', () => {
  it('takes away what is not to be kept, and touches nothing but candidates', async () => {
    const rig = await landingRig();
    const { landing, to, before } = await ready(rig);
    await landing.publish(rig.project, [to]);
    for (const name of [nowhere, 'odd', 'x/y']) rig.upstream.setRef(`refs/sluice/candidate/${name}`, rig.start);
    rig.upstream.setRef('refs/heads/refs/sluice/candidate/x', rig.start);
    rig.server.requests.length = 0;
    expect(await landing.sweep(rig.project, async () => new Set([to]))).toBe(3);
    expect(rig.server.requests.filter(({ line }) => line.endsWith('/git-receive-pack'))).toHaveLength(1);
    expect(refsOf(rig, 'refs/sluice')).toEqual([`${to} refs/sluice/candidate/${to}`, `${before} ${ledger}`]);
    expect(refsOf(rig, 'refs/heads')).toHaveLength(2);
    expect(await landing.sweep(rig.project, async () => new Set([to]))).toBe(0);
    expect(await landing.sweep(rig.project, async () => new Set())).toBe(1);
  });
});

describe('our own guard lets nothing be pushed', () => {
  it('that does not stand on the tip along first parents', async () => {
    const rig = await landingRig();
    const { landing, before, head } = await ready(rig);
    const elsewhere = rig.upstream.commit({ on: rig.start, files: { x: 'x' } });
    rig.upstream.setRef('refs/heads/side', elsewhere);
    const reversed = await made(landing, rig.project, request('merge', head, elsewhere));
    for (const [from, to] of [
      [elsewhere, head],
      [elsewhere, reversed],
      [rig.start, rig.start],
    ] as const)
      await expect(landing.land(rig.project, pushOf(from, to, before))).rejects.toThrow(/^cannot land/);
    expect(rig.upstream.git('rev-parse', main)).toBe(rig.start);
  });

  it.each`
    what                         | change
    ${'another entry'}           | ${{ entry: entryOf(2, owner) }}
    ${'an entry of another tip'} | ${{ entry: entryOf(2, landedDetail(nowhere, nowhere)) }}
    ${'another branch'}          | ${{ branch: 'release' }}
    ${'a name that is none'}     | ${{ branch: 'a..b' }}
    ${'an entry too far'}        | ${{ entry: null }}
    ${'no ledger'}               | ${{ ledger: null }}
    ${'an unknown ledger'}       | ${{ ledger: nowhere }}
  `('with $what', async ({ change }) => {
    const rig = await landingRig();
    const { landing, push, to } = await ready(rig);
    const entry = change.entry === null ? entryOf(3, landedDetail(rig.start, to)) : (change.entry ?? push.entry);
    rig.server.requests.length = 0;
    await expect(landing.land(rig.project, { ...push, ...change, entry })).rejects.toThrow();
    expect(rig.server.requests.filter(({ line }) => line.includes('receive-pack'))).toEqual([]);
  });

  it('on a ledger that somebody else wrote', async () => {
    const rig = await landingRig();
    const { push } = await ready(rig);
    const stranger = rig.worker({ signer: createLedgerKey(null) });
    await made(
      stranger.landing,
      rig.project,
      request('merge', rig.start, rig.upstream.git('rev-parse', 'refs/pull/1/head') as Sha),
    );
    await expect(stranger.landing.land(rig.project, push)).rejects.toThrow(/not signed by a key of this server/);
  });
});

describe('a landing', () => {
  it('of a row of candidates, or of a rebase, goes forward by all of them', async () => {
    const rig = await landingRig();
    const { landing, to, before } = await ready(rig);
    const two = rig.upstream.commit({ on: rig.start, files: { 'b.txt': '2\n' } });
    const head = rig.open(2, rig.upstream.commit({ on: two, files: { 'b.txt': '3\n' } }));
    const next = await made(landing, rig.project, request('rebase', to, head, { number: 2 }));
    expect(await landing.land(rig.project, pushOf(rig.start, next, before))).toMatchObject({ kind: 'landed' });
    expect(rig.upstream.git('log', '--first-parent', '--format=%H', `${rig.start}..${main}`).split('\n')).toHaveLength(
      3,
    );
  });

  it('again, when it is there already, is landed with the same ledger', async () => {
    const rig = await landingRig();
    const { landing, push } = await ready(rig);
    const first = await landing.land(rig.project, push);
    expect(await landing.land(rig.project, push)).toEqual(first);
    expect(await landing.land(rig.project, { ...push, entry: { ...push.entry, at: 5 } })).toMatchObject({
      kind: 'moved',
    });
  });

  it('whose commit somebody pushed before is recorded all the same', async () => {
    const rig = await landingRig();
    const { landing, push, to } = await ready(rig);
    await landing.publish(rig.project, [to]);
    rig.upstream.setRef(main, to);
    expect(await landing.land(rig.project, push)).toMatchObject({ kind: 'landed' });
    expect((await landing.read(rig.project, 'main')).ledger).toMatchObject({ entries: { length: 2 } });
  });

  it('is moved when somebody comes between git’s look and the remote’s lock', async () => {
    const rig = await landingRig();
    const { landing, push } = await ready(rig);
    const other = rig.upstream.commit({ on: rig.start, files: { x: 'x' } });
    rig.hook('pre-receive', `unset GIT_QUARANTINE_PATH; git update-ref ${main} ${other}`);
    expect(await landing.land(rig.project, push)).toMatchObject({
      kind: 'moved',
      because: expect.stringContaining(`is at ${other} but expected ${rig.start}`),
    });
    expect(refsOf(rig, ledger)).toEqual([`${push.ledger} ${ledger}`]);
    expect(rig.upstream.git('rev-parse', main)).toBe(other);
  });

  it('is refused in the words of a hook that declines one ref, and nothing of it happened', async () => {
    const rig = await landingRig();
    const { landing, push } = await ready(rig);
    rig.hook('update', `test "$1" != ${main} || { printf 'error: GH006: \\033[31mno\\n' >&2; exit 1; }`);
    expect(await landing.land(rig.project, push)).toEqual({
      kind: 'refused',
      because: `GH006:  [31mno; hook declined to update ${main}; ${main}: [remote rejected] (hook declined); ${ledger}: [remote rejected] (atomic push failure)`,
    });
    expect(refsOf(rig, 'refs/sluice/ledger')).toEqual([`${push.ledger} ${ledger}`]);
  });

  it('is unknown when a ref stays locked, and when the forge takes too long', async () => {
    const rig = await landingRig();
    const { landing, push, to } = await ready(rig);
    await landing.publish(rig.project, [to]);
    rig.hook('pre-receive', `: > "$GIT_DIR/${main}.lock"`);
    const locked = await landing.land(rig.project, push);
    expect(locked).toMatchObject({ kind: 'unknown', because: expect.stringContaining('File exists') });
    rig.hook('pre-receive', 'sleep 5');
    const hasty = rig.worker({ limits: { pushMs: 1_000 } });
    const late = await hasty.landing.land(rig.project, push);
    expect(late).toEqual({ kind: 'unknown', because: 'git push ended too-late' });
  });

  it('is refused by a forge that cannot do both or nothing', async () => {
    const rig = await landingRig();
    const { landing, push } = await ready(rig);
    rig.upstream.git('config', 'receive.advertiseAtomic', 'false');
    expect(await landing.land(rig.project, push)).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('does not support --atomic'),
    });
  });

  it.each`
    status | kind
    ${401} | ${'unknown'}
    ${403} | ${'refused'}
    ${404} | ${'unknown'}
    ${429} | ${'unknown'}
    ${500} | ${'unknown'}
  `('that the forge answers with $status is $kind, without the token in its words', async ({ status, kind }) => {
    const rig = await landingRig();
    const { landing, push } = await ready(rig);
    rig.server.failWith = status;
    const outcome = await landing.land(rig.project, push);
    expect(outcome.kind).toBe(kind);
    expect(JSON.stringify(outcome)).not.toMatch(/push-token|Basic/);
  });
});

describe('asking what is contained', () => {
  it('says it of a commit itself, its ancestors and nothing else', async () => {
    const rig = await landingRig();
    const { landing } = rig.worker();
    const [one, side] = ['1', '2'].map((text) => rig.upstream.commit({ on: rig.start, files: { x: text } }));
    if (!one || !side) throw new Error('no commits');
    rig.upstream.setRef(main, one);
    rig.upstream.setRef('refs/heads/side', side);
    const asked = [one, rig.start, side].map((commit) => landing.contains(rig.project, one, commit));
    expect(await Promise.all(asked)).toEqual([true, true, false]);
    expect(await landing.contains(rig.project, rig.start, one)).toBe(false);
    expect(await landing.contains(rig.project, one, nowhere)).toBe(false);
    await expect(landing.contains(rig.project, nowhere, one)).rejects.toThrow(/has no f{40}/);
  });
});

it('the branches that have a ledger are named, whatever their names hold', async () => {
  const rig = await landingRig();
  const { landing } = rig.worker();
  expect(await landing.ledgers(rig.project)).toEqual([]);
  for (const name of ['main', 'release/1.0']) rig.upstream.setRef(`refs/sluice/ledger/${name}`, rig.start);
  expect([...(await landing.ledgers(rig.project))].sort()).toEqual(['main', 'release/1.0']);
});

it('the first parents of a commit are told, newest first, as many as are asked for', async () => {
  const rig = await landingRig();
  const one = rig.upstream.commit({ on: rig.start, files: { x: '1' } });
  const two = rig.upstream.commit({ on: one, files: { x: '2' } });
  rig.upstream.setRef(main, two);
  const { landing } = rig.worker();
  expect(await landing.firstParents(rig.project, two, 1)).toEqual([one]);
  expect((await landing.firstParents(rig.project, two, 50)).slice(0, 2)).toEqual([one, rig.start]);
  await expect(landing.firstParents(rig.project, nowhere, 1)).rejects.toThrow(/has no f{40}/);
});

it('the tree of a commit is told, fetched where it is not here, and never guessed', async () => {
  const rig = await landingRig();
  const one = rig.upstream.commit({ on: rig.start, files: { x: 'x' } });
  rig.upstream.setRef(main, one);
  const { landing } = rig.worker();
  expect(await landing.treeOf(rig.project, one)).toBe(rig.upstream.git('rev-parse', `${one}^{tree}`).trim());
  await expect(landing.treeOf(rig.project, nowhere)).rejects.toThrow(/has no f{40}/);
});

it('the version of git is told', async () => {
  const rig = await landingRig();
  expect(await rig.worker().landing.gitVersion()).toMatch(/^\d+\.\d+/);
});

it('a forge that is away makes reading throw and a landing unknown', async () => {
  const rig = await landingRig();
  const { landing, push } = await ready(rig);
  const silent = createServer((_, response) => response.destroy());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  await rig.server.close();
  const away = { ...rig.project, cloneUrl: `http://127.0.0.1:${port}/acme/shop.git` };
  await expect(landing.read(away, 'main')).rejects.toThrow(/cannot read the refs/);
  expect(await landing.land(away, push)).toMatchObject({ kind: 'unknown' });
});
