import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gitEnvironment } from '../../../src/adapters/git/git-environment.ts';
import { createObjectReader, type ObjectReader } from '../../../src/adapters/git/object-reader.ts';
import { readPush } from '../../../src/adapters/git/read-push.ts';
import { decidePush, type PushDecision } from '../../../src/core/version/decide-push.ts';
import type { BranchRole, PushFacts, ReleaseRecord } from '../../../src/core/version/push-facts.ts';
import { readTransitions } from '../../../src/core/version/read-transitions.ts';
import { parseVersion } from '../../../src/core/version/read-version.ts';
import { type Sha, toSha } from '../../../src/model/sha.ts';
import type { Version } from '../../../src/model/version.ts';
import { type FileChange, makeRepository, type Repository } from '../../adapters/git/repository.ts';

const file = 'VERSION';
const main: BranchRole = { kind: 'main' };
const release: BranchRole = { kind: 'release', binds: ['1', '2'], makesDev: true };

let root: string;
let repository: Repository;
let objects: ObjectReader;
/** Version 1.2.3-dev, with a file beside it. */
let start: Sha;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-version-rows-'));
  repository = makeRepository(root, 'r.git');
  const environment = gitEnvironment({ PATH: process.env.PATH ?? '' });
  objects = createObjectReader(repository.folder, { environment, answerMs: 20_000, idleMs: 60_000, maxBytes: 2 ** 20 });
  start = repository.commit({ files: { VERSION: '1.2.3-dev\n', 'main.go': 'one\n' } });
});

afterAll(() => {
  objects.end();
  rmSync(root, { recursive: true, force: true });
});

type Files = Readonly<Record<string, FileChange>>;

/** Commits on one another; the last is what is pushed. */
function commits(on: Sha, ...all: readonly Files[]): Sha[] {
  const made: Sha[] = [];
  for (const files of all) made.push(repository.commit({ on: made.at(-1) ?? on, files }));
  return made;
}

/** A merge of the second into the first, with the tree of a third. */
function merge(first: Sha, second: Sha, tree: Sha): Sha {
  return toSha(repository.git('commit-tree', '-p', first, '-p', second, '-m', 'merge', `${tree}^{tree}`));
}

function treeOf(commit: Sha): Sha {
  return toSha(repository.git('rev-parse', `${commit}^{tree}`));
}

function version(text: string): Version {
  const parsed = parseVersion(text, 'semver');
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

function recordOf(text: string, commit: Sha): ReleaseRecord {
  return { version: version(text), commit, tree: treeOf(commit), state: 'released' };
}

type Wishes = Partial<Omit<PushFacts, 'settings'>> & { readonly settings?: Partial<PushFacts['settings']> };

async function push(role: BranchRole, before: Sha, after: Sha, wishes: Wishes = {}): Promise<PushDecision> {
  const { settings, ...over } = wishes;
  const records = over.records ?? [];
  return decidePush({
    branch: role.kind === 'release' ? 'release-v1.2' : 'main',
    role,
    change: 'pushed',
    after,
    file,
    ...readTransitions(await readPush(objects, before, after, file), 'semver'),
    records,
    released: records.map((record) => record.version),
    initiator: { whyNot: null },
    settings: {
      isSkipped: (path) => path === file,
      fallback: null,
      prereleases: 'build',
      versionOnly: false,
      allowBackfill: false,
      onBranchCreatedWithFinal: 'hold',
      cutBranch: false,
      ...settings,
    },
    ...over,
  });
}

/** `row dev · row kind version@commit …` with the place of the commit among those pushed. */
function told({ row, dev, releases }: PushDecision, pushed: readonly Sha[] = []): string {
  const made = releases.map((each) => {
    const at = pushed.indexOf(each.commit);
    return `${each.row} ${each.kind} ${each.version.raw}@${at === -1 ? each.commit : 'ABCDE'[at]}`;
  });
  return [`${row} ${dev.kind}${dev.version ? ` ${dev.version.raw}` : ''}`, ...made].join(' · ');
}

describe('pushes to main (versions.md §2)', () => {
  it.each<[string, readonly Files[], string]>([
    ['VERSION alone goes to the next cycle', [{ VERSION: '1.3.0-dev\n' }], 'V6 skip'],
    ['VERSION alone becomes final', [{ VERSION: '1.2.3\n' }], 'V6 skip'],
    ['a file', [{ 'main.go': 'two\n' }], 'V7 build 1.2.3-dev'],
    ['a file and its revert', [{ 'main.go': 'two\n' }, { 'main.go': 'one\n' }], 'V5 skip'],
    ['VERSION, and then a file', [{ VERSION: '1.3.0-dev\n' }, { 'main.go': 'two\n' }], 'V8 build 1.3.0-dev'],
    ['VERSION and documents', [{ VERSION: '1.3.0-dev\n', 'docs/x': 'x\n' }], 'V8 build 1.3.0-dev'],
    ['a file with a final VERSION', [{ VERSION: '1.2.3\n', 'main.go': 'two\n' }], 'V8 build 1.2.3'],
    ['a VERSION that is none', [{ VERSION: 'one\n' }], 'V3 failed'],
    ['no VERSION any more', [{ VERSION: null }], 'V4 failed'],
    ['a VERSION that leads elsewhere', [{ VERSION: { mode: '120000', content: 'main.go' } }], 'V3 failed'],
  ])('%s', async (_, changes, expected) => {
    const pushed = commits(start, ...changes);
    expect(told(await push(main, start, pushed.at(-1) ?? start))).toBe(expected);
  });

  it('an empty commit changes nothing', async () => {
    const empty = toSha(repository.git('commit-tree', '-p', start, '-m', 'empty', treeOf(start)));
    expect(told(await push(main, start, empty))).toBe('V5 skip');
  });

  it('what a project says makes no dev image makes none', async () => {
    const [after = start] = commits(start, { VERSION: '1.3.0-dev\n', 'docs/x': 'x\n' });
    const isSkipped = (path: string): boolean => path === 'VERSION' || path.startsWith('docs/');
    const decided = await push(main, start, after, { settings: { isSkipped } });
    expect([told(decided), decided.dev.because]).toEqual([
      'V6 skip',
      'only files of `dev.skipIfOnly` changed, no dev images',
    ]);
  });

  it('a missing VERSION is taken for what the project falls back to', async () => {
    const [gone = start] = commits(start, { VERSION: null });
    const [after = start] = commits(gone, { 'main.go': 'two\n' });
    const decided = await push(main, gone, after, { settings: { fallback: version('0.0.0-dev') } });
    expect(told(decided)).toBe('V7 build 0.0.0-dev');
  });

  it('what cannot be found out is built', async () => {
    const [after = start] = commits(start, { VERSION: '1.3.0-dev\n' });
    const delta = { known: false, because: 'the forge is away' } as const;
    const decided = await push(main, start, after, { delta });
    expect([told(decided), decided.dev.because]).toEqual([
      'V7 build 1.3.0-dev',
      'dev images, as what changed could not be found out (the forge is away)',
    ]);
  });

  it('cuts the branch of what it leaves behind where that was last, if it may', async () => {
    const [fixed = start, next = start] = commits(start, { 'main.go': 'two\n' }, { VERSION: '1.3.0-dev\n' });
    expect((await push(main, start, next)).cut).toBeNull();
    const decided = await push(main, start, next, { settings: { cutBranch: true } });
    expect([decided.cut?.at, decided.cut?.version.raw]).toEqual([fixed, '1.2.3-dev']);
    const [patch = start] = commits(start, { VERSION: '1.2.4-dev\n' });
    expect((await push(main, start, patch, { settings: { cutBranch: true } })).cut).toBeNull();
  });
});

describe('pushes to a release branch', () => {
  it.each<[string, readonly Files[], string]>([
    ['VERSION becomes final', [{ VERSION: '1.2.3\n' }], 'V11 skip · V11 build 1.2.3@A'],
    [
      'final, and the next cycle at once: the commit in between is released',
      [{ VERSION: '1.2.3\n' }, { VERSION: '1.2.4-dev\n' }],
      'V11 skip · V11 build 1.2.3@A',
    ],
    [
      'a fix, the release, the next cycle, another fix',
      [{ 'fix.go': '1\n' }, { VERSION: '1.2.3\n' }, { VERSION: '1.2.4-dev\n' }, { 'fix2.go': '2\n' }],
      'V11 build 1.2.4-dev · V11 build 1.2.3@B',
    ],
    ['only a comment beside the version', [{ VERSION: '1.2.3-dev # soon\n' }], 'V9 skip'],
    ['only a v before it', [{ VERSION: 'v1.2.3-dev\n' }], 'V9 skip'],
    ['the next cycle', [{ VERSION: '1.2.4-dev\n' }], 'V9 skip'],
    ['a fix', [{ 'fix.go': '1\n' }], 'V10 build 1.2.3-dev'],
    ['a version of another branch', [{ VERSION: '1.3.0\n' }], 'V11 skip · V15 failed 1.3.0@A'],
    ['a candidate', [{ VERSION: '1.2.3-rc.1\n' }], 'V18 skip · V18 build 1.2.3-rc.1@A'],
    [
      'two releases in one push, both in their order',
      [{ VERSION: '1.2.3\n' }, { VERSION: '1.2.4\n' }],
      'V11 skip · V11 build 1.2.3@A · V11 build 1.2.4@B',
    ],
    ['VERSION taken away and back', [{ VERSION: null }, { VERSION: '1.2.3\n' }], 'V11 skip · V11 build 1.2.3@B'],
    [
      'two releases, the second below the first',
      [{ VERSION: '1.2.4\n' }, { VERSION: '1.2.3\n' }],
      'V11 skip · V11 build 1.2.4@A · V14 held 1.2.3@B',
    ],
    [
      'a release with other files in its commit',
      [{ VERSION: '1.2.3\n', 'main.go': 'two\n' }],
      'V11 skip · V11 build 1.2.3@A',
    ],
  ])('%s', async (_, changes, expected) => {
    const pushed = commits(start, ...changes);
    expect(told(await push(release, start, pushed.at(-1) ?? start), pushed)).toBe(expected);
  });

  it('a merge is released at the merge, a fast forward at the commit that changes VERSION', async () => {
    const [fix = start, bump = start] = commits(start, { 'fix.go': '1\n' }, { VERSION: '1.2.3\n' });
    const merged = merge(start, bump, bump);
    expect(told(await push(release, start, merged), [merged])).toBe('V11 skip · V11 build 1.2.3@A');
    expect(told(await push(release, start, bump), [fix, bump])).toBe('V11 skip · V11 build 1.2.3@B');
  });

  it('what is released is confirmed, from the same commit or the same tree, and never made again', async () => {
    const [bump = start] = commits(start, { VERSION: '1.2.3\n' });
    const again = toSha(repository.git('commit-tree', '-p', start, '-m', 'the same', treeOf(bump)));
    const records = [recordOf('1.2.3', bump)];
    expect(told(await push(release, start, bump, { records }), [bump])).toBe('V11 skip · V12 confirm 1.2.3@A');
    expect(told(await push(release, start, again, { records }), [again])).toBe('V11 skip · V12 confirm 1.2.3@A');
    const [other = start] = commits(start, { VERSION: '1.2.3\n', 'main.go': 'two\n' });
    const decided = await push(release, start, other, { records });
    expect(told(decided, [other])).toBe('V11 skip · V13 failed 1.2.3@A');
    expect(decided.releases[0]?.because).toBe(`version already released from ${bump.slice(0, 12)}`);
  });

  it('a revert of a release releases nothing, and says what stays', async () => {
    const [bump = start] = commits(start, { VERSION: '1.2.3\n' });
    const [back = start] = commits(bump, { VERSION: '1.2.3-dev\n' });
    const decided = await push(release, bump, back, { records: [recordOf('1.2.3', bump)] });
    expect([told(decided), decided.warnings]).toEqual(['V9 skip', ['1.2.3 stays released']]);
  });

  it('a version does not go backwards, unless the project fills gaps', async () => {
    const [high = start] = commits(start, { VERSION: '1.2.9\n' });
    const [low = start] = commits(start, { VERSION: '1.2.4\n' });
    const records = [recordOf('1.2.9', high)];
    const decided = await push(release, start, low, { records });
    expect(told(decided, [low])).toBe('V11 skip · V14 failed 1.2.4@A');
    expect(decided.releases[0]?.because).toContain('version goes backwards: 1.2.9');
    // What its branch can never release does not wait for anybody to say which of two is right.
    const [other = start] = commits(start, { VERSION: '1.3.0\n' });
    const unrecorded = [{ version: version('1.3.1'), where: 'the git tag 1.3.1' }];
    expect(told(await push(release, start, other, { unrecorded }), [other])).toBe('V11 skip · V15 failed 1.3.0@A');
    const filled = await push(release, start, low, { records, settings: { allowBackfill: true } });
    expect(told(filled, [low])).toBe('V11 skip · V11 build 1.2.4@A');
  });

  it('what only a git tag or a registry has holds what is below it, and says where it is', async () => {
    const [low = start] = commits(start, { VERSION: '1.2.4\n' });
    const at = (text: string) => ({ unrecorded: [{ version: version(text), where: `the git tag ${text}` }] });
    const decided = await push(release, start, low, at('1.2.9'));
    expect(told(decided, [low])).toBe('V11 skip · V14 held 1.2.4@A');
    expect(decided.releases[0]?.because).toBe(
      'version goes backwards: the git tag 1.2.9 is there, of which no ledger knows a release, and 1.2.4 is not above it',
    );
    for (const other of ['1.2.3', '1.3.0'])
      expect(told(await push(release, start, low, at(other)), [low])).toBe('V11 skip · V11 build 1.2.4@A');
    const filled = { ...at('1.2.9'), settings: { allowBackfill: true } };
    expect(told(await push(release, start, low, filled), [low])).toBe('V11 skip · V11 build 1.2.4@A');
  });

  it('who may not release has it held, with the reason', async () => {
    const [bump = start] = commits(start, { VERSION: '1.2.3\n' });
    const decided = await push(release, start, bump, { initiator: { whyNot: 'mallory is not in `initiators`' } });
    expect([told(decided, [bump]), decided.releases[0]?.because]).toEqual([
      'V11 skip · V16 held 1.2.3@A',
      'mallory is not in `initiators`',
    ]);
  });

  it('a release commit may be made to change nothing else', async () => {
    const [bump = start] = commits(start, { VERSION: '1.2.3\n', 'main.go': 'two\n' });
    const decided = await push(release, start, bump, { settings: { versionOnly: true } });
    expect(told(decided, [bump])).toBe('V11 skip · V17 failed 1.2.3@A');
  });

  it('candidates are no releases where the project ignores them', async () => {
    const [bump = start] = commits(start, { VERSION: '1.2.3-rc.1\n' });
    expect(told(await push(release, start, bump, { settings: { prereleases: 'ignore' } }))).toBe('V9 skip');
  });

  it('nothing is released while it is not known what was pushed', async () => {
    const [bump = start] = commits(start, { VERSION: '1.2.3\n' });
    const decided = await push(release, start, bump, {
      transitions: { known: false, because: 'the forge is away' },
      delta: { known: false, because: 'the forge is away' },
    });
    expect([told(decided), decided.waits]).toEqual([
      'V10 build 1.2.3',
      'whether it releases anything is not known yet: the forge is away',
    ]);
  });

  it('a hundred versions in one push are a mistake', async () => {
    const many = Array.from({ length: 51 }, (_, index) => ({ VERSION: `1.2.${index + 10}\n` }));
    const pushed = commits(start, ...many);
    const decided = await push(release, start, pushed.at(-1) ?? start);
    expect(decided.releases).toEqual([]);
    expect(decided.dev.because).toBe('too many releases: 51 versions in one push');
  });
});

describe('special pushes (versions.md §5)', () => {
  it('a branch that goes away, one that nobody watches, one that was just cut', async () => {
    expect(told(await push(release, start, start, { change: 'deleted' }))).toBe('V1 cancel');
    expect(told(await push({ kind: 'other' }, start, start))).toBe('V2 none');
    expect(told(await push(release, start, start, { change: 'cut' }))).toBe('V24 none');
  });

  it('a branch cut at a final version asks before it releases that, and not again what is released', async () => {
    const [bump = start] = commits(start, { VERSION: '1.2.3\n' });
    const cut = { change: 'cut' } as const;
    expect(told(await push(release, bump, bump, cut), [bump])).toBe('V24 none · V24 held 1.2.3@A');
    const records = [recordOf('1.2.3', bump)];
    expect(told(await push(release, bump, bump, { ...cut, records }))).toBe('V24 none');
    const build = { ...cut, settings: { onBranchCreatedWithFinal: 'build' } } as const;
    expect(told(await push(release, bump, bump, build), [bump])).toBe('V24 none · V24 build 1.2.3@A');
  });

  it('a forced push counts what it brings, beside a branch that it leaves', async () => {
    const [left = start] = commits(start, { 'left.go': '1\n' });
    const pushed = commits(start, { VERSION: '1.2.3\n' }, { 'fix.go': '1\n', VERSION: '1.2.4-dev\n' });
    const after = pushed.at(-1) ?? start;
    expect(told(await push(release, left, after, { change: 'forced' }), pushed)).toBe(
      'V11 build 1.2.4-dev · V11 build 1.2.3@A',
    );
    const leaving = await push(release, left, after, { change: 'forced', leaves: [version('1.2.2')] });
    expect(leaving.warnings).toEqual(['1.2.2 stays released, though its commit is not on the branch any more']);
  });

  it('a merge that the branch had already on its other side is no part of the push', async () => {
    const [side = start] = commits(start, { VERSION: '1.2.3\n' });
    const merged = merge(start, side, side);
    const [after = start] = commits(merged, { 'fix.go': '1\n' });
    expect(told(await push(release, merged, after))).toBe('V10 build 1.2.3');
    // Reset to the side: what the merge was is gone, and the side was pushed before.
    expect(told(await push(release, merged, side, { change: 'forced' }))).toBe('V9 skip');
  });
});
