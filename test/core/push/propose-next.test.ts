import { describe, expect, it } from 'vitest';
import { parseProjectConfig } from '../../../src/config/parse-project-config.ts';
import { isProposing, proposalsOf, proposeNext } from '../../../src/core/push/propose-next.ts';
import { parseVersion } from '../../../src/core/version/read-version.ts';
import type { Outcome, Proposed } from '../../../src/model/proposal.ts';
import type { PushRun } from '../../../src/model/push.ts';
import { type Sha, toSha } from '../../../src/model/sha.ts';
import type { VersionReading } from '../../../src/model/version.ts';
import type { VersionSettings } from '../../../src/model/version-settings.ts';

const after: Sha = toSha('a'.repeat(40));

function settings(automation: string): VersionSettings {
  const text = `version: { file: VERSION, main: main, releaseBranches: "release-v*", automation: { ${automation} } }`;
  const state = parseProjectConfig(text, { file: '.sluice.yaml', repositoryName: 'shop' });
  const version = state.kind === 'valid' ? state.config.version : null;
  if (version === null) throw new Error(JSON.stringify(state));
  return version;
}

function reading(text: string): VersionReading {
  const version = parseVersion(text, 'semver');
  if (typeof version === 'string') throw new Error(version);
  return { kind: 'version', version };
}

const both = settings('cutBranch: true, nextDev: true');

function proposed(from: string, to: string, role: 'main' | 'other' = 'main', given: VersionSettings | null = both) {
  const list = from === to ? [] : [{ from: reading(from), to: reading(to) }];
  const facts = {
    branch: 'main',
    role: { kind: role },
    after,
    version: reading(to),
    transitions: { known: true, list },
  };
  const component = { name: null, file: 'VERSION', paths: null, tagPrefix: null };
  const pushed = { component, facts } as unknown as Parameters<typeof proposalsOf>[1][number];
  return proposalsOf(given, [pushed]).map(({ base, head, at, file, from: now, version }) =>
    [base, head, at, file, now, version].join(' '),
  );
}

describe('what main goes on with', () => {
  it('is the next minor dev version, where its version became final and is cut (V21)', () => {
    const head = 'sluice/next-dev/main/v1.3.0-dev';
    expect(proposed('v1.2.0-dev', 'v1.2.0')).toEqual([`main ${head} ${after} VERSION v1.2.0 v1.3.0-dev`]);
  });

  it.each`
    why                              | from            | to              | role       | automation
    ${'the next cycle was pushed'}   | ${'1.2.0-dev'}  | ${'1.3.0-dev'}  | ${'main'}  | ${'cutBranch: true, nextDev: true'}
    ${'it was final before'}         | ${'1.2.0'}      | ${'1.2.0'}      | ${'main'}  | ${'cutBranch: true, nextDev: true'}
    ${'only a prerelease was made'}  | ${'1.2.0-rc.1'} | ${'1.2.0-rc.2'} | ${'main'}  | ${'cutBranch: true, nextDev: true'}
    ${'it is another branch'}        | ${'1.2.0-dev'}  | ${'1.2.0'}      | ${'other'} | ${'cutBranch: true, nextDev: true'}
    ${'nobody asked for it'}         | ${'1.2.0-dev'}  | ${'1.2.0'}      | ${'main'}  | ${'cutBranch: true'}
    ${'its branch is cut by people'} | ${'1.2.0-dev'}  | ${'1.2.0'}      | ${'main'}  | ${'nextDev: true'}
  `('is nobody’s guess where $why', ({ from, to, role, automation }) => {
    expect(proposed(from, to, role, settings(automation))).toEqual([]);
  });

  it('is nothing in a project that only tries us out', () => {
    expect(proposed('v1.2.0-dev', 'v1.2.0', 'main', null)).toEqual([]);
  });
});

describe('a proposal', () => {
  const open: Proposed = {
    base: 'main',
    head: 'sluice/next-dev/main/1.3.0-dev',
    at: after,
    file: 'VERSION',
    from: '1.2.0',
    version: '1.3.0-dev',
    ended: null,
  };

  function pass(given: Proposed, came: Outcome | null, endedAt: number | null = null) {
    const effects: { kind: string }[] = [];
    const draft = { effects, reasons: [] } as unknown as Parameters<typeof proposeNext>[0];
    const facts = { proposed: new Map(came === null ? [] : [[open.head, came]]) };
    const run = proposeNext(draft, facts, { proposals: [given], endedAt } as unknown as PushRun);
    return { ended: run.proposals?.[0]?.ended, asked: effects.length, isProposing: isProposing(run) };
  }

  it('is asked for in every pass until it is known what came of it, and then never again', () => {
    expect(pass(open, null)).toEqual({ ended: null, asked: 1, isProposing: true });
    const ended = { kind: 'there', because: '#7 proposes 1.3.0-dev' } as const;
    expect(pass(open, ended)).toEqual({ ended, asked: 0, isProposing: false });
    expect(pass({ ...open, ended }, null)).toEqual({ ended, asked: 0, isProposing: false });
  });
});
