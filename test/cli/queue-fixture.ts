import type { JobView, QueuedView, QueueView } from '../../src/cli/queue-view.ts';

/** What the clock of a command line says that is started by `sluice`. */
export const now = 1_000_000_000;

export function job(name: string, state: string, over: Partial<JobView> = {}): JobView {
  return { job: name, required: true, state, since: now - 5_000, because: 'it always runs', ...over };
}

export function change(number: number, title: string, over: Partial<QueuedView> = {}): QueuedView {
  return {
    repository: 'acme/api',
    place: number,
    number,
    title,
    author: 'ada',
    head: `${number}`.repeat(40),
    lane: 'normal',
    askedBy: 'boss',
    askedAt: now - 65_000,
    testedWith: [],
    besides: [],
    jobs: [],
    stands: 'being tested',
    state: 'testing',
    missing: [],
    eta: null,
    overrides: [],
    ...over,
  };
}

export function queue(over: Partial<QueueView> = {}): QueueView {
  return {
    repository: 'acme/api',
    branch: 'main',
    tip: 'a'.repeat(40),
    window: 20,
    frozen: null,
    wish: null,
    red: null,
    short: null,
    closed: null,
    landing: null,
    items: [],
    asked: [],
    ...over,
  };
}
