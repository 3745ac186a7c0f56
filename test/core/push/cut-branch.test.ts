import { describe, expect, it } from 'vitest';
import { parseProjectConfig } from '../../../src/config/parse-project-config.ts';
import { cutBranch } from '../../../src/core/push/cut-branch.ts';
import type { PushedFacts } from '../../../src/core/push/facts.ts';
import { cutOf } from '../../../src/core/push/name-cut.ts';
import { parseVersion } from '../../../src/core/version/read-version.ts';
import type { BranchCut, PushRun, PushWords } from '../../../src/model/push.ts';
import { type Sha, toSha } from '../../../src/model/sha.ts';
import type { VersionSettings } from '../../../src/model/version-settings.ts';

const [here, there] = [toSha('a'.repeat(40)), toSha('b'.repeat(40))];
const words: PushWords = { state: 'skipped', title: 'V6: only VERSION changed', summary: '' };

function settings(releaseBranches: string): VersionSettings {
  const text = `version: { file: VERSION, main: main, releaseBranches: ${releaseBranches}, automation: { cutBranch: true } }`;
  const state = parseProjectConfig(text, { file: '.sluice.yaml', repositoryName: 'shop' });
  const version = state.kind === 'valid' ? state.config.version : null;
  if (version === null) throw new Error(JSON.stringify(state));
  return version;
}

function cutsOf(pattern: string, ...versions: readonly string[]) {
  const decisions = versions.map((text) => {
    const version = parseVersion(text, 'semver');
    if (typeof version === 'string') throw new Error(version);
    return { cut: { version, at: here } };
  });
  return cutOf(settings(pattern), decisions, words);
}

describe('the branch of a version that main leaves', () => {
  it.each([
    ['"release-v{major}.{minor}"', 'v1.2.0-dev', 'release-v1.2'],
    ['"release-v*"', '1.2.0-dev', 'release-v1.2'],
    ['["hotfix-[ab]", "rel/{major}.{minor}"]', '1.2.3-dev', 'rel/1.2'],
  ])('is named by the pattern %s for %s: %s', (pattern, version, branch) => {
    expect(cutsOf(pattern, version)).toEqual({ cut: { branch, at: here, version }, words });
  });

  it.each(['"release-*-v*"', '"release-[ab]"', 'stable', '"release-v{major}"'])(
    'is not guessed where %s tells no name',
    (pattern) => {
      const { cut, words: told } = cutsOf(pattern, '1.2.0-dev');
      expect(cut).toBeNull();
      expect(told?.summary).toMatch(/^V6: only VERSION changed\.\n\nNo branch was created for `1\.2\.0-dev`/);
    },
  );

  it('is one where several versions of a project name it, and none where nothing may be created', () => {
    expect(cutsOf('"release-v*"', '1.2.0-dev', '1.2.5-dev').cut).toMatchObject({ version: '1.2.0-dev' });
    expect(cutOf(null, [], words)).toEqual({ cut: null, words });
  });
});

describe('a branch that is to be created', () => {
  const open: BranchCut = { branch: 'release-v1.2', at: here, version: '1.2.0-dev', ended: null };

  function pass(
    cut: BranchCut,
    branches: Readonly<Record<string, Sha>> | null,
    uncut: Readonly<Record<string, string>> = {},
  ) {
    const effects: unknown[] = [];
    const draft = { effects, reasons: [] } as unknown as Parameters<typeof cutBranch>[0];
    const facts = { branches: branches && new Map(Object.entries(branches)), uncut: new Map(Object.entries(uncut)) };
    const run = cutBranch(draft, facts as unknown as PushedFacts, { cut } as unknown as PushRun);
    return { cut: run.cut, effects };
  }

  it('is asked for in every pass until the forge shows it', () => {
    const wanted = { cut: open, effects: [{ kind: 'cut', branch: 'release-v1.2', at: here }] };
    expect(pass(open, { main: there })).toEqual(wanted);
    expect(pass(open, {})).toEqual(wanted);
    expect(pass(open, null)).toEqual({ cut: open, effects: [] });
  });

  it.each([
    ['is there', { 'release-v1.2': here }, {}, 'there', 'where 1.2.0-dev ends here'],
    ['is there already, elsewhere', { 'release-v1.2': there }, {}, 'there', 'at bbbbbbbbbbbb: it stays as it is'],
    ['is refused', {}, { 'release-v1.2': 'protected' }, 'failed', 'could not be created at aaaaaaaaaaaa: protected'],
  ])('that %s is asked for no more, and it says so', (_title, branches, uncut, kind, because) => {
    const { cut, effects } = pass(open, branches, uncut);
    expect(effects).toEqual([]);
    expect(cut?.ended).toEqual({ kind, because: expect.stringContaining(because) });
  });

  it('is not created again after somebody took it away', () => {
    const done = { ...open, ended: { kind: 'there', because: 'it was' } } as const;
    expect(pass(done, {})).toEqual({ cut: done, effects: [] });
  });
});
