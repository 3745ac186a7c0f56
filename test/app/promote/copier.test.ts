import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createNotes } from '../../../src/adapters/redis/notes.ts';
import { createCopier } from '../../../src/app/promote/copier.ts';
import { copyKey } from '../../../src/core/promote/facts.ts';
import { definitionDigest } from '../../../src/model/build.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { uncounted } from '../../../src/ports/metrics.ts';
import { makeImage, readDigest, seedImage } from '../../harness/oci-image.ts';
import { startOciRegistry, type TestRegistry } from '../../harness/oci-registry.ts';
import { keepingLog, startTestRedis, type TestRedis } from '../../harness/redis.ts';
import { testRegistry } from '../../harness/registry-client.ts';
import { worldClock } from '../../harness/world-clock.ts';

const caller = { project: 1, fullName: 'acme/api', branch: 'main', use: 'promote' } as const;
const subject = subjectIdOf({ kind: 'promote', repository: 1, branch: 'main' });

let redis: TestRedis;
let registry: TestRegistry;

beforeAll(async () => {
  [redis, registry] = await Promise.all([startTestRedis(), startOciRegistry()]);
});

afterAll(async () => {
  await Promise.all([redis?.stop(), registry?.stop()]);
});

it('what another worker copies is left to it, and nobody is woken to look again before the lease has ended', async () => {
  const image = makeImage([500]);
  await seedImage(registry.base, 'waiting/api', image, 'change');
  const from = { repository: `${registry.host}/waiting/api`, digest: image.digest };
  const to = `${registry.host}/acme/api`;
  const notes = createNotes(redis.open());
  const lease = `copy-${definitionDigest(copyKey(from, to))}`;
  await notes.lease(lease, 'one', 60_000);
  const woken: string[] = [];
  const signals = { wake: async (id: string) => void woken.push(id) };
  const client = testRegistry([registry.host]);
  const ports = { notes, registry: client, clock: worldClock, log: keepingLog(), metrics: uncounted, signals };
  const copier = createCopier({ ports, settings: { worker: 'two' } }, new AbortController().signal);

  copier.start(from, to, caller, subject);
  await vi.waitFor(() => expect(copier.states().size).toBe(0), 10_000);
  expect([await readDigest(registry.base, 'acme/api', image.digest), woken]).toEqual([null, []]);

  await notes.lease(lease, 'one', 1);
  await vi.waitFor(async () => {
    copier.start(from, to, caller, subject);
    expect(woken).toEqual([subject]);
  }, 10_000);
  expect(await readDigest(registry.base, 'acme/api', image.digest)).toBe(image.digest);
  client.close();
});
