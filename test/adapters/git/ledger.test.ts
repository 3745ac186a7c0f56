import { describe, expect, it } from 'vitest';
import { writeLedgerCommit } from '../../../src/adapters/git/ledger-commit.ts';
import { createLedgerKey } from '../../../src/adapters/git/ledger-key.ts';
import { canonicalJson } from '../../../src/adapters/git/ledger-shape.ts';
import type { LedgerEntry } from '../../../src/model/ledger.ts';
import { type Sha, toSha } from '../../../src/model/sha.ts';
import { entryOf, type LandingRig, landedDetail, landingRig, nowhere, owner } from './landing-rig.ts';

const ledger = 'refs/sluice/ledger/main';
const frozen = { kind: 'frozen', by: null, because: 'a "reason" — ü\n' } as const;
const thawed = { kind: 'thawed', by: { id: 5, login: 'ash', kind: 'user' } } as const;

/** Puts entries on the ledger of `main` and gives their commits, oldest first. */
async function ledgerOf(rig: LandingRig, ...entries: readonly LedgerEntry[]): Promise<Sha[]> {
  const { landing } = rig.worker();
  const commits: Sha[] = [];
  for (const entry of entries) {
    const outcome = await landing.append(rig.project, commits.at(-1) ?? null, entry);
    if (outcome.kind !== 'landed') throw new Error(JSON.stringify(outcome));
    commits.push(outcome.ledger);
  }
  return commits;
}

const three = [entryOf(1, owner), entryOf(2, frozen), entryOf(3, thawed)];

describe('a ledger', () => {
  it('is empty where nobody began it, and whole as it was written, read by somebody else', async () => {
    const rig = await landingRig();
    const { landing } = rig.worker();
    const none = { tip: rig.start, ledger: { kind: 'whole', head: null, entries: [] } };
    expect(await landing.read(rig.project, 'main')).toEqual(none);
    expect(await landing.read(rig.project, 'other')).toEqual({ ...none, tip: null });
    const commits = await ledgerOf(rig, ...three, entryOf(4, landedDetail(rig.start, nowhere)));
    const whole = {
      kind: 'whole',
      head: commits[3],
      entries: [...three, entryOf(4, landedDetail(rig.start, nowhere))],
    };
    expect(await landing.read(rig.project, 'main')).toEqual({ tip: rig.start, ledger: whole });
    expect(rig.upstream.git('fsck', '--strict', '--no-dangling')).toBe('');
  });

  it('gives the same commit for the same entry on the same ledger, whoever writes it', async () => {
    const rig = await landingRig();
    const [head = null] = await ledgerOf(rig, entryOf(1, owner));
    rig.upstream.setRef(ledger, null);
    const { sequence, repository, ...rest } = entryOf(1, owner);
    const reordered = { ...rest, repository, sequence };
    expect(await rig.worker().landing.append(rig.project, null, reordered)).toEqual({ kind: 'landed', ledger: head });
    const text = rig.upstream.git('show', `${head}:entry.json`);
    expect(text).toBe(canonicalJson({ ...entryOf(1, owner), parent: null }).trimEnd());
    expect(text).toMatch(/^\{"at":1700000000001,"branch":"main","detail":\{"app":12,"kind":"owner"\},"parent":null,/);
  });

  it('is asked for in one look, and only what is new is fetched and verified', async () => {
    const rig = await landingRig();
    await ledgerOf(rig, ...three);
    let verified = 0;
    const verify: typeof rig.key.verify = (...args) => {
      verified += 1;
      return rig.key.verify(...args);
    };
    const { landing } = rig.worker({ signer: { ...rig.key, verify } });
    await landing.read(rig.project, 'main');
    expect(verified).toBe(3);
    rig.server.requests.length = 0;
    await landing.read(rig.project, 'main');
    expect(verified).toBe(3);
    expect(rig.server.requests.map(({ line }) => line.replace(/^.*(?:service=|\/)/, ''))).toEqual(['git-upload-pack']);
    const head = toSha(rig.upstream.git('rev-parse', ledger));
    expect(await rig.worker().landing.append(rig.project, head, entryOf(4, frozen))).toMatchObject({ kind: 'landed' });
    expect((await landing.read(rig.project, 'main')).ledger).toMatchObject({ kind: 'whole', entries: { length: 4 } });
    expect(verified).toBe(4);
  });

  it('stays readable after the key was replaced, as long as the old public key is given', async () => {
    const rig = await landingRig();
    await ledgerOf(rig, entryOf(1, owner));
    const again = createLedgerKey(rig.key.pem);
    expect([again.keyId, again.publicPem]).toEqual([rig.key.keyId, rig.key.publicPem]);
    const next = createLedgerKey(null, [rig.key.publicPem]);
    const { landing } = rig.worker({ signer: next });
    const { ledger: read } = await landing.read(rig.project, 'main');
    const head = read.kind === 'whole' ? read.head : null;
    expect(await landing.append(rig.project, head, entryOf(2, frozen))).toMatchObject({ kind: 'landed' });
    expect((await landing.read(rig.project, 'main')).ledger).toMatchObject({ entries: { length: 2 } });
    const alone = rig.worker({ signer: createLedgerKey(next.pem) });
    expect((await alone.landing.read(rig.project, 'main')).ledger).toEqual({
      kind: 'broken',
      because: `ledger commit ${head} is not signed by a key of this server`,
    });
    expect(() => createLedgerKey('-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----')).toThrow();
  });

  it.each`
    entry                                             | because
    ${entryOf(3, frozen)}                             | ${'the next one is 2'}
    ${entryOf(1, frozen)}                             | ${'the next one is 2'}
    ${entryOf(2, frozen, { repository: 8 })}          | ${'it is of repository 8, not 7'}
    ${entryOf(2, frozen, { branch: 'release' })}      | ${"is another ledger's"}
    ${entryOf(2, { kind: 'thawed', by: 5 } as never)} | ${'nobody could read it again'}
  `('is never given an entry that does not belong: $because', async ({ entry, because }) => {
    const rig = await landingRig();
    const [head = null] = await ledgerOf(rig, entryOf(1, owner));
    await expect(rig.worker().landing.append(rig.project, head, entry)).rejects.toThrow(because);
    expect(rig.upstream.git('rev-parse', ledger)).toBe(head);
  });
});

/** What somebody who may push can put in the place of a ledger: given its commits, gives the new head. */
type Attack = (rig: LandingRig, commits: readonly Sha[]) => Sha | Promise<Sha>;

function textOf(rig: LandingRig, commit: Sha): { entry: string; seal: string } {
  const read = (name: string) => `${rig.upstream.git('show', `${commit}:${name}`)}\n`;
  return { entry: read('entry.json'), seal: read('entry.sig') };
}

function commitWith(rig: LandingRig, on: Sha | null, files: Readonly<Record<string, string>>): Sha {
  const tree = rig.upstream.git('rev-parse', `${rig.upstream.commit({ files })}^{tree}`);
  const parent = on === null ? [] : ['-p', on];
  return toSha(
    rig.upstream.git('-c', 'user.name=E', '-c', 'user.email=e@e', 'commit-tree', tree, ...parent, '-m', 'e'),
  );
}

/** An entry of another ledger, signed by the server itself. */
async function signedElsewhere(rig: LandingRig, on: Sha | null, entry: LedgerEntry): Promise<Sha> {
  return writeLedgerCommit(rig.upstream.folder, rig.key, on, entry);
}

const attacks: readonly (readonly [string, Attack, RegExp])[] = [
  [
    'an entry signed by another key',
    (rig, [, , last = nowhere]) =>
      writeLedgerCommit(rig.upstream.folder, createLedgerKey(null), last, entryOf(4, frozen)),
    /^ledger commit \w{40} is not signed by a key of this server$/,
  ],
  [
    'an entry whose text was changed under its signature',
    (rig, [one = nowhere, two = nowhere]) => {
      const { entry, seal } = textOf(rig, two);
      return commitWith(rig, one, { 'entry.json': entry.replace('"sequence":2', '"sequence":3'), 'entry.sig': seal });
    },
    /is not signed by a key of this server/,
  ],
  [
    'an entry without a signature',
    (rig, [, , last = nowhere]) => commitWith(rig, last, { 'entry.json': textOf(rig, last).entry }),
    /does not hold entry.json and entry.sig/,
  ],
  ['any other commit', (rig) => rig.start, /does not hold entry.json and entry.sig/],
  ['no commit at all', (rig) => toSha(rig.upstream.write('blob', Buffer.from('x'))), /is no commit/],
  [
    'an older entry once more',
    (rig, [, two = nowhere, last = nowhere]) => {
      const { entry, seal } = textOf(rig, two);
      return commitWith(rig, last, { 'entry.json': entry, 'entry.sig': seal });
    },
    /holds the entry of another place in the ledger/,
  ],
  [
    'an entry left out between two others',
    (rig, [one = nowhere, , last = nowhere]) => {
      const { entry, seal } = textOf(rig, last);
      return commitWith(rig, one, { 'entry.json': entry, 'entry.sig': seal });
    },
    /holds the entry of another place in the ledger/,
  ],
  [
    'an entry of another branch',
    (rig, [, , last = nowhere]) => signedElsewhere(rig, last, entryOf(4, frozen, { branch: 'release' })),
    /holds an entry of branch "release"/,
  ],
  [
    'the whole ledger of another branch',
    (rig) => signedElsewhere(rig, null, entryOf(1, owner, { branch: 'release' })),
    /holds an entry of branch "release"/,
  ],
  [
    'an entry of another repository',
    (rig, [, , last = nowhere]) => signedElsewhere(rig, last, entryOf(4, frozen, { repository: 8 })),
    /holds an entry of repository 8/,
  ],
  [
    'a gap in the numbers',
    (rig, [, , last = nowhere]) => signedElsewhere(rig, last, entryOf(5, frozen)),
    /holds entry 3, before entry 5/,
  ],
  [
    'a beginning that is not the first',
    (rig) => signedElsewhere(rig, null, entryOf(2, frozen)),
    /begins the ledger with entry 2 instead of 1/,
  ],
  [
    'a merge of two chains',
    (rig, [one = nowhere, , last = nowhere]) => {
      const tree = rig.upstream.git('rev-parse', `${last}^{tree}`);
      return toSha(rig.upstream.git('commit-tree', tree, '-p', last, '-p', one, '-m', 'e'));
    },
    /has more than one parent/,
  ],
  [
    'the last entry with a file beside it',
    (rig, [, two = nowhere, last = nowhere]) => {
      const { entry, seal } = textOf(rig, last);
      return commitWith(rig, two, { 'entry.json': entry, 'entry.sig': seal, more: 'x' });
    },
    /is not written as the server writes it/,
  ],
  [
    'the last entry under another author',
    (rig, [, two = nowhere, last = nowhere]) => {
      const { entry, seal } = textOf(rig, last);
      return commitWith(rig, two, { 'entry.json': entry, 'entry.sig': seal });
    },
    /is not written as the server writes it/,
  ],
  [
    'an entry of a later version',
    (rig, [, , last = nowhere]) => {
      const text = canonicalJson({ ...entryOf(4, frozen), schema: 2, parent: last });
      const seal = canonicalJson(rig.key.sign(Buffer.from(text)));
      return commitWith(rig, last, { 'entry.json': text, 'entry.sig': seal });
    },
    /holds an entry that this version cannot read/,
  ],
  [
    'an entry with a field too many',
    (rig, [, , last = nowhere]) => {
      const text = canonicalJson({ ...entryOf(4, { ...owner, extra: 1 } as never), parent: last });
      const seal = canonicalJson(rig.key.sign(Buffer.from(text)));
      return commitWith(rig, last, { 'entry.json': text, 'entry.sig': seal });
    },
    /holds an entry that this version cannot read/,
  ],
];

describe('a ledger is broken, with the commit named, by', () => {
  it.each(attacks)('%s', async (_, attack, because) => {
    const rig = await landingRig();
    const commits = await ledgerOf(rig, ...three);
    const reader = rig.worker().landing;
    const fresh = rig.worker().landing;
    expect((await reader.read(rig.project, 'main')).ledger.kind).toBe('whole');
    const head = await attack(rig, commits);
    rig.upstream.setRef(ledger, head);
    for (const landing of [reader, fresh]) {
      const { tip, ledger: read } = await landing.read(rig.project, 'main');
      expect(tip).toBe(rig.start);
      expect(read).toEqual({ kind: 'broken', because: expect.stringMatching(because) });
    }
    rig.upstream.setRef(ledger, commits[2] ?? null);
    expect((await reader.read(rig.project, 'main')).ledger.kind).toBe('whole');
  });

  it.each([1, null])('a cut back to %s, for who read it before; the chain alone does not tell', async (kept) => {
    const rig = await landingRig();
    const commits = await ledgerOf(rig, ...three);
    const { landing } = rig.worker();
    await landing.read(rig.project, 'main');
    rig.upstream.setRef(ledger, kept === null ? null : (commits[0] ?? null));
    expect((await landing.read(rig.project, 'main')).ledger).toEqual({
      kind: 'broken',
      because: `the ledger was cut: ${commits[2]}, verified before, is no longer in it`,
    });
    expect((await rig.worker().landing.read(rig.project, 'main')).ledger).toMatchObject({
      kind: 'whole',
      entries: { length: kept ?? 0 },
    });
  });
});
