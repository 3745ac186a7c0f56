import { persons } from './people.ts';
import { isOver } from './pod-life.ts';
import type { Surroundings } from './processes.ts';
import type { Process } from './sim.ts';
import type { Action } from './story.ts';

export interface Misfortunes {
  befall(action: Action): void;
  /** Everything that was taken away is back. */
  end(): void;
}

interface Living {
  readonly processes: readonly Process[];
  crash(process: Process, why: string): void;
}

function nth<T>(list: readonly T[], word: string): T | undefined {
  return list.length === 0 ? undefined : list[Number(word) % list.length];
}

/** What befalls the neighbours and the processes as a whole. */
export function createMisfortunes(world: Surroundings, living: Living): Misfortunes {
  const { sim, redis, forge, cluster, webhooks } = world;
  const draws = sim.chance.stream('lengths');
  const minutes = (most: number): number => draws.between(5, most * 60) * 1000;

  function see(index: number, seen: boolean): void {
    const repository = forge.repositories.get(4000 + index);
    if (!repository || repository.seen.now() === seen) return;
    repository.seen.set(seen);
    sim.note(`forge: ${seen ? 'the App is back' : 'the App is suspended'}`);
    webhooks.emit(repository, seen ? 'installation.unsuspend' : 'installation.suspend', persons.boss, {
      kind: 'repositories',
    });
  }

  function strike(word: string, blow: (name: string) => void, what: string): void {
    const pods = [...cluster.pods.values()].filter((pod) => pod.ours && !isOver(pod));
    const pod = nth(pods, word);
    if (!pod) return;
    sim.note(`cluster: ${what}`);
    pod.struck = true;
    blow(pod.name);
  }

  function onProcess(action: Action): void {
    const workers = living.processes.filter((process) => process.alive && process.role === 'worker');
    const alive = living.processes.filter((process) => process.alive);
    const worker = nth(workers, action.word);
    const any = nth(alive, action.word);
    if (action.what === 'kill' && any) living.crash(any, 'from outside');
    if (action.what === 'pause' && worker) {
      sim.note('process: paused');
      worker.pausedUntil = sim.time.now() + draws.between(30_000, 150_000);
    }
  }

  return {
    befall(action) {
      switch (action.what) {
        case 'suspend':
          see(action.repository, false);
          sim.time.after(minutes(10), () => see(action.repository, true));
          return;
        case 'crash redis':
          return redis.crash(draws.between(500, 60_000));
        case 'flush':
          return redis.flush();
        case 'restore':
          return redis.restore(sim.time.now() - draws.pick([2000, 30_000, 600_000]));
        case 'refuse':
          redis.refuse(draws.pick(['READONLY', 'OOM']));
          sim.time.after(minutes(3), () => redis.refuse(null));
          return;
        case 'redis away':
          return redis.goAway(minutes(3));
        case 'forge away':
          return forge.goAway(minutes(10));
        case 'cluster away':
          return cluster.goAway(minutes(10));
        case 'evict':
          return strike(action.word, cluster.evict, 'a pod was evicted');
        case 'delete pod':
          return strike(action.word, cluster.delete, 'a pod was deleted by hand');
        case 'lose node':
          return strike(action.word, cluster.loseNode, 'a node was lost');
        default:
          onProcess(action);
      }
    },
    end() {
      redis.refuse(null);
      redis.goAway(0);
      forge.goAway(0);
      cluster.goAway(0);
      for (const id of forge.repositories.keys()) see(id - 4000, true);
    },
  };
}
