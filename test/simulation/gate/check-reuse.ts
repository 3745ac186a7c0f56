import type { LedgerDetail } from '../../../src/model/ledger.ts';
import { podKeys } from '../../../src/model/pod.ts';
import type { Repository } from '../forge-world.ts';
import type { Watched } from '../ground-truth.ts';
import { digestOf } from '../uploader.ts';
import { isOfGate } from './check-start.ts';
import { configOf } from './configs.ts';
import type { LandingAttempt } from './landing-port.ts';
import { gitOf } from './move-branch.ts';
import { readsTheSame } from './reads-the-same.ts';
import { runsOf } from './truth.ts';

type Landed = Extract<LedgerDetail, { kind: 'landed' }>;

/** As projects have it that say nothing. */
const reuseMs = 24 * 3_600_000;

/** In lanes the tree may be another one, in which all that its jobs and images read is the same (scheduling.md §5). */
function checkLanes(
  { sim }: Watched,
  repository: Repository,
  { number, commit, from, verdict }: Landed,
  reused: NonNullable<Landed['verdict']['reused']>,
): void {
  const { model } = gitOf(repository);
  sim.note(verdict.images ? 'landed: in lanes, with images' : 'landed: in lanes');
  if (sim.knobs.queues?.lanes !== true) sim.violate('S11', `#${number} takes the verdict of another tree`);
  if (reused.tree === verdict.tree || model.get(reused.commit)?.tree !== reused.tree)
    sim.violate('S11', `#${number} is said to have been tested as the tree ${reused.tree}`);
  const jobs = configOf(model.filesAt(commit) ?? {}).jobs ?? [];
  const changed = model.changed(from, commit);
  const gate = jobs.filter(({ pipelines }) => pipelines.includes('gate'));
  const ran = runsOf(gate, changed);
  if (!readsTheSame(model, reused.commit, commit, ran))
    sim.violate('S11', `#${number} lands as ${commit}, and what its jobs read is not what it was as ${reused.commit}`);
}

/**
 * S11: what lands by a verdict that was taken is the tree that was tested, by the gate and not long before, and its images are
 * those that the builds of that tree uploaded. That all of its jobs passed there is S1.
 */
export function checkReuse(watched: Watched, { repository }: LandingAttempt, landed: Landed): void {
  const { number, verdict } = landed;
  const { sim, cluster } = watched;
  const { reused, images = [], at, tree } = verdict;
  if (reused === undefined) return;
  sim.note(images.length > 0 ? 'landed: images of a run before' : 'landed: a verdict that was taken');
  const before = gitOf(repository).model.get(reused.commit);
  if (sim.knobs.queues?.reuse !== true) sim.violate('S11', `#${number} takes a verdict, and no job is reusable`);
  if (reused.tree === undefined) {
    if (before?.tree !== tree) sim.violate('S11', `#${number} takes the verdict of another tree, ${before?.tree}`);
  } else checkLanes(watched, repository, landed, reused);
  if (at - reused.at >= reuseMs) sim.violate('S11', `#${number} takes a verdict of ${at - reused.at} ms ago`);
  const ran = cluster.everBeen.filter(
    ({ manifest, phase }) =>
      isOfGate(manifest) &&
      phase === 'succeeded' &&
      manifest.metadata.annotations[podKeys.commit] === reused.commit &&
      manifest.metadata.annotations[podKeys.tree] === (reused.tree ?? tree),
  );
  if (ran.length === 0) sim.violate('S11', `#${number} takes a verdict of ${reused.commit}, of which nothing passed`);
  const built = new Set(ran.map(({ manifest }) => digestOf(manifest)));
  const foreign = images.find(({ digest }) => !built.has(digest));
  if (foreign)
    sim.violate('S11', `#${number} lands ${foreign.name} as ${foreign.digest}, which that run did not upload`);
}
