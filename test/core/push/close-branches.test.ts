import { describe, expect, it } from 'vitest';
import { parseProjectConfig } from '../../../src/config/parse-project-config.ts';
import { closeBranches, closesOf, isClosing } from '../../../src/core/push/close-branches.ts';
import type { BranchClose, BranchCut, PushRun } from '../../../src/model/push.ts';
import { type Sha, toSha } from '../../../src/model/sha.ts';
import type { VersionSettings } from '../../../src/model/version-settings.ts';

const at: Sha = toSha('a'.repeat(40));

function settings(patterns: string, keep: number | null): VersionSettings {
  const kept = keep === null ? '' : `, automation: { keepBranches: ${keep} }`;
  const text = `version: { file: VERSION, main: main, releaseBranches: ${patterns}${kept} }`;
  const state = parseProjectConfig(text, { file: '.sluice.yaml', repositoryName: 'shop' });
  const version = state.kind === 'valid' ? state.config.version : null;
  if (version === null) throw new Error(JSON.stringify(state));
  return version;
}

function closed(patterns: string, keep: number | null, names: readonly string[], cut: string | null = null): string {
  const branches = new Map(names.map((name) => [name, at]));
  return closesOf(settings(patterns, keep), branches, cut, 'main')
    .map(({ branch }) => branch)
    .join(' ');
}

const minors = ['main', 'release-v1.10', 'release-v1.2', 'release-v1.9', 'release-v2.0', 'topic'];

describe('release branches beside the newest so many', () => {
  it.each`
    patterns                           | keep    | cut               | names                                                  | expected
    ${'"release-v{major}.{minor}"'}    | ${2}    | ${null}           | ${minors}                                              | ${'release-v1.2 release-v1.9'}
    ${'"release-v*"'}                  | ${2}    | ${null}           | ${minors}                                              | ${'release-v1.2 release-v1.9'}
    ${'"release-v*"'}                  | ${1}    | ${null}           | ${minors}                                              | ${'release-v1.2 release-v1.9 release-v1.10'}
    ${'"release-v*"'}                  | ${4}    | ${null}           | ${minors}                                              | ${''}
    ${'"release-v*"'}                  | ${4}    | ${'release-v2.1'} | ${minors}                                              | ${'release-v1.2'}
    ${'"release-v*"'}                  | ${4}    | ${'release-v2.0'} | ${minors}                                              | ${''}
    ${'"release-v*"'}                  | ${3}    | ${'release-v1.0'} | ${minors}                                              | ${'release-v1.2'}
    ${'"release-v*"'}                  | ${null} | ${null}           | ${minors}                                              | ${''}
    ${'["rel-{major}", "release-v*"]'} | ${1}    | ${null}           | ${['rel-1', 'rel-12', 'release-v1.2']}                 | ${'rel-1'}
    ${'"release-v*"'}                  | ${1}    | ${null}           | ${['release-vnext', 'release-v1.2.3', 'release-v1.2']} | ${''}
    ${'"{major}.{minor}"'}             | ${1}    | ${null}           | ${['1.2', '1.3', 'x1.1']}                              | ${'1.2'}
  `('$keep of $patterns in $names, $cut to come, close $expected', ({ patterns, keep, cut, names, expected }) => {
    expect(closed(patterns, keep, names, cut)).toBe(expected);
  });

  it('are never main or the default branch, whatever they are called', () => {
    const own = settings('"{major}.{minor}"', 1);
    const branches = new Map(['1.0', '1.1', '1.2'].map((name) => [name, at]));
    expect(closesOf(own, branches, null, '1.0').map(({ branch }) => branch)).toEqual(['1.1']);
    expect(closesOf({ ...own, main: '1.1' }, branches, null, '1.0')).toEqual([]);
  });
});

describe('a branch that is to be closed', () => {
  const open: BranchClose = { branch: 'release-v1.0', at, keep: 3, ended: null };
  const cut: BranchCut = { branch: 'release-v1.4', at, version: 'v1.4.0-dev', ended: null };

  function pass(run: Partial<PushRun>, came: BranchClose['ended'] = null) {
    const effects: { kind: string }[] = [];
    const draft = { effects, reasons: [] } as unknown as Parameters<typeof closeBranches>[0];
    const closedNow = new Map(came === null ? [] : [[open.branch, came]]);
    const after = closeBranches(draft, { closed: closedNow }, { closes: [open], endedAt: null, ...run } as PushRun);
    return { ended: after.closes?.[0]?.ended, asked: effects.length, isClosing: isClosing(after) };
  }

  it('is asked for in every pass until it is known what came of it, and then never again', () => {
    expect(pass({})).toEqual({ ended: null, asked: 1, isClosing: true });
    const ended = { kind: 'closed', because: 'it was' } as const;
    expect(pass({}, ended)).toEqual({ ended, asked: 0, isClosing: false });
    expect(pass({ closes: [{ ...open, ended }] })).toEqual({ ended, asked: 0, isClosing: false });
  });

  it('waits for the branch that takes its place, and stays where that could not be created', () => {
    expect(pass({ cut })).toEqual({ ended: null, asked: 0, isClosing: true });
    expect(pass({ cut: { ...cut, ended: { kind: 'there', because: '' } } })).toMatchObject({ asked: 1 });
    expect(pass({ cut: { ...cut, ended: { kind: 'failed', because: 'protected' } } })).toEqual({
      ended: { kind: 'kept', because: 'the branch release-v1.0 stays, as release-v1.4 could not be created' },
      asked: 0,
      isClosing: false,
    });
  });
});
