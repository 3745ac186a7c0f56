import type { BoardChange, QueueBoard } from '../../src/http/queue-board.ts';

export function boardChange(number: number, over: Partial<BoardChange> = {}): BoardChange {
  return {
    name: `#${number}`,
    title: `Change ${number}`,
    author: 'ada',
    lane: 'normal',
    url: `https://github.example/acme/api/pull/${number}`,
    state: 'waiting',
    stands: 'not tested yet',
    testedOn: null,
    besides: [],
    jobs: [],
    missing: [],
    eta: null,
    ...over,
  };
}

export function board(over: Partial<QueueBoard> = {}): QueueBoard {
  return {
    repository: 'acme/api',
    branch: 'main',
    tip: 'a'.repeat(40),
    window: 20,
    alarms: [],
    short: null,
    landing: null,
    items: [],
    asked: [],
    ...over,
  };
}

/** One of each kind: lands, tested on it, held, tested on both, failed off the tip, beyond the window; and one that was asked for. */
export function busyBoard(over: Partial<QueueBoard> = {}): QueueBoard {
  const unit = { name: 'unit', required: true, state: 'running', log: '/logs/sluice-1?key=k' };
  const lint = { name: 'lint', required: false, state: 'passed', log: null };
  return board({
    landing: 'Landing #1 as 0123456789ab, since 3 s',
    items: [
      boardChange(1, { state: 'landing', stands: 'landing', testedOn: ['main'], jobs: [{ ...unit, state: 'passed' }] }),
      boardChange(2, { state: 'passed', stands: 'passed, waits for #1 to land', testedOn: ['main', '#1'] }),
      boardChange(3, { state: 'held', stands: 'held until /unhold', missing: ['It waits: it is held.'] }),
      boardChange(4, {
        state: 'testing',
        stands: 'being tested',
        lane: 'bulk',
        testedOn: ['main', '#1', '#2'],
        jobs: [unit, lint],
        eta: 'It may land at about 17:35 UTC.',
      }),
      boardChange(5, {
        state: 'failed',
        stands: 'failed together with #1, #2, #4, waits for their end',
        testedOn: ['main', '#1', '#2', '#4'],
        jobs: [{ ...unit, state: 'failed' }],
      }),
      boardChange(6, { stands: 'beyond the window of 5' }),
    ],
    asked: [boardChange(7, { stands: 'not in the queue yet', missing: ['It needs 1 approval.'] })],
    ...over,
  });
}
