import { setTimeout as sleep } from 'node:timers/promises';
import { createKubernetesExecutor, type KubernetesExecutor } from '../../../src/adapters/kubernetes/executor.ts';
import { kubernetesDefaults } from '../../../src/adapters/kubernetes/settings.ts';
import { type BuildId, toBuildId } from '../../../src/model/build.ts';
import { podOf, shell } from '../../contract/pod-manifest.ts';
import { type FakeApiServer, startFakeApiServer } from './fake-api-server.ts';

/** An executor over an API server that does what the test wants. */
export interface FakeStory {
  readonly server: FakeApiServer;
  readonly executor: KubernetesExecutor;
  readonly end: () => Promise<void>;
}

export const quick = { relistMs: 60_000, silenceMs: 60_000, echoMs: 60_000 };

export async function startFakeStory(pace: Partial<typeof quick> = {}): Promise<FakeStory> {
  const server = await startFakeApiServer();
  const executor = createKubernetesExecutor({
    ...kubernetesDefaults,
    cluster: server.access,
    namespace: 'test',
    owner: 'test',
    pace: { ...quick, ...pace },
    now: Date.now,
  });
  return {
    server,
    executor,
    end: async () => {
      await executor.close();
      await server.close();
    },
  };
}

export function buildNamed(count: number): BuildId {
  return toBuildId(`b-fake-${count.toString(16).padStart(24, '0')}`);
}

/** A pod as the API server would have it, made by another worker of ours. */
export function podNamed(name: string, status: object = { phase: 'Running' }, more: object = {}): object {
  const { metadata, ...manifest } = manifestNamed(name);
  return { ...manifest, metadata: { ...metadata, managedFields: [{ manager: 'sluice' }] }, status, ...more };
}

export function manifestNamed(name: string) {
  return podOf({ owner: 'test', name: name as BuildId, main: [shell('main', 'true')] });
}

export function ended(exitCode: number, finishedAt = '2026-01-02T03:04:05Z', reason?: string): object {
  return { terminated: { exitCode, startedAt: '2026-01-02T03:04:00Z', finishedAt, reason } };
}

/** Waits, ten seconds at most, until it holds. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (await holds()) return;
    await sleep(20);
  }
  throw new Error(`waited in vain: ${what}`);
}
