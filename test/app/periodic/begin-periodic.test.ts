import { expect, it } from 'vitest';
import { beginPeriodic } from '../../../src/app/periodic/begin-periodic.ts';
import type { ConfigState } from '../../../src/model/config.ts';
import type { PeriodicRecord } from '../../../src/model/periodic.ts';
import { podKeys } from '../../../src/model/pod.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { aConfig, aJob, aProject, sha } from '../../fakes/model-data.ts';

const project = aProject();
const tip = sha('c');
const subject = { kind: 'periodic', repository: project.id, branch: project.defaultBranch } as const;
const id = subjectIdOf(subject);
const schedule = { cron: '0 2 * * *', timeZone: 'UTC', minimumSeconds: 0, unchanged: 'run' } as const;
const night = aJob('night', { pipelines: ['periodic'], schedules: [schedule] });

const naming: ConfigState = { kind: 'valid', config: aConfig([night]) };
const without: ConfigState = { kind: 'valid', config: aConfig([aJob('unit')]) };
const broken: ConfigState = { kind: 'invalid', problems: [] };

/** Where Redis knows nothing; `files`: what stands at the tip and beneath it, newest first; `pods`: whose are left. */
async function begin(files: readonly ConfigState[], pods: readonly string[] = []): Promise<PeriodicRecord | null> {
  const commits: readonly Sha[] = [tip, sha('b'), sha('a')].slice(0, files.length);
  const ports = {
    source: { tipOf: async () => tip },
    landing: {
      firstParents: async (_project: unknown, commit: Sha) => commits.slice(commits.indexOf(commit) + 1),
      treeOf: async () => sha('7'),
    },
    forge: { checkRuns: async () => [] },
    issues: { listOpen: async () => [] },
    notes: { life: async () => 'life', lease: async () => true },
    clock: { now: () => 1_000_000 },
    log: { info: () => undefined, warn: () => undefined },
  };
  const left = pods.map((of) => ({ annotations: { [podKeys.subject]: of } }));
  const context = { ports, settings: { allows: () => true }, pods: { snapshot: async () => left } };
  const tools = {
    memory: { project: async () => project },
    config: { configAt: async (_project: unknown, commit: Sha) => files[commits.indexOf(commit)] ?? broken },
  };
  // What is not named here is not asked for.
  return beginPeriodic(context as never, tools as never, id, subject);
}

it('a file that is not valid now has the nightlies of the newest one beneath it that was: at their times they fail, and say so', async () => {
  expect((await begin([broken, broken, naming]))?.nightlies).toMatchObject([{ jobs: ['night'], schedule }]);
});

it('a file that names none has none, whatever stood beneath it', async () => {
  expect(await begin([without, naming])).toBeNull();
  expect(await begin([broken, without, naming])).toBeNull();
});

it('where nothing is to be run, what is left of pods has a record that takes them away', async () => {
  expect((await begin([without], [id]))?.nightlies).toEqual([]);
  expect((await begin([broken], [id]))?.nightlies).toEqual([]);
  expect(await begin([without], ['push/1/main'])).toBeNull();
});
