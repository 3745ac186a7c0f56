import type { Delivery, Parcel, ParcelMatch } from './deliveries.ts';
import { matchesParcel } from './deliveries.ts';
import { hookHeaders, payloadLimit, postHook } from './hookshot.ts';

/** Where an App wants its webhooks now; null while it has no address. */
export type FindTarget = (appId: number) => { readonly url: string; readonly secret: string } | null;

type Mark = {
  readonly match: ParcelMatch;
  left: number;
  readonly does: 'lose' | 'fail' | 'double' | { behind: number };
};

/** The webhooks on their way, one at a time for all Apps, in the order of their events unless a fault changes it. */
export interface Outbox {
  readonly post: (parcel: Parcel) => void;
  /** For good: what waits is dropped, what is being sent is given up. */
  readonly stop: () => void;
  readonly pause: () => void;
  readonly resume: () => void;
  readonly hold: () => void;
  readonly release: (order?: (waiting: readonly Parcel[]) => readonly Parcel[]) => void;
  readonly lose: (fault?: ParcelMatch & { count?: number; logged?: boolean }) => void;
  readonly double: (fault?: ParcelMatch & { count?: number }) => void;
  readonly delay: (fault: ParcelMatch & { count?: number; behind: number }) => void;
  readonly reorder: (count: number) => void;
  /** Resolves once nothing waits any more but what is held back; never rejects. */
  readonly settled: () => Promise<void>;
  /** Newest first. */
  readonly deliveries: (appId: number) => readonly Delivery[];
}

interface State {
  paused: boolean;
  held: Parcel[] | null;
  marks: Mark[];
  reversing: { left: number; parcels: Parcel[] } | null;
  late: { parcel: Parcel; behind: number }[];
  queue: Parcel[];
  log: Delivery[];
  sending: Promise<void>;
  busy: boolean;
  readonly ending: AbortController;
}

export interface OutboxWorld {
  readonly now: () => number;
  readonly nextId: () => number;
  readonly target: FindTarget;
  readonly timeout: number;
}

export function createOutbox(world: OutboxWorld): Outbox {
  const state: State = {
    paused: false,
    held: null,
    marks: [],
    reversing: null,
    late: [],
    queue: [],
    log: [],
    sending: Promise.resolve(),
    busy: false,
    ending: new AbortController(),
  };
  const mark = (match: ParcelMatch, does: Mark['does'], count = 1): void => {
    state.marks.push({ match, does, left: count });
  };
  return {
    post: (parcel) => accept(world, state, parcel),
    stop: () => {
      state.paused = true;
      state.queue.length = 0;
      state.ending.abort();
    },
    pause: () => {
      state.paused = true;
    },
    resume: () => {
      state.paused = false;
    },
    hold: () => {
      state.held ??= [];
    },
    release: (order = (waiting) => waiting) => {
      const waiting = state.held ?? [];
      state.held = null;
      for (const parcel of order(waiting)) enqueue(world, state, parcel);
    },
    lose: ({ count, logged, ...match } = {}) => mark(match, logged ? 'fail' : 'lose', count),
    double: ({ count, ...match } = {}) => mark(match, 'double', count),
    delay: ({ count, behind, ...match }) => mark(match, { behind }, count),
    reorder: (count) => {
      state.reversing = { left: count, parcels: [] };
    },
    settled: async () => {
      while (state.busy) await state.sending;
    },
    deliveries: (appId) => state.log.filter(({ parcel }) => parcel.appId === appId).toReversed(),
  };
}

function accept(world: OutboxWorld, state: State, parcel: Parcel): void {
  if (state.paused) return;
  const mark = state.marks.find(({ match, left }) => left > 0 && matchesParcel(match, parcel));
  if (mark) mark.left -= 1;
  const does = mark?.does ?? 'admit';
  if (does === 'fail') log(world, state, parcel, failedAttempt);
  else if (typeof does === 'object') state.late.push({ parcel, behind: does.behind });
  else if (does !== 'lose') {
    admit(world, state, parcel);
    if (does === 'double') admit(world, state, parcel);
  }
}

function admit(world: OutboxWorld, state: State, parcel: Parcel): void {
  if (state.held) state.held.push(parcel);
  else if (state.reversing) collectReversed(world, state, state.reversing, parcel);
  else enqueue(world, state, parcel);
}

function collectReversed(
  world: OutboxWorld,
  state: State,
  reversing: { left: number; parcels: Parcel[] },
  parcel: Parcel,
): void {
  reversing.parcels.unshift(parcel);
  reversing.left -= 1;
  if (reversing.left > 0) return;
  state.reversing = null;
  for (const next of reversing.parcels) enqueue(world, state, next);
}

function enqueue(world: OutboxWorld, state: State, parcel: Parcel): void {
  state.queue.push(parcel);
  for (const late of state.late) late.behind -= 1;
  state.queue.push(...state.late.filter(({ behind }) => behind <= 0).map((late) => late.parcel));
  state.late = state.late.filter(({ behind }) => behind > 0);
  if (state.busy) return;
  state.busy = true;
  state.sending = drain(world, state);
}

async function drain(world: OutboxWorld, state: State): Promise<void> {
  for (let parcel = state.queue.shift(); parcel; parcel = state.queue.shift()) await deliver(world, state, parcel);
  state.busy = false;
}

async function deliver(world: OutboxWorld, state: State, parcel: Parcel): Promise<void> {
  const target = world.target(parcel.appId);
  const body = JSON.stringify(parcel.payload);
  if (!target || Buffer.byteLength(body) > payloadLimit) return;
  const headers = hookHeaders(parcel, body, target.secret);
  const begun = performance.now();
  const answer = await postHook(
    target.url,
    headers,
    body,
    AbortSignal.any([state.ending.signal, AbortSignal.timeout(world.timeout)]),
  );
  log(world, state, parcel, {
    duration: Math.round(performance.now() - begun) / 1000,
    status: answer.status,
    statusCode: answer.statusCode,
    url: target.url,
    requestHeaders: headers,
    responseHeaders: answer.headers,
    responseBody: answer.body,
  });
}

const failedAttempt = {
  duration: 0,
  status: 'failed to connect to host',
  statusCode: 502,
  url: '',
  requestHeaders: {},
  responseHeaders: null,
  responseBody: null,
};

function log(
  world: OutboxWorld,
  state: State,
  parcel: Parcel,
  attempt: Omit<Delivery, 'id' | 'parcel' | 'deliveredAt'>,
): void {
  state.log.push({ id: world.nextId(), parcel, deliveredAt: world.now(), ...attempt });
}
