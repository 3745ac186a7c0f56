import { begin } from '../../../../src/core/gate/best-first/begin.ts';
import { followScheduler } from '../../../../src/core/gate/best-first/follow.ts';
import type { Following } from '../../../../src/core/gate/best-first/following.ts';
import { lookAt } from '../../../../src/core/gate/best-first/look.ts';
import { firstSchedule } from '../../../../src/core/gate/best-first/remember.ts';
import { bestFirstOf } from '../../../../src/core/gate/best-first/settings.ts';
import { bestFirstSteps } from '../../../../src/core/gate/best-first/steps.ts';
import { shownUnit, unitIdOf } from '../../../../src/core/gate/best-first/unit-id.ts';
import { candidateKey } from '../../../../src/core/gate/candidates.ts';
import { changeIdOf, type GateDraft } from '../../../../src/core/gate/draft.ts';
import type { CandidateFact } from '../../../../src/core/gate/facts.ts';
import { madeOf } from '../../../../src/core/gate/made-of.ts';
import type { UnitId } from '../../../../src/core/gate/schedule/unit.ts';
import type { Step, WalkedItem } from '../../../../src/core/gate/walk-queue.ts';
import type { TouchSet } from '../../../../src/model/best-first.ts';
import type { JobRecord } from '../../../../src/model/presubmit.ts';
import type { QueueItem } from '../../../../src/model/queue.ts';
import type { Sha } from '../../../../src/model/sha.ts';
import { sha } from '../../../fakes/model-data.ts';
import { settings } from '../entry/entry-fixture.ts';
import { aBranch, aDraft, aJobRecord, anItem, ended, headOf, idOf, main, theFacts, tip } from '../gate-fixture.ts';

/** The commit of some changes, put on the tip in this order. */
export function commitOf(...numbers: readonly number[]): Sha {
  return numbers.length === 0 ? tip : sha(`c${numbers.join('')}`.replaceAll(/[^0-9a-f]/g, ''));
}

export type Made = (on: readonly number[], number: number) => CandidateFact;

export const always: Made = (on, number) => ({
  kind: 'made',
  commit: commitOf(...on, number),
  tree: sha('7'),
  changed: { known: true, paths: ['README.md'] },
});

function ordersOf(numbers: readonly number[]): readonly (readonly number[])[] {
  if (numbers.length === 0) return [[]];
  return [
    [],
    ...numbers.flatMap((number) =>
      ordersOf(numbers.filter((other) => other !== number)).map((rest) => [number, ...rest]),
    ),
  ];
}

/** What comes of putting each of these on any others. */
function everything(numbers: readonly number[], made: Made): ReadonlyMap<string, CandidateFact> {
  return new Map(
    ordersOf(numbers).flatMap((on) =>
      numbers
        .filter((number) => !on.includes(number))
        .map((number) => [candidateKey(main, commitOf(...on), headOf(number)), made(on, number)] as const),
    ),
  );
}

/** A queue whose candidates are built best first, driven by hand. */
export class Queue {
  draft: GateDraft;
  readonly slots: number;
  prefixes = true;
  lanes = false;
  batched = false;
  readonly made: ReadonlyMap<string, CandidateFact>;
  needs: Readonly<Record<number, readonly number[]>> = {};
  waits = new Set<number>();
  /** Ms. */
  at = theFacts().now;

  constructor(numbers: readonly number[], slots = 4, made: Made = always) {
    this.slots = slots;
    this.made = everything(numbers, made);
    this.draft = aDraft({ items: numbers.map((number) => anItem(number)) });
  }

  walkedOf = (item: QueueItem): WalkedItem => ({
    id: changeIdOf(item),
    branch: main,
    leaves: null,
    waits: this.waits.has(item.number) ? 'it is held' : null,
    needs: (this.needs[item.number] ?? []).map(idOf),
    candidateOn: () => null,
  });

  private following(): Following {
    const scheduler = {
      kind: 'best-first',
      slots: this.slots,
      prefixes: this.prefixes,
      ...(this.batched ? { batches: true as const } : {}),
    } as const;
    const own = settings({ scheduler: this.lanes ? { ...scheduler, lanes: 'closure' } : scheduler });
    const branches = new Map([[main, aBranch({ settings: own })]]);
    const facts = theFacts({ now: this.at, made: this.made, branches });
    const best = bestFirstOf(this.draft.record, facts);
    if (best === null) throw new Error('the window schedules it');
    return { draft: this.draft, facts, best, walkedOf: this.walkedOf };
  }

  pass(): this {
    followScheduler(this.following());
    return this;
  }

  /** As if a scheduler had asked for this, whatever it is. */
  begins(heads: readonly number[], included: readonly number[]): this {
    const stored = this.draft.record.schedule ?? firstSchedule(this.slots, { tip });
    const look = lookAt(this.draft.record, stored, this.walkedOf, this.at, true);
    const unitOf = (number: number): UnitId => look.standings.find(({ item }) => item.number === number)?.unit ?? '';
    begin(this.following(), look, stored, { heads: heads.map(unitOf), included: included.map(unitOf), excluded: [] });
    return this;
  }

  /** As `2 on 1`. */
  tested(): readonly string[] {
    return this.draft.record.items.flatMap((item) =>
      madeOf(item)
        .filter(({ spent, jobs }) => !spent && (jobs ?? []).every(({ status }) => status.kind === 'building'))
        .map(({ ahead }) => `${item.number}${ahead.length === 0 ? '' : ` on ${ahead.join('+')}`}`),
    );
  }

  /** Has changes tested in lanes, by what each touches. */
  inLanes(touches: Readonly<Record<number, TouchSet>>): this {
    this.lanes = true;
    const told = (item: QueueItem): QueueItem => ({ ...item, touches: touches[item.number] ?? 'everything' });
    this.draft.record = { ...this.draft.record, items: this.draft.record.items.map(told) };
    return this;
  }

  /** Every candidate of a change ends so. */
  end(number: number, result: 'success' | 'failure'): this {
    const items = this.draft.record.items.map((item) => {
      if (item.number !== number || item.candidate?.kind !== 'made') return item;
      return { ...item, candidate: { ...item.candidate, jobs: [aJobRecord('unit', ended(result))] } };
    });
    this.draft.record = { ...this.draft.record, items };
    return this;
  }

  /** What runs of a change runs these. */
  runs(number: number, jobs: readonly JobRecord[]): this {
    const items = this.draft.record.items.map((item) =>
      item.number === number && item.candidate?.kind === 'made'
        ? { ...item, candidate: { ...item.candidate, jobs } }
        : item,
    );
    this.draft.record = { ...this.draft.record, items };
    return this;
  }

  /** What is known of a change inside of batches: these are what it has to pass. */
  decides(number: number, jobs: readonly JobRecord[] | null, broken: string | null = null): this {
    const items = this.draft.record.items.map((item) =>
      item.number === number && item.batched
        ? { ...item, batched: item.batched.map((inside) => ({ ...inside, jobs, broken })) }
        : item,
    );
    this.draft.record = { ...this.draft.record, items };
    return this;
  }

  leaves(number: number): this {
    this.draft.record = {
      ...this.draft.record,
      items: this.draft.record.items.filter((item) => item.number !== number),
    };
    return this;
  }

  /** As `(1+2+3)`, `(2+3) on 1`: batches with their members. */
  batches(): readonly string[] {
    return this.draft.record.items.flatMap((item) =>
      madeOf(item).flatMap(({ guess, spent }) => {
        const { heads = [], under = [] } = guess ?? {};
        if (heads.length === 0 || spent) return [];
        const ground = under.map(({ unit }) => unit).filter((unit) => !heads.includes(unit));
        const members = [...heads, unitIdOf(item)].map((unit) => shownUnit(unit).slice(1)).join('+');
        return [
          `(${members})${ground.length > 0 ? ` on ${ground.map((unit) => shownUnit(unit).slice(1)).join('+')}` : ''}`,
        ];
      }),
    );
  }

  steps(): readonly Step[] {
    const { schedule = firstSchedule(1, { tip }) } = this.draft.record;
    return bestFirstSteps(this.draft.record, schedule, this.walkedOf, this.at);
  }

  /** As `2 with 1`: what one push lands now; null: nothing does. */
  lands(): string | null {
    const step = this.steps().find(({ decision }) => decision.kind === 'land');
    if (step?.decision.kind !== 'land') return null;
    const numberOf = (id: string): string => id.split('#')[1] ?? '';
    const inside = (step.decision.by?.inside ?? []).map(numberOf);
    return [numberOf(step.id), ...(inside.length > 0 ? [`with ${inside.join('+')}`] : [])].join(' ');
  }

  decisions(): Readonly<Record<number, string>> {
    return Object.fromEntries(this.steps().map(({ id, decision }) => [Number(id.split('#')[1]), decision.kind]));
  }
}
