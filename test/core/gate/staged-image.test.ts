import { describe, expect, it } from 'vitest';
import { advanceCandidate } from '../../../src/core/gate/advance-candidate.ts';
import { type TreeFacts, treeKey } from '../../../src/core/presubmit/facts.ts';
import { type Build, buildIdFor } from '../../../src/model/build.ts';
import type { Job } from '../../../src/model/job.ts';
import type { LedgerDetail } from '../../../src/model/ledger.ts';
import type { JobRecord, JobStatus } from '../../../src/model/presubmit.ts';
import type { RecordedImage } from '../../../src/model/promotion.ts';
import type { MadeCandidate, QueueItem } from '../../../src/model/queue.ts';
import { type Digest, type Sha, toDigest } from '../../../src/model/sha.ts';
import { aJob } from '../../fakes/model-data.ts';
import { uploadOrder } from '../pod/order-fixture.ts';
import {
  aBranch,
  aCandidate,
  aDraft,
  aJobRecord,
  anItem,
  aVerdict,
  headOf,
  landedEntry,
  main,
  now,
  theFacts,
  tip,
} from './gate-fixture.ts';

const hour = 60 * 60_000;
const digestOf = (number: number): Digest => toDigest(`sha256:${number.toString(16).padStart(64, '0')}`);
const stagedAt = (number: number) => ({ repository: 'registry.acme.io/staging/api', tag: `change_${number}` });
const { job: uploadJob } = uploadOrder({});
const stage: Job = { ...uploadJob, name: 'stage' };
const e2e: Job = {
  ...aJob('e2e'),
  content: { template: 'run', image: '{{ images.api.staged }}', command: 'make e2e', env: {} },
  needs: [{ job: 'stage', soft: true }],
};
const tree = { config: { kind: 'usable', config: { jobs: [stage, e2e] }, notes: [] }, kinds: new Map() };

/** What uploaded the image of a change, as its pod said. */
function uploadedBy(commit: Sha, number: number): Build {
  const parts = {
    subject: 's',
    entry: `${number}/1`,
    commit,
    job: 'stage',
    point: { image: 'api' },
    definition: stage.definition,
    request: 1,
    attempt: 1,
  };
  const uploaded = { ...stagedAt(number), mediaType: 'application/vnd.oci.image.manifest.v1+json', manifestBytes: 400 };
  const outcome = { image: { digest: digestOf(number), bytes: 1, layers: 1, uploaded }, tail: '', annotation: null };
  const state = {
    phase: 'finished',
    result: 'success',
    because: '',
    startedAt: now,
    finishedAt: now,
    outcome,
  } as const;
  return { id: buildIdFor(parts), parts, trust: 'approved', state };
}

const uploaded = (number: number): JobStatus => ({
  kind: 'ended',
  result: 'success',
  builds: [uploadedBy(headOf(number), number)],
});
const record = (job: Job, status: JobStatus): JobRecord => aJobRecord(job.name, status, { definition: job.definition });

const skipped: JobStatus = { kind: 'skipped', definite: true };
const building: JobStatus = { kind: 'building', builds: [] };

/** A change on this ground, whose upload came to this, and whose test waits for it. */
function change(number: number, on: Sha, status: JobStatus, over: Partial<MadeCandidate> = {}): QueueItem {
  const jobs = [record(stage, status), record(e2e, { kind: 'blocked' })];
  const candidate = aCandidate(headOf(number), { parents: { [main]: on }, jobs, ...over });
  return anItem(number, { makes: 1, candidate });
}

const landedImage = (number: number): RecordedImage => ({
  name: 'api',
  target: null,
  repository: 'quay.io/acme/api',
  tags: ['latest'],
  digest: digestOf(number),
  staged: stagedAt(number),
});

/** It landed on the commit of the change of the number before it. */
function landed(number: number, images: readonly RecordedImage[]): LedgerDetail {
  const entry = landedEntry(number, headOf(number));
  if (entry.kind !== 'landed') throw new Error('no landing');
  return { ...entry, from: headOf(number - 1), verdict: { ...entry.verdict, images } };
}

interface World {
  readonly landed?: readonly LedgerDetail[];
  /** Of the branch's ledger, since the landings. */
  readonly age?: number;
  readonly uploads?: boolean;
}

/** What becomes of the test of the last of these changes. */
function testOf(items: readonly QueueItem[], { landed: entries = [], age = 0, uploads = true }: World = {}): JobRecord {
  const item = items.at(-1);
  if (item?.candidate?.kind !== 'made') throw new Error('no candidate');
  const draft = aDraft({ items });
  const trees = new Map([[treeKey(record(stage, skipped).tree), tree as unknown as TreeFacts]]);
  const branches = new Map([[main, aBranch({ landed: entries })]]);
  const facts = theFacts({ trees, branches, pods: [], now: now + age });
  const moved = advanceCandidate(draft, facts, item, item.candidate, { failFast: false, uploads });
  const found = moved.jobs?.find(({ job }) => job === 'e2e');
  if (found === undefined) throw new Error('no test');
  return found;
}

const imageOf = ({ status }: JobRecord): string | undefined =>
  'builds' in status ? status.builds[0]?.parts.runsIn : undefined;
const waitingAt = (number: number) => `registry.acme.io/staging/api@${digestOf(number)}`;
const [a, b, c] = [headOf(1), headOf(2), headOf(3)];

describe('a job that runs in an image of its own file', () => {
  it('runs in the one that its own candidate uploaded, by digest', () => {
    expect(imageOf(testOf([change(1, tip, uploaded(1)), change(2, a, uploaded(2))]))).toBe(waitingAt(2));
  });

  it('runs in that of the nearest change ahead which builds it, where its own change does not', () => {
    const items = [
      change(1, tip, uploaded(1)),
      change(2, a, uploaded(2)),
      change(3, b, skipped),
      change(4, c, skipped),
    ];
    expect(imageOf(testOf(items))).toBe(waitingAt(2));
  });

  it('takes it from the verdict of one that has passed', () => {
    const verdict = { ...aVerdict(a), images: [landedImage(1)] };
    expect(imageOf(testOf([change(1, tip, building, { verdict }), change(2, a, skipped)]))).toBe(waitingAt(1));
  });

  it('takes nothing from a change that it does not stand on', () => {
    const other = change(1, tip, uploaded(1));
    expect(testOf([other, change(2, tip, skipped)]).status).toMatchObject({ kind: 'ended', result: 'failure' });
  });

  it.each([
    ['builds it', change(1, tip, building)],
    ['is not decided yet', change(1, tip, building, { jobs: null })],
  ])('waits while the change ahead %s', (_, ahead) => {
    expect(testOf([ahead, change(2, a, skipped)]).status).toEqual({ kind: 'blocked' });
  });

  it.each([
    ['where it waited, shortly after', 0, waitingAt(8)],
    ['where people pull it, later', hour, `quay.io/acme/api@${digestOf(8)}`],
  ])('else runs in that of the newest landing which built it: %s', (_, age, image) => {
    const entries = [landed(7, [landedImage(7)]), landed(8, [landedImage(8)]), landed(9, [])];
    expect(imageOf(testOf([change(1, tip, skipped)], { landed: entries, age }))).toBe(image);
  });

  it('fails where there is none at all, and says so', () => {
    const { status, because } = testOf([change(1, tip, skipped)]);
    expect(status).toEqual({ kind: 'ended', result: 'failure', builds: [] });
    expect(because).toContain('it runs in the image `api` as the gate uploaded it, and there is none');
  });

  it('cannot fail on a tip that is only asked, where there is none', () => {
    expect(testOf([change(1, tip, skipped)], { uploads: false }).status).toMatchObject({ result: 'success' });
  });

  it('is another Build in another image, and is started in that very one', () => {
    const [one, other] = [1, 2].map((number) => {
      const builds = [uploadedBy(a, number)];
      return testOf([change(1, tip, { kind: 'ended', result: 'success', builds })]).status;
    });
    const idsOf = (status: JobStatus | undefined) =>
      status && 'builds' in status ? status.builds.map(({ id }) => id) : [];
    expect(idsOf(one)).toHaveLength(1);
    expect(idsOf(one)).not.toEqual(idsOf(other));
    expect(startedIn(one)).toBe(waitingAt(1));
  });
});

/** The image of the order by which a wanted Build is started. */
function startedIn(status: JobStatus | undefined): string | null {
  if (status?.kind !== 'building') return null;
  const item = change(1, tip, skipped, { jobs: [record(e2e, status)] });
  if (item.candidate?.kind !== 'made') return null;
  const draft = aDraft({ items: [item] });
  const granted = status.builds.map(({ id }) => [id, { granted: true, ahead: 0 }] as const);
  const facts = theFacts({
    trees: new Map([[treeKey(record(stage, skipped).tree), tree as unknown as TreeFacts]]),
    forge: {},
    pods: [],
  });
  const line = new Map(granted) as unknown as typeof facts.line;
  advanceCandidate(draft, { ...facts, line }, item, item.candidate, { failFast: false, uploads: true });
  const [order] = draft.effects.flatMap((each) =>
    each.kind === 'on' && each.effect.kind === 'start' ? [each.effect.order] : [],
  );
  return order?.job.content.template === 'run' ? order.job.content.image : null;
}
