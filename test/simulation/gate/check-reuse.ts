import type { LedgerDetail } from '../../../src/model/ledger.ts';
import { podKeys } from '../../../src/model/pod.ts';
import type { Watched } from '../ground-truth.ts';
import { digestOf } from '../uploader.ts';
import { isOfGate } from './check-start.ts';
import type { LandingAttempt } from './landing-port.ts';
import { gitOf } from './move-branch.ts';

type Landed = Extract<LedgerDetail, { kind: 'landed' }>;

/** As projects have it that say nothing. */
const reuseMs = 24 * 3_600_000;

/**
 * S11: what lands by a verdict that was taken is the tree that was tested, by the gate and not long before, and its images are
 * those that the builds of that tree uploaded. That all of its jobs passed there is S1.
 */
export function checkReuse(watched: Watched, { repository }: LandingAttempt, { number, verdict }: Landed): void {
  const { sim, cluster } = watched;
  const { reused, images = [], at, tree } = verdict;
  if (reused === undefined) return;
  sim.note(images.length > 0 ? 'landed: images of a run before' : 'landed: a verdict that was taken');
  const before = gitOf(repository).model.get(reused.commit);
  if (sim.knobs.queues?.reuse !== true) sim.violate('S11', `#${number} takes a verdict, and no job is reusable`);
  if (before?.tree !== tree) sim.violate('S11', `#${number} takes the verdict of another tree, ${before?.tree}`);
  if (at - reused.at >= reuseMs) sim.violate('S11', `#${number} takes a verdict of ${at - reused.at} ms ago`);
  const ran = cluster.everBeen.filter(
    ({ manifest, phase }) =>
      isOfGate(manifest) &&
      phase === 'succeeded' &&
      manifest.metadata.annotations[podKeys.commit] === reused.commit &&
      manifest.metadata.annotations[podKeys.tree] === tree,
  );
  if (ran.length === 0) sim.violate('S11', `#${number} takes a verdict of ${reused.commit}, of which nothing passed`);
  const built = new Set(ran.map(({ manifest }) => digestOf(manifest)));
  const foreign = images.find(({ digest }) => !built.has(digest));
  if (foreign)
    sim.violate('S11', `#${number} lands ${foreign.name} as ${foreign.digest}, which that run did not upload`);
}
