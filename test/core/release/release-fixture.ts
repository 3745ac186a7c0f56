import { lookKey } from '../../../src/core/promote/facts.ts';
import type { JudgedRelease, ReleaseFacts, ReleasePlan } from '../../../src/core/release/facts.ts';
import { planReleaseRun } from '../../../src/core/release/plan-release-run.ts';
import { newRelease } from '../../../src/core/release/take-wishes.ts';
import type { LedgerEntry } from '../../../src/model/ledger.ts';
import type { PromoteEffect } from '../../../src/model/promote-effect.ts';
import type { ReleasedImage, ReleaseWish } from '../../../src/model/release.ts';
import type { ReleaseRun } from '../../../src/model/release-run.ts';
import { type Digest, toDigest } from '../../../src/model/sha.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { aProject, people, sha } from '../../fakes/model-data.ts';

/** The same hex digit all over. */
export function digest(which: string): Digest {
  return toDigest(`sha256:${which.repeat(64)}`);
}

export const project = aProject();
export const app = 7;
export const commit = sha('c');
export const tree = sha('7');
const subject = subjectIdOf({ kind: 'release', repository: project.id, name: '1.2.3' });

export const wish: ReleaseWish = {
  branch: 'release-v1.2',
  component: null,
  version: 'v1.2.3',
  tag: null,
  commit,
  by: people.ada,
  ground: null,
  held: null,
  isVersion: true,
};

export function anImageOf(name: string, which: string): ReleasedImage {
  const repository = `quay.io/acme/${name}`;
  const staged = { repository, tag: `change_0_${commit.slice(0, 12)}_v1.2.3` };
  return {
    name,
    target: null,
    repository,
    tags: ['v1.2.3'],
    moving: ['v1.2'],
    platforms: [],
    digest: digest(which),
    staged,
  };
}

export const images = [anImageOf('api', '1'), anImageOf('web', '2')];

/** Registry and ledger of a story, and what was asked of them, in order. */
export interface Outside {
  readonly registry: Map<string, Digest>;
  readonly entries: LedgerEntry[];
  readonly done: string[];
}

export function outside(): Outside {
  const registry = new Map<string, Digest>();
  for (const { repository, digest: id, staged } of images) {
    registry.set(lookKey(repository, id), id);
    registry.set(lookKey(staged.repository, staged.tag), id);
  }
  return { registry, entries: [], done: [] };
}

export const judged: Extract<JudgedRelease, { kind: 'judged' }> = {
  kind: 'judged',
  tree,
  decided: { row: 'V11', kind: 'build', because: 'release v1.2.3' },
  planned: [],
  moving: { api: ['v1.2'], web: ['v1.2'] },
  movable: { api: ['v1.2'], web: ['v1.2'] },
  gated: null,
  configuration: 'cfg',
  shadow: false,
  raises: false,
  recordedOn: null,
  own: [],
  lacks: null,
};

export function factsOf({ entries }: Outside, over: Partial<ReleaseFacts> = {}): ReleaseFacts {
  const head = entries.length === 0 ? null : sha('f');
  return {
    now: 10_000,
    subject,
    app,
    reading: { tip: commit, ledger: { kind: 'whole', head, entries: [...entries] } },
    judged: null,
    wishes: [],
    recorded: new Set(),
    begun: new Map(),
    presses: [],
    looks: new Map(),
    copies: new Map(),
    tagged: new Map(),
    untagged: new Map(),
    next: null,
    proposed: new Map(),
    trees: new Map(),
    indexes: new Map(),
    told: new Set(),
    pods: [],
    line: new Map(),
    logs: new Map(),
    starts: new Map(),
    forge: {},
    logUrl: () => null,
    ...over,
  };
}

/** Plans as the shell does: what is lacking is had, and asked for again. */
export function planWith(
  record: ReleaseRun,
  world: Outside,
  over: Partial<ReleaseFacts> = {},
  judgement: JudgedRelease = judged,
): ReleasePlan {
  let facts = factsOf(world, over);
  for (let question = 0; question < 20; question += 1) {
    const plan = planReleaseRun(record, facts);
    const { looks, judged: asked } = plan.wants;
    if (looks.length + asked.length === 0) return plan;
    const seen = new Map(facts.looks);
    for (const { repository, reference } of looks) {
      const found = world.registry.get(lookKey(repository, reference));
      seen.set(
        lookKey(repository, reference),
        found === undefined ? { kind: 'absent' } : { kind: 'found', digest: found },
      );
    }
    facts = { ...facts, looks: seen, judged: asked.length > 0 ? judgement : facts.judged };
  }
  throw new Error('it never has all that it wants');
}

/** Carries one effect out, as ledger and registry would. */
export function perform({ registry, entries, done }: Outside, effect: PromoteEffect): void {
  if (effect.kind === 'append') {
    if (effect.entry.sequence !== entries.length + 1) return;
    entries.push(effect.entry);
    done.push(effect.entry.detail.kind);
  }
  if (effect.kind === 'tag') {
    const key = lookKey(effect.image.repository, effect.tag);
    registry.set(key, effect.image.digest);
    done.push(key);
  }
  if (effect.kind === 'untag') registry.delete(lookKey(effect.repository, effect.tag));
}

/** A release whose images were built. */
export const built: ReleaseRun = {
  ...newRelease(project, wish, 1_000),
  stage: { kind: 'built', images },
  row: 'V11',
  tree,
  configuration: 'cfg',
};
