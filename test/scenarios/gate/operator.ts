import { createIntake } from '../../../src/adapters/redis/intake.ts';
import { createSignals } from '../../../src/adapters/redis/signals.ts';
import type { GateCommand } from '../../../src/model/forge-event.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import type { GateWorld, StoryChange } from '../../harness/gate-world.ts';
import { keepingLog } from '../../harness/redis.ts';

function repositoryOf(world: GateWorld): number {
  const subjects = world.executor.manifests.map(({ metadata }) => metadata.annotations['sluice.dev/subject'] ?? '');
  return Number(subjects[0]?.split('/')[1]);
}

/** As `sluice queue` does it, once anything was built: into the inbox of the queue of main, then the queue is woken. */
export async function operate(
  world: GateWorld,
  command: GateCommand['command'],
  words = '',
  change: StoryChange | null = null,
): Promise<void> {
  const repository = repositoryOf(world);
  const told = { command, words, number: change?.number ?? 0, head: null };
  const redis = world.redis.open();
  const { now } = world.options.clock;
  const log = keepingLog();
  const intake = createIntake(redis, undefined, { now, consumer: 'operator', log });
  const signals = createSignals(redis, undefined, { log });
  const subject = subjectIdOf({ kind: 'queue', repository, branch: 'main' });
  const by = { id: 0, login: 'root', kind: 'user' } as const;
  const event = {
    delivery: `operator-${told.command}-${now()}`,
    name: `gate.${told.command}`,
    installation: world.app.installationId,
    repository: { id: repository, owner: 'acme', name: 'api' },
    sender: by,
    receivedAt: now(),
    detail: { kind: 'gate', ...told, by, permission: 'operator', at: now() },
  } as const;
  try {
    await intake.accept(event, [subject]);
    await signals.wake(subject);
  } finally {
    await Promise.all([intake.close(), signals.close()]);
  }
}
