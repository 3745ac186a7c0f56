import { sleep, waitUntil } from './clock.ts';
import { commandJobFiles } from './command-job.ts';
import { atRate } from './deliveries.ts';
import type { OpenedPull } from './github-process.ts';
import type { BenchOptions, Measurement } from './measurement.ts';
import { type Spread, spreadOf } from './percentiles.ts';
import { openPodScene, type PodScene } from './pod-scene.ts';
import { isOpening } from './pull-to-pod-load.ts';
import { inMs, listCounts, type Result, type Row, sumOf } from './result.ts';
import type { CaughtDelivery } from './sink.ts';
import { type Stage, startStage } from './stage.ts';

interface Flow {
  readonly name: string;
  readonly pace: 'github' | 'unbounded';
  readonly perSecond: number;
  readonly count: number;
}

interface FlowFigures {
  readonly flow: Flow;
  readonly endToCheck: Spread;
  /** Until the conclusion is stored as a wish, and from then until the forge has it. */
  readonly endToWish: Spread;
  readonly wishToCheck: Spread;
  readonly missing: number;
  /** Requests that the stand-in got until the last check run was concluded. */
  readonly forgeCalls: Readonly<Record<string, number>>;
}

interface CheckRunEvent {
  readonly action: string;
  readonly check_run: { readonly name: string; readonly head_sha: string; readonly status: string };
}

/** When the check run of each head was concluded, as the stand-in told its webhook; `sluice` itself does not count. */
function hearConclusions(stage: Stage): ReadonlyMap<string, number> {
  const concluded = new Map<string, number>();
  stage.hear(({ event, body, at }: CaughtDelivery) => {
    if (event !== 'check_run') return;
    const { action, check_run } = JSON.parse(body.toString()) as CheckRunEvent;
    if (action !== 'completed' && check_run.status !== 'completed') return;
    if (check_run.name !== 'sluice' && !concluded.has(check_run.head_sha)) concluded.set(check_run.head_sha, at);
  });
  return concluded;
}

async function measureFlow(flow: Flow, scene: PodScene): Promise<FlowFigures> {
  const stage = await startStage({
    executor: scene.executor,
    pace: flow.pace,
    processes: 'all',
    files: commandJobFiles,
    holds: isOpening,
  });
  try {
    scene.attach(stage);
    const concluded = hearConclusions(stage);
    const wished = new Map<string, number>();
    stage.worker.on('conclude', ({ commit, at }: { commit: string; at: number }) => {
      if (!wished.has(commit)) wished.set(commit, at);
    });
    const times = Array.from({ length: flow.count }, (_, index) => Date.now() + (index * 1000) / flow.perSecond);
    const pulls = await stage.github.call<OpenedPull[]>('openPulls', 'c', times, null);
    await waitUntil(() => stage.heldCount() >= flow.count, 10_000);
    await stage.github.call('takeRequests');
    await atRate(stage.takeHeld(), flow.perSecond, stage.send);
    await waitUntil(() => pulls.every(({ head }) => concluded.has(head)), 60_000);
    await sleep(300);
    const durations = pulls.flatMap(({ number, head }) => {
      const [end, wish, check] = [scene.ended.get(number), wished.get(head), concluded.get(head)];
      if (end === undefined || wish === undefined || check === undefined) return [];
      return [{ whole: check - end, endToWish: wish - end, wishToCheck: check - wish }];
    });
    const { counts } = await stage.github.call<{ counts: Record<string, number> }>('takeRequests');
    return {
      flow,
      endToCheck: spreadOf(durations.map(({ whole }) => whole)),
      endToWish: spreadOf(durations.map(({ endToWish }) => endToWish)),
      wishToCheck: spreadOf(durations.map(({ wishToCheck }) => wishToCheck)),
      missing: flow.count - durations.length,
      forgeCalls: counts,
    };
  } finally {
    await stage.stop();
  }
}

function rowOf({ flow, endToCheck, endToWish, wishToCheck, missing }: FlowFigures): Row {
  const failed = missing > 0 ? `, ${missing} NOT CONCLUDED` : '';
  const own = `the passes until it is decided and stored (${inMs(endToWish.p50)})`;
  const pauses = flow.pace === 'github' ? ' with a second between writes, as GitHub asks' : '';
  const writer = `the writer of check runs${pauses} (${inMs(wishToCheck.p50)})`;
  return {
    name: `${flow.name} (${flow.count})`,
    figure: `p50 ${inMs(endToCheck.p50)}, p95 ${inMs(endToCheck.p95)}, max ${inMs(endToCheck.max)}${failed}`,
    limit: endToWish.p50 > wishToCheck.p50 ? `${own}, then ${writer}` : `${writer}, then ${own}`,
  };
}

async function run({ quick, progress, executor }: BenchOptions): Promise<Result> {
  const flows: readonly Flow[] = [
    {
      name: "one in 4 s, with GitHub's limit of 60 writes a minute",
      pace: 'github',
      perSecond: 0.25,
      count: quick ? 4 : 20,
    },
    { name: '5/s, without that limit', pace: 'unbounded', perSecond: 5, count: quick ? 20 : 150 },
  ];
  const all: FlowFigures[] = [];
  for (const flow of flows) {
    progress.say(`pod to check run: ${flow.name}`);
    const scene = await openPodScene(executor, 1_500);
    try {
      all.push(await measureFlow(flow, scene));
    } finally {
      // A namespace takes its time to go: the figures need not wait for that.
      void scene.close();
    }
  }
  return {
    name: 'pod-to-check',
    title: `Pod finished → check run concluded (${executor === 'fake' ? 'pretended pods' : 'pods on simulated nodes'}; as the stand-in GitHub tells of it)`,
    rows: all.map(rowOf),
    notes: [
      ...(executor === 'kubernetes'
        ? ['A simulated node keeps no log: five attempts to read it are part of this.']
        : []),
      ...all.map(
        ({ flow, forgeCalls }) =>
          `${flow.name}: ${(sumOf(forgeCalls) / flow.count).toFixed(1)} forge calls each, from the delivery to the conclusion (${listCounts(forgeCalls, flow.count, 8)})`,
      ),
    ],
    figures: all,
  };
}

export const podToCheck: Measurement = { name: 'pod-to-check', run };
