import type { LocalClone } from './adapters/git/local-clone.ts';
import { fetchPull } from './adapters/git/local-pull.ts';
import type { Plan, PlanSource } from './cli/deps.ts';
import { cliError } from './cli/exit-codes.ts';
import { forecastMerge } from './forecast-merge.ts';
import { fullRights, self } from './local-change.ts';
import { projectOf, pullOf, withLocalClone } from './local-project.ts';
import type { Machine } from './machine.ts';
import type { ForgeEvent } from './model/forge-event.ts';
import type { PodManifest } from './model/pod.ts';
import { planChange } from './plan-change.ts';
import { planEvent } from './plan-event.ts';
import { planPushed } from './plan-push.ts';
import { renderJob } from './render-job.ts';

/** What a person's opening of a pull request would tell us. */
export function openedEvent(number: number, now: number): ForgeEvent {
  return {
    delivery: 'local',
    name: 'pull_request.opened',
    installation: null,
    repository: null,
    sender: self,
    receivedAt: now,
    detail: { kind: 'pull-request', number, head: null },
  };
}

async function planPull(clone: LocalClone, number: number, now: number): Promise<Plan> {
  const outcome = await fetchPull(clone, number);
  if (outcome.kind === 'failed') throw cliError('unreachable', outcome.because);
  const { head, base, baseRef } = outcome.pull;
  const prepared = await clone.prepare(base, head);
  const project = await projectOf(clone);
  const pull = pullOf(number, head, baseRef);
  const rights = new Map([[self.id, fullRights]]);
  const change = { project, pull, rights, prepared, comments: [], inbox: [openedEvent(number, now)] };
  const plan = await planChange(clone.source, change, now);
  const assumed = `Head ${head} onto ${baseRef}, which is assumed to be its base; its author is assumed to be trusted, and it is assumed to be no draft: git does not tell.`;
  const { merge } = prepared;
  const told =
    merge.kind === 'merged' && !clone.shallow
      ? await forecastMerge({ clone, project, branch: baseRef, base, tree: merge.tree })
      : [];
  return { decisions: plan.decisions, notes: [assumed, ...told, ...plan.notes] };
}

/** What would be decided, by the server's own function, with the clone and the payload as all that is known. */
export function planLocally(repository: string, source: PlanSource, machine: Machine): Promise<Plan> {
  const now = machine.clock.now();
  return withLocalClone(repository, machine, (clone) => {
    if (source.kind === 'push') return planPushed(clone, source.wish, now);
    return source.kind === 'event'
      ? planEvent(clone, source.name.split('.')[0] ?? '', source.payload, now)
      : planPull(clone, source.number, now);
  });
}

/** The pods of one job's builds for what is in the folder now; throws with the reason where none can be made. */
export function renderLocally(repository: string, job: string, machine: Machine): Promise<readonly PodManifest[]> {
  return withLocalClone(repository, machine, (clone) => renderJob(clone, job, machine));
}
