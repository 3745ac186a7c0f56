import { type JudgedImages, judgeImage } from '../../../../src/core/from/judge-image.ts';
import { claimKey } from '../../../../src/core/gate/claim-tags.ts';
import type { GateDraft } from '../../../../src/core/gate/draft.ts';
import type { QueueFacts } from '../../../../src/core/gate/facts.ts';
import { testCandidates } from '../../../../src/core/gate/test-candidates.ts';
import { treeKey } from '../../../../src/core/presubmit/facts.ts';
import type { PathKind } from '../../../../src/core/resolve-images.ts';
import { imagesOf } from '../../../../src/core/select-jobs.ts';
import type { Build, BuildResult } from '../../../../src/model/build.ts';
import type { GateSettings } from '../../../../src/model/gate-settings.ts';
import type { Job } from '../../../../src/model/job.ts';
import type { JobRecord, JobStatus } from '../../../../src/model/presubmit.ts';
import type { MadeCandidate } from '../../../../src/model/queue.ts';
import { type Digest, type Sha, toDigest } from '../../../../src/model/sha.ts';
import { aConfig, aJob, type JobOver, sha } from '../../../fakes/model-data.ts';
import { uploadOrder } from '../../pod/order-fixture.ts';
import { settings } from '../entry/entry-fixture.ts';
import { aBranch, aCandidate, aDraft, anItem, headOf, main, now, theFacts, tip } from '../gate-fixture.ts';

export const digest: Digest = toDigest(`sha256:${'d'.repeat(64)}`);
const golang = `docker.io/library/golang@sha256:${'a'.repeat(64)}`;

/** A job of the gate that says that it reads nothing but its tree. */
export function closed(name: string, over: JobOver = {}): Job {
  const content = { template: 'run', image: golang, command: `make ${name}`, env: {} } as const;
  return aJob(name, { pipelines: ['gate'], reusable: true, content, ...over });
}

const { job: uploading } = uploadOrder({});
export const stage: Job = { ...uploading, name: 'stage', pipelines: ['gate'], reusable: true };
export const place = 'quay.io/acme/api';

/** What the tests of one change stand on. */
export interface Tried {
  readonly tree?: Sha;
  readonly jobs?: readonly Job[];
  readonly settings?: Partial<GateSettings>;
  readonly environment?: string | null;
  readonly at?: number;
  readonly over?: Partial<MadeCandidate>;
  readonly looks?: QueueFacts['looks'];
  readonly differences?: QueueFacts['differences'];
}

const fileKind = { kind: 'file' } as const;
const folderKind = { kind: 'folder' } as const;
const kinds = new Map<string, PathKind>([
  ['Dockerfile', fileKind],
  ...['left', 'right'].flatMap((name): [string, PathKind][] => [
    [name, folderKind],
    [`${name}/Dockerfile`, fileKind],
  ]),
]);

function judgedOf(jobs: readonly Job[]): JudgedImages {
  const file = { path: 'Dockerfile', dockerfile: 'FROM scratch\n', goMod: null, builder: 'kaniko' } as const;
  return new Map(jobs.flatMap((job) => imagesOf(job).flatMap((image) => [...judgeImage(image, file)])));
}

export function factsOf({
  tree = sha('7'),
  jobs = [closed('unit')],
  environment = 'e',
  at = now,
  ...more
}: Tried): QueueFacts {
  const config = { kind: 'usable', config: aConfig(jobs), notes: [] } as const;
  const trees = new Map([[treeKey({ base: tip, tree }), { config, kinds, judged: judgedOf(jobs) }]]);
  const branches = new Map([[main, aBranch({ settings: settings(more.settings) })]]);
  const { differences = new Map() } = more;
  const claims = new Map([[claimKey({ branch: main, repository: place, tag: 'latest' }), null]]);
  return theFacts({ trees, branches, environment, claims, now: at, looks: more.looks ?? new Map(), differences });
}

/** Has a change tested anew: what was remembered is kept. */
export function begin(draft: GateDraft, number: number, tried: Tried = {}): MadeCandidate {
  const { tree = sha('7'), over = {} } = tried;
  const candidate = aCandidate(headOf(number), { tree, jobs: null, ...over });
  draft.record = { ...draft.record, items: [anItem(number, { makes: 1, candidate })] };
  testCandidates(draft, factsOf(tried));
  return candidateIn(draft);
}

export function candidateIn({ record }: GateDraft): MadeCandidate {
  const candidate = record.items[0]?.candidate;
  if (candidate?.kind !== 'made') throw new Error('no candidate');
  return candidate;
}

/** A Build that has ended so; one of an image has uploaded it. */
function endedAs(build: Build, result: BuildResult): Build {
  const { image } = build.parts.point;
  const uploaded = {
    repository: place,
    tag: `change_${build.parts.commit.slice(0, 12)}`,
    mediaType: 'm',
    manifestBytes: 1,
  };
  const built = image === undefined || result !== 'success' ? null : { digest, bytes: 1, layers: 1, uploaded };
  const outcome = { image: built, tail: '', annotation: null };
  const times = { startedAt: now, finishedAt: now };
  return { ...build, state: { phase: 'finished', result, because: '', ...times, outcome } };
}

function endedJob(record: JobRecord, result: BuildResult): JobRecord {
  if (record.status.kind !== 'building') return record;
  const builds = record.status.builds.map((build) => endedAs(build, result));
  const status: JobStatus = { kind: 'ended', result, builds };
  return { ...record, status };
}

/** Ends all that runs of the change, as `results` say by job; what they do not name passes. */
export function end(
  draft: GateDraft,
  tried: Tried = {},
  results: Readonly<Record<string, BuildResult>> = {},
): MadeCandidate {
  const candidate = candidateIn(draft);
  const jobs = (candidate.jobs ?? []).map((record) => endedJob(record, results[record.job] ?? 'success'));
  const items = draft.record.items.map((item) => ({ ...item, candidate: { ...candidate, jobs } }));
  draft.record = { ...draft.record, items };
  testCandidates(draft, factsOf(tried));
  return candidateIn(draft);
}

/** A queue in which #1 was tested and came to this. */
export function after(tried: Tried = {}, results: Readonly<Record<string, BuildResult>> = {}): GateDraft {
  const draft = aDraft();
  begin(draft, 1, tried);
  end(draft, tried, results);
  return draft;
}

/** Whether the change is built now, or took what was. */
export function outcomeOf({ jobs, verdict }: MadeCandidate): 'built' | 'taken' | 'undecided' {
  if (jobs === null) return 'undecided';
  return verdict?.reused ? 'taken' : 'built';
}
