import { describe, expect, it } from 'vitest';
import type { PlannedJob } from '../../../src/core/postsubmit/planned-job.ts';
import { forecastPush, reportPush } from '../../../src/core/postsubmit/report-push.ts';
import type { PushDecision } from '../../../src/core/version/decide-push.ts';
import type { ReleaseDecision } from '../../../src/core/version/decide-release.ts';
import { parseVersion } from '../../../src/core/version/read-version.ts';
import { sha } from '../../fakes/model-data.ts';

function releaseOf(text: string, kind: ReleaseDecision['kind'], row: string, because: string): ReleaseDecision {
  const version = parseVersion(text, 'semver');
  if (typeof version === 'string') throw new Error(version);
  return { row, version, commit: sha('a1'), kind, because };
}

function decisionOf(row: string, dev: PushDecision['dev']['kind'], because: string, over: Partial<PushDecision> = {}) {
  return {
    row,
    dev: { kind: dev, version: null, because },
    releases: [],
    waits: null,
    warnings: [],
    cut: null,
    ...over,
  };
}

const made = releaseOf('v1.2.3', 'build', 'V11', 'release v1.2.3 from a1a1a1');
const held = releaseOf('v1.2.3', 'held', 'V16', 'alice is not in `initiators`');
const failed = releaseOf('v1.2.2', 'failed', 'V14', 'version goes backwards');
const confirmed = releaseOf('v1.2.3', 'confirm', 'V12', 'v1.2.3 is released already');
const quiet = ['skip', 'what changed is in the release'] as const;

const job: PlannedJob = {
  pipeline: 'release',
  job: 'publish',
  decision: 'run',
  reason: 'V11: release v1.2.3 | from a1a1a1',
  images: [
    { name: 'api', tags: ['v1.2.3', 'v1.2'] },
    { name: 'web', tags: ['v1.2.3'] },
  ],
  release: { version: 'v1.2.3', final: true },
};

describe('`sluice/version` on a pushed commit (versions.md §8)', () => {
  it.each<[PushDecision, string, string]>([
    [
      decisionOf('V6', 'skip', 'only VERSION changed, no dev images'),
      'skipped',
      'V6: only VERSION changed, no dev images',
    ],
    [decisionOf('V2', 'none', 'no images are made of this branch'), 'skipped', 'V2: no images are made of this branch'],
    [decisionOf('V7', 'build', 'dev images of what changed'), 'building', 'V7: dev images of what changed'],
    [decisionOf('V3', 'failed', 'VERSION:1: no version'), 'failure', 'V3: VERSION:1: no version'],
    [decisionOf('V11', ...quiet, { releases: [made] }), 'building', 'V11: release v1.2.3 from a1a1a1 (2 images)'],
    [decisionOf('V11', ...quiet, { releases: [confirmed] }), 'building', 'V12: v1.2.3 is released already (2 images)'],
    [decisionOf('V11', ...quiet, { releases: [made, held] }), 'action_required', 'V16: alice is not in `initiators`'],
    [decisionOf('V11', ...quiet, { releases: [held, failed] }), 'failure', 'V14: version goes backwards'],
    [decisionOf('V11', ...quiet, { releases: [made, confirmed] }), 'building', 'V11: releases v1.2.3, v1.2.3'],
    [decisionOf('V10', 'build', 'dev images', { waits: 'not known yet' }), 'building', 'V10: not known yet'],
  ])('%j is %s: %s', (decision, state, title) => {
    expect(reportPush(decision, [job])).toMatchObject({ state, title });
  });

  it('has a row for each image with its tags, and what a warning says before them', () => {
    const decision = decisionOf('V11', ...quiet, { releases: [made], warnings: ['v1.2.2 stays released'] });
    expect(reportPush(decision, [job]).summary).toBe(
      [
        'v1.2.2 stays released.\n',
        '| job | image | tags | |',
        '|---|---|---|---|',
        '| `publish` | `api` | `v1.2.3`<br>`v1.2` | run: V11: release v1.2.3 \\| from a1a1a1 |',
        '| `publish` | `web` | `v1.2.3` | run: V11: release v1.2.3 \\| from a1a1a1 |',
      ].join('\n'),
    );
    expect(reportPush(decisionOf('V6', 'skip', 'nothing'), []).summary).toBe('');
  });
});

describe('what merging would do (V23)', () => {
  it.each<[PushDecision, string]>([
    [
      decisionOf('V6', 'skip', 'only VERSION changed, no dev images'),
      'After merge (V6): only VERSION changed, no dev images.',
    ],
    [
      decisionOf('V2', 'none', 'no images are made of this branch'),
      'After merge (V2): no images are made of this branch.',
    ],
    [decisionOf('V11', ...quiet, { releases: [made] }), 'After merge (V11): release v1.2.3.'],
    [
      decisionOf('V11', 'build', 'dev images of what changed', { releases: [held] }),
      'After merge (V11): release v1.2.3, held: alice is not in `initiators`; dev images of what changed.',
    ],
    [
      decisionOf('V11', ...quiet, { releases: [failed, confirmed] }),
      'After merge (V11): the release of v1.2.2 would fail: version goes backwards; v1.2.3 is released already.',
    ],
    [decisionOf('V10', 'skip', 'x', { waits: 'it is not known yet' }), 'After merge (V10): it is not known yet.'],
  ])('%j is told as: %s', (decision, expected) => {
    expect(forecastPush(decision)).toBe(expected);
  });
});
