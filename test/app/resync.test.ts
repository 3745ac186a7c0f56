import { expect, it } from 'vitest';
import type { AppContext } from '../../src/app/context.ts';
import { resyncAll } from '../../src/app/resync.ts';
import { subjectIdOf } from '../../src/model/subject.ts';
import { aProject, aPullRequest } from '../fakes/model-data.ts';

const project = aProject();
const change = subjectIdOf({ kind: 'presubmit', repository: project.id, number: 5 });

/** Where a resync puts what it found of an open pull request, and whom it wakes for that. */
async function resynced(isAfterLoss: boolean) {
  const put: (readonly string[])[] = [];
  const woken: string[] = [];
  const notes = new Map<string, string>();
  const ports = {
    forge: {
      installedAt: async () => 0,
      projects: async () => [project],
      openPullRequests: async () => [aPullRequest({ number: 5 })],
    },
    documents: { subjects: async () => [], load: async () => ({ version: 0, document: null }) },
    intake: {
      accept: async ({ detail }: { detail: { kind: string } }, subjects: readonly string[] = []) => {
        if (detail.kind === 'pull-request') put.push(subjects);
        return 'stored';
      },
    },
    signals: { wake: async (id: string) => void woken.push(id) },
    landing: { ledgers: async () => [] },
    notes: {
      life: async () => 'a',
      read: async (name: string) => notes.get(name) ?? null,
      write: async (name: string, value: string) => void notes.set(name, value),
    },
    clock: { now: () => 100_000_000 },
    log: { info: () => undefined, warn: () => undefined },
  };
  await resyncAll({ ports, settings: { allows: () => true } } as unknown as AppContext, { isAfterLoss });
  return { put, isWoken: woken.includes(change), read: notes.get('resynced-projects') };
}

it('puts what it finds where a delivery goes; after a loss where it is read before anything lands', async () => {
  expect(await resynced(false)).toEqual({ put: [[]], isWoken: false, read: undefined });
  expect(await resynced(true)).toEqual({ put: [[change]], isWoken: true, read: `a ${project.id}` });
});
