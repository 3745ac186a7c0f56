import { describe, expect, it } from 'vitest';
import { canaryOrder } from '../../../src/core/isolation/canary-order.ts';
import { readListener, readSight, withListener } from '../../../src/core/isolation/read-sight.ts';
import type { IsolationOutcome } from '../../../src/model/isolation.ts';

const control = { name: 'control', outcome: 'reached', detail: 'it took the connection' } as const;
const pod = (outcome: IsolationOutcome) => ({ name: 'pod', outcome, detail: 'ETEST' });

describe('what a canary left', () => {
  it('is read as it was written', () => {
    const sight = { control, targets: [pod('refused')] };
    expect(readSight(JSON.stringify(sight))).toEqual(sight);
  });

  it.each([
    ['nothing', ''],
    ['a cut text', '{"control":{"na'],
    ['a digest', 'sha256:0000'],
    ['null', 'null'],
    ['no control', '{"targets":[]}'],
    ['an outcome that there is not', JSON.stringify({ control, targets: [{ ...pod('refused'), outcome: 'passed' }] })],
    ['a target that is none', JSON.stringify({ control, targets: [7] })],
  ])('is nothing where it is %s', (_what, message) => {
    expect(readSight(message)).toBeNull();
  });

  it('keeps details short and plain: they are data of a pod', () => {
    const detail = `\u001b[31m${'x'.repeat(100)}`;
    const sight = readSight(JSON.stringify({ control: { ...control, detail }, targets: [] }));
    expect(sight?.control.detail).toBe(`?[31m${'x'.repeat(55)}`);
  });
});

describe('the pod that listens', () => {
  const targets = [{ name: 'pod', kind: 'pod' }] as const;
  it.each`
    seen           | reachesItself | visitors | expected
    ${'no-answer'} | ${true}       | ${0}     | ${'no-answer'}
    ${'refused'}   | ${true}       | ${0}     | ${'refused'}
    ${'reached'}   | ${true}       | ${1}     | ${'reached'}
    ${'reached'}   | ${false}      | ${0}     | ${'reached'}
    ${'no-answer'} | ${true}       | ${1}     | ${'reached'}
    ${'no-answer'} | ${false}      | ${0}     | ${'not-tried'}
    ${'refused'}   | ${false}      | ${0}     | ${'not-tried'}
  `('seen as $seen, itself reached $reachesItself, $visitors visitors: $expected', (row) => {
    const listener = readListener(JSON.stringify(row));
    expect(withListener({ control, targets: [pod(row.seen)] }, targets, listener).targets).toMatchObject([
      { outcome: row.expected },
    ]);
  });

  it('proves nothing where it left nothing, or was never tried', () => {
    const untried = [{ outcome: 'not-tried' }];
    expect(withListener({ control, targets: [pod('refused')] }, targets, null).targets).toMatchObject(untried);
    const listened = { reachesItself: true, visitors: 0 };
    expect(withListener({ control, targets: [] }, targets, listened).targets).toMatchObject(untried);
    expect(readListener('{"reachesItself":true}')).toBeNull();
  });
});

it('each turn has pods of its own, and the same turn the same', () => {
  const listen = { kind: 'listen', port: 1 } as const;
  expect(canaryOrder(listen, 5).build.id).toBe(canaryOrder(listen, 5).build.id);
  expect(canaryOrder(listen, 5).build.id).not.toBe(canaryOrder(listen, 6).build.id);
  expect(canaryOrder(listen, 5).build.trust).toBe('untrusted');
});
