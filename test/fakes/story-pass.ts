import { pickStarts } from '../../src/core/line/order-line.ts';
import { isStartNews } from '../../src/core/presubmit/advance-build.ts';
import { type PresubmitPlan, planPresubmit } from '../../src/core/presubmit/plan.ts';
import { emptyRecord } from '../../src/core/presubmit/take-facts.ts';
import type { BuildId } from '../../src/model/build.ts';
import type { Effect } from '../../src/model/effect.ts';
import type { BuildOrder } from '../../src/model/order.ts';
import type { StartOutcome } from '../../src/model/pod.ts';
import type { PresubmitRecord } from '../../src/model/presubmit.ts';
import { commentKey } from '../../src/model/pull-request.ts';
import { aProject } from './model-data.ts';
import { endedPod, pendingPod, runningPod } from './pod-data.ts';
import { type Story, subject } from './story.ts';
import { lineOf, look } from './story-look.ts';

function isLive(story: Story, name: string): boolean {
  const phase = story.pods.get(name)?.phase;
  return phase === 'pending' || phase === 'running';
}

function startPod(story: Story, order: BuildOrder): StartOutcome {
  if (story.startAnswer) return story.startAnswer;
  const { id } = order.build;
  if (story.pods.has(id)) return { kind: 'exists' };
  story.started.push(order);
  story.server.orders.set(id, order);
  story.pods.set(id, story.fate(order) === 'pending' ? pendingPod(order) : runningPod(order, story.now));
  story.server.nudged = true;
  return { kind: 'created' };
}

function endPod(story: Story, name: string, exitCode: number): void {
  const order = story.server.orders.get(name);
  if (!order) return;
  story.pods.set(name, endedPod(order, story.pods.get(name), { exitCode, at: story.now }));
  story.server.nudged = true;
}

function losePod(story: Story, name: string): void {
  story.pods.delete(name);
  story.server.nudged = true;
}

/** Carries one effect out; only a start has an outcome that the record must learn. */
function perform(story: Story, effect: Effect): void {
  switch (effect.kind) {
    case 'start': {
      const { id } = effect.order.build;
      story.server.starts = new Map([...story.server.starts, [id, startPod(story, effect.order)]]);
      return;
    }
    case 'stop':
      if (isLive(story, effect.build)) endPod(story, effect.build, 143);
      return;
    case 'remove':
      story.pods.delete(effect.build);
      return;
    case 'report':
      story.checks.want(effect.report);
      return;
    case 'reply':
      story.replies.set(effect.to.login, effect.text);
      return;
    case 'react':
      story.reactions.set(commentKey(effect.comment), effect.reaction);
  }
}

/** What must be learnt at once is given to the pass that follows; anything else is found by looking. */
function learn(story: Story, plan: PresubmitPlan): void {
  const { server } = story;
  const news = plan.effects.some((effect) => {
    const outcome = effect.kind === 'start' ? server.starts.get(effect.order.build.id) : undefined;
    return effect.kind === 'start' && outcome !== undefined && isStartNews(effect.order, outcome);
  });
  if (plan.record.outbox.length === 0 && !news) server.starts = new Map();
  server.sent = new Set(plan.record.outbox.map(({ id }) => id));
}

/** One pass. `perform: false`: the process dies when the record is saved, before anything is carried out. */
export function pass(story: Story, how: { readonly perform?: boolean } = {}): PresubmitPlan {
  const { server } = story;
  const facts = look(story);
  const plan = planPresubmit(story.record, facts);
  story.record = JSON.parse(JSON.stringify(plan.record)) as PresubmitRecord;
  server.line = plan.line;
  server.wakeAt = plan.wakeAt;
  server.nudged = false;
  story.reasons.push(...plan.reasons);
  if (facts.forge) story.inbox.splice(0, facts.inbox.length);
  server.starts = new Map<BuildId, StartOutcome>();
  server.sent = new Set();
  if (how.perform === false) return plan;
  for (const effect of plan.effects) perform(story, effect);
  learn(story, plan);
  return plan;
}

/** Gives slots to who waits, as far as the limits allow. */
export function grant(story: Story): void {
  for (const build of pickStarts(lineOf(story), story.limits)) story.server.granted.add(build);
}

function podsOf(story: Story, job: string): string[] {
  const { orders } = story.server;
  return [...story.pods.keys()].filter((name) => isLive(story, name) && orders.get(name)?.build.parts.job === job);
}

/** The pods of a job that go on end with this exit code. */
export function finish(story: Story, job: string, exitCode: number): void {
  for (const name of podsOf(story, job)) endPod(story, name, exitCode);
}

/** Somebody deletes the pods of a job. */
export function lose(story: Story, job: string): void {
  for (const name of podsOf(story, job)) losePod(story, name);
}

function isKnownToRun(story: Story, name: string): boolean {
  const jobs = story.record.change?.jobs ?? [];
  const builds = jobs.flatMap(({ status }) => (status.kind === 'building' ? status.builds : []));
  return builds.some(({ id, state }) => id === name && state.phase === 'running');
}

/** Pods go the way they are meant to. */
function live(story: Story): void {
  for (const name of [...story.pods.keys()].filter((each) => isLive(story, each))) {
    const order = story.server.orders.get(name);
    const fate = order ? story.fate(order) : null;
    if (typeof fate === 'number') endPod(story, name, fate);
    else if (fate === 'vanish' && isKnownToRun(story, name)) losePod(story, name);
  }
}

function isDue(story: Story): boolean {
  const { server, inbox } = story;
  const mustLearn = server.sent.size + server.starts.size > 0;
  return mustLearn || server.nudged || inbox.length > 0 || lineOf(story).some((entry) => entry.state === 'granted');
}

/**
 * Passes, slots and pods as the server has them, until no event, slot, pod or time that a record asked for makes another
 * pass. Throws when that never comes.
 */
export function settle(story: Story): void {
  for (let passes = 0; passes < 400; passes += 1) {
    grant(story);
    live(story);
    const { wakeAt } = story.server;
    if (isDue(story)) story.now += 1000;
    else if (wakeAt === null) return;
    else story.now = Math.max(wakeAt, story.now + 1000);
    pass(story);
  }
  throw new Error(`it never comes to rest: ${JSON.stringify(story.record).slice(0, 2000)}`);
}

/** A pass, then slots, then the pass that starts: the builds of an ordinary story go on afterwards. */
export function begin(story: Story): void {
  pass(story);
  grant(story);
  pass(story);
  pass(story);
}

/** Redis is lost: the record, the line, the inbox, and what the writer of check runs knew. */
export function forgetAll(story: Story): void {
  const { server } = story;
  story.record = emptyRecord(aProject(), subject.number);
  server.line = [];
  server.wakeAt = null;
  server.granted.clear();
  server.starts = new Map();
  server.sent = new Set();
  story.inbox.splice(0);
  story.checks.forget();
}

/** Conclusion, else status, of the check run of that name on the present head, as a person sees it; undefined: none. */
export function shown(story: Story, name: string): string | undefined {
  const report = story.pull ? story.checks.shown(story.pull.head, name) : undefined;
  return report?.state.status === 'completed' ? report.state.conclusion : report?.state.status;
}
