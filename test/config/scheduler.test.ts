import { describe, expect, it } from 'vitest';
import { parse, shortComplaints } from './read-fixtures.ts';

const jobs = 'jobs:\n  unit: { on: gate, image: docker.io/library/golang:1.24, run: make }\n';
const gate = (lines: string) => `${jobs}gate: { ${lines} }\n`;

function schedulerOf(text: string) {
  const state = parse(text);
  if (state.kind !== 'valid') throw new Error(JSON.stringify(state));
  return state.config.gate.scheduler;
}

describe('the scheduler of a gate', () => {
  it('is the window unless the file says otherwise', () => {
    expect(schedulerOf(jobs)).toEqual({ kind: 'window' });
    expect(schedulerOf(gate('scheduler: window'))).toEqual({ kind: 'window' });
    expect(schedulerOf(gate('scheduler: best-first'))).toEqual({
      kind: 'best-first',
      slots: 20,
      prefixes: true,
    });
    expect(schedulerOf(gate('scheduler: best-first, slots: 4'))).toEqual({
      kind: 'best-first',
      slots: 4,
      prefixes: true,
    });
    const alone = { kind: 'best-first', slots: 20, prefixes: false };
    expect(schedulerOf(gate('scheduler: best-first, prefixes: false'))).toEqual(alone);
  });

  it('tests in lanes where the file says so', () => {
    const lanes = { kind: 'best-first', slots: 20, prefixes: true, lanes: 'closure', joinMs: 3_600_000 };
    expect(schedulerOf(gate('scheduler: best-first, lanes: closure'))).toEqual(lanes);
    expect(schedulerOf(gate('scheduler: best-first, lanes: off'))).not.toHaveProperty('lanes');
    expect(schedulerOf(gate('lanes: off'))).toEqual({ kind: 'window' });
  });

  it('runs all jobs on the branch as often as the file says, where changes land in lanes', () => {
    const closure = 'scheduler: best-first, lanes: closure';
    expect(schedulerOf(gate(`${closure}, joins: 20m`))).toMatchObject({ joinMs: 20 * 60_000 });
    expect(schedulerOf(gate(`${closure}, joins: off`))).not.toHaveProperty('joinMs');
    expect(schedulerOf(gate('scheduler: best-first'))).not.toHaveProperty('joinMs');
  });

  it('tests several by one build where that is wished', () => {
    expect(schedulerOf(gate('scheduler: best-first, batches: true'))).toMatchObject({ prefixes: true, batches: true });
    expect(schedulerOf(gate('scheduler: best-first, lanes: closure, batches: true'))).toMatchObject({
      lanes: 'closure',
      batches: true,
    });
    const neither = 'scheduler: best-first, prefixes: false, batches: false';
    expect(schedulerOf(gate(neither))).toMatchObject({ prefixes: false });
  });

  it.each([
    ['lanes: closure', '`lanes: closure` is for `scheduler: best-first`'],
    ['scheduler: best-first, lanes: closure, reuse: off', 'lands on the strength of a pass of before'],
    ['scheduler: best-first, lanes: paths', 'closure'],
    ['scheduler: best-first, joins: 1h', '`joins` is for `lanes: closure`'],
    ['scheduler: best-first, lanes: closure, joins: often', '"often" is no duration'],
    ['slots: 4', '`slots` is for `scheduler: best-first`'],
    ['scheduler: window, slots: 4', '`slots` is for `scheduler: best-first`'],
    ['prefixes: true', '`prefixes` is for `scheduler: best-first`'],
    ['batches: true', '`batches` is for `scheduler: best-first`'],
    ['scheduler: best-first, prefixes: false, batches: true', '`prefixes: false` wants each commit green by itself'],
    ['scheduler: best-first, queue: all', 'is for a queue of one project'],
    ['scheduler: best-first, landing: merge-endpoint', 'needs to know the commits that land'],
    ['scheduler: quickest', 'window'],
    ['scheduler: best-first, slots: 0', '1'],
  ])('%s: is told what is wrong', (lines, told) => {
    expect(shortComplaints(gate(lines))).toEqual([expect.stringContaining(told)]);
  });
});
