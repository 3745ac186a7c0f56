import { describe, expect, it } from 'vitest';
import type { AppContext } from '../../../src/app/context.ts';
import { forecastPull } from '../../../src/app/push/forecast-merge.ts';
import type { ConfigReader } from '../../../src/app/read-config.ts';
import { resolveVersion } from '../../../src/config/resolve/resolve-version.ts';
import type { PreparedChange } from '../../../src/model/code.ts';
import type { ConfigState } from '../../../src/model/config.ts';
import type { Listed } from '../../../src/model/person.ts';
import type { SubjectId } from '../../../src/model/subject.ts';
import type { VersionFile } from '../../../src/model/version.ts';
import { aConfig, aProject, aPullRequest, sha } from '../../fakes/model-data.ts';

const subject = 'presubmit/4711/5' as SubjectId;
const project = aProject();
const pull = aPullRequest({ baseRef: 'release-v1.2' });
const prepared: PreparedChange = {
  base: sha('b'),
  head: pull.head,
  merge: { kind: 'merged', tree: sha('7') },
  changed: { known: true, paths: [] },
};
const file = (text: string | null): VersionFile =>
  text === null ? { kind: 'absent' } : { kind: 'file', bytes: new TextEncoder().encode(text) };

interface Scene {
  readonly version?: object | null;
  readonly mode?: 'active' | 'shadow';
  readonly before?: string | null;
  readonly after?: string | null;
  readonly listed?: Listed;
  readonly known?: boolean;
  readonly config?: ConfigState;
}

const branches = { main: 'main', releaseBranches: 'release-v*' };

/** What a worker says of the pull request that `forge` is told of. */
function told(scene: Scene, forge: Parameters<typeof forecastPull>[3] = { project, pull }, change = prepared) {
  const { before = 'v1.2.3-dev\n', after = 'v1.2.3\n', mode = 'active', version = branches } = scene;
  const asked: string[] = [];
  const context = {
    ports: {
      reporter: { known: async (ids: string[]) => new Map(scene.known ? ids.map((id) => [id, {}]) : []) },
      history: {
        async merged() {
          asked.push('merged');
          return { before: file(before), after: file(after), changed: { known: true, paths: ['VERSION'] } };
        },
        tags: async () => new Map(),
      },
      source: {
        async entries(_project: unknown, at: unknown, [path = '']: readonly string[]) {
          asked.push(`${path} at ${at}`);
          return new Map([[path, { kind: after === null ? 'missing' : 'file' }]]);
        },
      },
      landing: { ledgers: async () => [] },
      registry: { tags: async () => [] },
      forge: { isOneOf: async () => scene.listed ?? { known: true, listed: true } },
      log: { warn: (_: object, words: string) => void asked.push(words) },
    },
  } as unknown as AppContext;
  const settings = version === null ? null : resolveVersion(version);
  const state = scene.config ?? { kind: 'valid', config: { ...aConfig([]), version: settings, mode } };
  const reader = { configAt: async () => state } as unknown as ConfigReader;
  return forecastPull(context, reader, subject, forge, change).then((report) => ({ report, asked }));
}

const words = async (scene: Scene) => {
  const { report } = await told(scene);
  return report && `${report.state.status === 'completed' && report.state.conclusion}: ${report.title}`;
};

const robots = { ...branches, release: { initiators: ['robot', 'team:acme/releasers'] } };

describe('what merging a pull request would do (versions.md V23)', () => {
  it.each<[string, Scene, string | null]>([
    ['a release', {}, 'neutral: After merge (V11): release v1.2.3.'],
    ['nothing', { after: 'v1.2.3-dev\n' }, 'neutral: After merge (V9): only VERSION changed, no dev images.'],
    [
      'a release that its author may not make',
      { version: robots, listed: { known: true, listed: false } },
      'neutral: After merge (V11): release v1.2.3, held: ada is not in `initiators` (robot, team:acme/releasers): one of them may release it.',
    ],
    ['a release that its author may make', { version: robots }, 'neutral: After merge (V11): release v1.2.3.'],
    [
      'a release of which nobody knows who may make it',
      { version: robots, listed: { known: false, because: 'away' } },
      'neutral: After merge (V11): release v1.2.3. Held unless one of robot, team:acme/releasers lands it.',
    ],
    [
      'what fails',
      { after: 'v1.3.0\n' },
      'failure: After merge (V11): the release of v1.3.0 would fail: release-v1.2 cannot release v1.3.0.',
    ],
    [
      'what fails where a project only tries us out',
      { after: 'v1.3.0\n', mode: 'shadow' },
      'neutral: After merge (V11): the release of v1.3.0 would fail: release-v1.2 cannot release v1.3.0.',
    ],
    [
      'the first VERSION of a project that has no `version:`',
      { version: null, before: null },
      'neutral: After merge (V11): release v1.2.3.',
    ],
    ['nothing at all without a VERSION', { version: null, before: null, after: null }, null],
    ['nothing at all with a file that is no configuration', { config: { kind: 'invalid', problems: [] } }, null],
    ['nothing new where it was told', { known: true }, null],
  ])('tells of %s', async (_, scene, expected) => {
    expect(await words(scene)).toBe(expected);
  });

  it('compares trees only where a VERSION is, or `version:` names a file', async () => {
    const merge = `VERSION at ${sha('7')}`;
    expect((await told({ version: null, after: null })).asked).toEqual([merge]);
    expect((await told({ version: null })).asked).toEqual([merge, 'merged']);
    expect((await told({})).asked).toEqual(['merged']);
  });

  it.each<[string, Parameters<typeof forecastPull>[3], PreparedChange]>([
    ['while only its opening is known', { project, pull, unconfirmed: true }, prepared],
    ['once it is closed', { project, pull: { ...pull, state: 'closed' } }, prepared],
    ['where it conflicts', { project, pull }, { ...prepared, merge: { kind: 'conflict', paths: ['VERSION'] } }],
    ['of what we may not see any more', { project: null, pull }, prepared],
  ])('reads and tells nothing %s', async (_, forge, change) => {
    expect(await told({}, forge, change)).toEqual({ report: null, asked: [] });
  });

  it('is another check run for another tip of the base', async () => {
    const [one, other] = [
      await told({}),
      await told({}, undefined, { ...prepared, merge: { kind: 'merged', tree: sha('8') } }),
    ];
    expect(one.report?.externalId).not.toBe(other.report?.externalId);
    expect(one.report?.summary).toMatch(/^Merged onto `release-v1\.2` as it was at `b{12}`:/);
  });
});
