import { type TreeFacts, treeKey } from '../../../src/core/presubmit/facts.ts';
import type { WantedIndex } from '../../../src/core/promote/collect-images.ts';
import { lookKey, type PromoteFacts, type PromotePlan, type QueuedUpload } from '../../../src/core/promote/facts.ts';
import { candidateKey } from '../../../src/core/promote/places.ts';
import { planPromotion } from '../../../src/core/promote/plan-promotion.ts';
import type { BuildId } from '../../../src/model/build.ts';
import type { LedgerDetail, LedgerEntry, LedgerState } from '../../../src/model/ledger.ts';
import type { BuildOrder, UploadOrder } from '../../../src/model/order.ts';
import type { ObservedPod } from '../../../src/model/pod.ts';
import { podKeys } from '../../../src/model/pod.ts';
import type { PromoteEffect } from '../../../src/model/promote-effect.ts';
import type { PromotedImage, PromoteRecord, PromotionSettings, RecordedImage } from '../../../src/model/promotion.ts';
import { type Digest, toDigest } from '../../../src/model/sha.ts';
import { subjectIdOf } from '../../../src/model/subject.ts';
import { aProject, people, sha } from '../../fakes/model-data.ts';
import { exited, podOf } from '../pod/observed-pod.ts';

export const project = aProject();
export const line = subjectIdOf({ kind: 'promote', repository: project.id, branch: 'main' });
export const start = 1_800_000_000_000;

export function digest(letter: string): Digest {
  return toDigest(`sha256:${letter.repeat(64).slice(0, 64)}`);
}

/** An image as a landing records it: staged apart from where people pull it. */
export function anImage(name: string, of: string, over: Partial<RecordedImage> = {}): RecordedImage {
  const repository = `quay.io/acme/${name}`;
  const staged = { repository: `staging.acme.io/quay.io/acme/${name}`, tag: `change_${of}_latest` };
  return { name, target: null, repository, tags: ['latest'], digest: digest(of), staged, ...over };
}

/** Behind a landing, and before what was pushed on top of it and is in the ledger already. */
type Place = number | Pick<Extract<LedgerDetail, { kind: 'pushed' }>, 'below' | 'above'>;

const mediaType = 'application/vnd.oci.image.manifest.v1+json';

function plainPlace(upload: UploadOrder | undefined) {
  return { repository: upload?.repository ?? '', tag: upload?.tag ?? '' };
}

function isGoing(effect: PromoteEffect): boolean {
  return effect.kind === 'on' && (effect.effect.kind === 'remove' || effect.effect.kind === 'stop');
}

/** A branch, its ledger and two registries, small enough to be looked at; effects are carried out as a worker would. */
export class LineWorld {
  now = start;
  readonly entries: LedgerEntry[] = [];
  standing = 0;
  /** Numbers of what was pushed and the branch does not hold any more. */
  gone: readonly number[] = [];
  /** How often a registry was asked for a reference. */
  lookedAt = 0;
  /** Null: as it was written. */
  ledger: LedgerState | null = null;
  tip = sha('0');
  /** By `lookKey`. */
  readonly registry = new Map<string, Digest>();
  readonly away = new Map<string, string>();
  readonly immutable = new Set<string>();
  readonly keeps = new Set<string>();
  /** Why tags may not be set, as other branches have them, by `lookKey`. */
  readonly foreign = new Map<string, string>();
  /** Why no index can be written; null: it can, and is always the same one. */
  noIndex: string | null = null;
  /** Tags that branches of later versions have, by `tagKey`. */
  passed: ReadonlyMap<string, string> | null = new Map();
  settings: PromotionSettings | null = { mode: 'intermediate', staging: 'staging.acme.io', executor: 'worker' };
  readonly trees = new Map<string, TreeFacts>();
  pods: readonly ObservedPod[] = [];
  /** Builds that have a slot. */
  readonly places = new Map<BuildId, { granted: boolean; ahead: number }>();
  /** Nothing that comes to stand in line gets a slot. */
  isFull = false;
  /** How pods that promote go: at once, never, never even begin, or badly with these words. */
  promoting: 'well' | 'on' | 'pending' | { readonly exit: number; readonly words: string } = 'well';
  /** Pods that are told to go do not go yet. */
  lingers = false;
  /** What builds of an image come to, by its name and platform. */
  readonly builds = new Map<string, Digest>();
  /** What the queue's candidates uploaded. */
  queued: readonly QueuedUpload[] = [];
  /** Candidates that stand in the queue, by `queuedKey`. */
  candidates: ReadonlySet<string> = new Set();
  /** Where images of its changes wait, as the branch's file says. */
  waiting: readonly string[] = [];
  skipped: ReadonlySet<ReturnType<typeof sha>> | null = new Set();
  /** Candidates of this project that a clone knows. */
  readonly clone = new Set<string>();
  readonly done: PromoteEffect[] = [];
  readonly moved: PromotePlan['moved'][number][] = [];
  record: PromoteRecord = { schema: 1, project, branch: 'main', landings: [], uploads: [], sweptAt: 0 };

  write(detail: LedgerDetail): number {
    const sequence = this.entries.length + 1;
    this.entries.push({ schema: 1, sequence, repository: project.id, branch: 'main', at: this.now, detail });
    return sequence;
  }

  /** Lands a change whose gate uploaded these. */
  land(number: number, ...images: readonly RecordedImage[]): number {
    const commit = sha(number.toString(16).padStart(3, 'c'));
    for (const { staged, digest: of } of images) {
      this.registry.set(lookKey(staged.repository, staged.tag), of);
      this.registry.set(lookKey(staged.repository, of), of);
    }
    const verdict = { commit, tree: sha('7'), checks: [], configuration: '', git: '', at: this.now, images };
    const from = this.tip;
    this.tip = commit;
    this.standing = this.entries.length + 1;
    return this.write({
      kind: 'landed',
      number,
      head: sha('e'),
      from,
      commit,
      method: 'merge',
      by: people.ada,
      verdict,
    });
  }

  /** Records what postsubmit built of a commit that somebody pushed behind this landing. */
  push(below: Place, letter: string, ...images: readonly RecordedImage[]): number {
    for (const { staged, digest: of } of images) {
      this.registry.set(lookKey(staged.repository, staged.tag), of);
      this.registry.set(lookKey(staged.repository, of), of);
    }
    const commit = sha(letter);
    const place = typeof below === 'number' ? { below } : below;
    return this.write({ kind: 'pushed', ...place, commit, tree: sha('6'), by: people.ada, images });
  }

  tagsIn(repository: string): readonly string[] {
    return [...this.registry.keys()].flatMap((key) =>
      key.startsWith(`${repository}:`) ? [key.slice(repository.length + 1)] : [],
    );
  }

  tagOf(name: string, tag = 'latest'): Digest | undefined {
    return this.registry.get(lookKey(`quay.io/acme/${name}`, tag));
  }

  #facts(outcomes: Pick<PromoteFacts, 'tagged' | 'untagged'>, asked: boolean): PromoteFacts {
    const ledger = this.ledger ?? ({ kind: 'whole', head: sha('9'), entries: this.entries } as const);
    const reading = { tip: this.tip, ledger };
    const empty = {
      looks: new Map(),
      listings: new Map(),
      waiting: this.waiting,
      skipped: this.skipped,
      ours: new Map(),
      copies: new Map(),
      told: new Set<string>(),
    };
    const { settings, trees, pods, places } = this;
    const builds = {
      settings,
      trees,
      pods,
      line: places,
      indexes: new Map(),
      logs: new Map(),
      starts: new Map(),
      forge: {},
    };
    return {
      now: this.now,
      subject: line,
      reading,
      gone: this.gone,
      standing: this.standing,
      ...empty,
      ...builds,
      foreign: new Map(),
      passed: this.passed,
      queued: this.queued,
      candidates: this.candidates,
      ...outcomes,
      asked,
    };
  }

  #plan(given: PromoteFacts): PromotePlan {
    let facts = given;
    for (;;) {
      const plan = planPromotion(this.record, facts);
      const { wants } = plan;
      if (wants.trees.some((tree) => !this.trees.has(treeKey(tree)))) throw new Error('no such tree');
      const { looks: lookups, tags, listings: lists, candidates } = wants;
      if (lookups.length + tags.length + lists.length + candidates.length + wants.indexes.length === 0) return plan;
      const looks = new Map(facts.looks);
      const listings = new Map(wants.listings.map((repository) => [repository, this.tagsIn(repository)]));
      const ours = new Map(wants.candidates.map((change) => [candidateKey(change), this.clone.has(change.candidate)]));
      this.lookedAt += wants.looks.length;
      for (const { repository, reference } of wants.looks) {
        const because = this.away.get(repository.split('/')[0] ?? '');
        const found = this.registry.get(lookKey(repository, reference));
        looks.set(
          lookKey(repository, reference),
          because !== undefined
            ? { kind: 'trouble', trouble: 'away', because }
            : found === undefined
              ? { kind: 'absent' }
              : { kind: 'found', digest: found },
        );
      }
      const foreign = wants.tags.map(({ repository, reference }): [string, string | null] => {
        const key = lookKey(repository, reference);
        return [key, this.foreign.get(key) ?? null];
      });
      facts = {
        ...facts,
        looks,
        foreign: new Map([...facts.foreign, ...foreign]),
        listings: new Map([...facts.listings, ...listings]),
        ours: new Map([...facts.ours, ...ours]),
        indexes: new Map([...facts.indexes, ...wants.indexes.map((wanted) => this.#writeIndex(wanted))]),
      };
    }
  }

  #writeIndex({ key, place: { repository, tag } }: WantedIndex): readonly [string, Digest | { because: string }] {
    if (this.noIndex !== null) return [key, { because: this.noIndex }];
    for (const reference of [digest('9'), tag]) this.registry.set(lookKey(repository, reference), digest('9'));
    return [key, digest('9')];
  }

  /** One pass and those that follow from what it did; gives the last plan. */
  pass(asked = false): PromotePlan {
    let outcomes: Pick<PromoteFacts, 'tagged' | 'untagged'> = { tagged: new Map(), untagged: new Map() };
    for (let round = 0; round < 12; round += 1) {
      const plan = this.#plan(this.#facts(outcomes, asked));
      this.record = plan.record;
      this.done.push(...plan.effects);
      this.moved.push(...plan.moved);
      const acted = plan.effects.filter((effect) => effect.kind !== 'report' && !(this.lingers && isGoing(effect)));
      const isServed = this.#serve(plan);
      if (acted.length === 0 && !isServed) return plan;
      outcomes = this.#perform(acted);
    }
    throw new Error('it never comes to rest');
  }

  /** Every build gets its slot, as long as there is one; true when one did just now. */
  #serve({ line: wanted }: PromotePlan): boolean {
    const fresh = wanted.filter(({ build }) => !this.isFull && !this.places.has(build));
    for (const { build } of fresh) this.places.set(build, { granted: true, ahead: 0 });
    return fresh.length > 0;
  }

  /** A pod that builds and uploads what `builds` says; nothing there: it fails. */
  #start({ build, upload, promote }: BuildOrder): void {
    if (promote !== undefined) {
      this.promotes(build.id, promote.images);
      return;
    }
    const { image = '', platform = '' } = build.parts.point;
    const of = this.builds.get(`${image}${platform}`);
    const message =
      of &&
      JSON.stringify({
        digest: of,
        bytes: 1,
        layers: 1,
        uploaded: { ...plainPlace(upload), mediaType, manifestBytes: 9 },
      });
    const annotations = { [podKeys.subject]: build.parts.subject, [podKeys.commit]: build.parts.commit };
    const states = of ? { build: exited(0), upload: exited(0, { message: message ?? '' }) } : { build: exited(1) };
    const pod = podOf(states, { name: build.id, annotations, phase: of ? 'succeeded' : 'failed' });
    this.pods = [...this.pods.filter(({ name }) => name !== build.id), pod];
    if (!of || !upload) return;
    this.registry.set(lookKey(upload.repository, of), of);
    this.registry.set(lookKey(upload.repository, upload.tag), of);
  }

  /** A pod that promotes, or is still at it. */
  promotes(name: string, images: readonly PromotedImage[]): void {
    const annotations = { [podKeys.subject]: line, 'sluice.dev/job': 'promote-image' };
    const how = this.promoting;
    if (how === 'well')
      for (const { from, to, tags } of images)
        for (const reference of [from.digest, ...tags]) this.registry.set(lookKey(to, reference), from.digest);
    if (how === 'pending') {
      this.pods = [...this.pods.filter((other) => other.name !== name), podOf({}, { name, annotations, phase: how })];
      return;
    }
    const phase = how === 'on' ? 'running' : how === 'well' ? 'succeeded' : 'failed';
    const at = { startedAt: this.now, finishedAt: this.now };
    const state =
      how === 'on'
        ? ({ kind: 'running', startedAt: this.now } as const)
        : exited(how === 'well' ? 0 : how.exit, { message: how === 'well' ? '{}' : how.words, ...at });
    const pod = podOf({ promote: state }, { name, annotations, phase });
    this.pods = [...this.pods.filter((other) => other.name !== name), pod];
  }

  /** A pass after a while. */
  later(ms: number, asked = false): PromotePlan {
    this.now += ms;
    return this.pass(asked);
  }

  #perform(effects: readonly PromoteEffect[]): Pick<PromoteFacts, 'tagged' | 'untagged'> {
    const tagged = new Map<string, PromoteFacts['tagged'] extends ReadonlyMap<string, infer T> ? T : never>();
    const untagged = new Map<string, PromoteFacts['untagged'] extends ReadonlyMap<string, infer T> ? T : never>();
    for (const effect of effects) {
      if (effect.kind === 'copy') this.registry.set(lookKey(effect.to, effect.from.digest), effect.from.digest);
      if (effect.kind === 'append') this.entries.push(effect.entry);
      if (effect.kind === 'on' && effect.effect.kind === 'start') this.#start(effect.effect.order);
      if (effect.kind === 'on' && (effect.effect.kind === 'remove' || effect.effect.kind === 'stop')) {
        const { build } = effect.effect;
        this.pods = this.pods.filter(({ name }) => name !== build);
      }
      if (effect.kind === 'tag') {
        const key = lookKey(effect.image.repository, effect.tag);
        if (this.immutable.has(key)) tagged.set(key, { kind: 'immutable', because: 'this tag may not be moved' });
        else {
          this.registry.set(key, effect.image.digest);
          tagged.set(key, { kind: 'set' });
        }
      }
      if (effect.kind === 'untag') {
        const key = lookKey(effect.repository, effect.tag);
        const keeps = this.keeps.has(effect.repository);
        const there = this.registry.get(key);
        const isOther = there !== undefined && effect.digest !== null && there !== effect.digest;
        if (!keeps && !isOther) this.registry.delete(key);
        if (isOther) untagged.set(key, { kind: 'other', digest: there });
        else untagged.set(key, keeps ? { kind: 'kept', because: 'deletion is off' } : { kind: 'deleted' });
      }
    }
    return { tagged, untagged };
  }

  reports(): readonly string[] {
    return this.done.flatMap((effect) =>
      effect.kind === 'report' ? [`${effect.report.title}\n${effect.report.summary}`] : [],
    );
  }
}
