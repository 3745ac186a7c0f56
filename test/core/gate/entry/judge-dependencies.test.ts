import { describe, expect, it } from 'vitest';
import { describeMissing } from '../../../../src/core/gate/entry/describe-missing.ts';
import { missingOfCycle } from '../../../../src/core/gate/entry/judge-dependencies.ts';
import type { Dependency } from '../../../../src/core/gate/entry/question.ts';
import { bothStages, texts } from './entry-fixture.ts';

const waiting = { entering: 'missing dependency+', queued: 'missing dependency+' };
const fine = { entering: 'ready', queued: 'ready' };

describe('a change that this one depends on', () => {
  it.each`
    state            | expected   | said
    ${'landed'}      | ${fine}    | ${'`acme/api#7`, which has landed'}
    ${'ahead'}       | ${fine}    | ${'`acme/api#7`, which is ahead in this queue'}
    ${'asked'}       | ${waiting} | ${'`acme/api#7`, which was asked for and is not in the queue yet'}
    ${'not-asked'}   | ${waiting} | ${'`acme/api#7`, which nobody asked to land'}
    ${'closed'}      | ${waiting} | ${'`acme/api#7`, which was closed'}
    ${'other-queue'} | ${waiting} | ${'`acme/api#7`, which lands by another queue'}
    ${'unknown'}     | ${waiting} | ${'`acme/api#7`, about which nothing could be read'}
  `('and that is $state', ({ state, expected, said }) => {
    const dependencies: Dependency[] = [{ number: 7, project: 'acme/api', state }];
    expect(bothStages({ dependencies })).toEqual(expected);
    expect(texts({ dependencies })).toContain(said);
  });

  it.each(['not-asked', 'closed', 'other-queue', 'unknown'] as const)(
    'of a project that is not shown: nothing tells that it is %s',
    (state) => {
      const told = (number: number) => texts({ dependencies: [{ number, project: null, state }] });
      expect(told(7)).toBe(
        'It depends on a change of a project that is not shown here, which has not landed. This one follows by itself once it has.',
      );
      expect(bothStages({ dependencies: [{ number: 7, project: null, state }] })).toEqual(waiting);
    },
  );

  it('of a project that is not shown may have landed', () => {
    expect(bothStages({ dependencies: [{ number: 7, project: null, state: 'landed' }] })).toEqual(fine);
    expect(texts({ dependencies: [{ number: 7, project: null, state: 'ahead' }] })).not.toContain('7');
  });

  it('every one must come before it', () => {
    const dependencies: Dependency[] = [
      { number: 7, project: 'acme/api', state: 'landed' },
      { number: 8, project: 'acme/api', state: 'not-asked' },
      { number: 9, project: 'acme/web', state: 'closed' },
    ];
    expect(bothStages({ dependencies }).entering).toBe('missing dependency+ dependency+');
  });

  it('and that could not be understood is told with what to write', () => {
    const refusedDependencies = [{ line: 'Depends-On: @all', because: 'write `#12`' }];
    expect(bothStages({ refusedDependencies })).toEqual(waiting);
    expect(texts({ refusedDependencies })).toBe(
      'What it depends on could not be understood: `Depends-On: @all`. In the description, write `#12`.',
    );
  });
});

describe('a cycle', () => {
  it('is told with its members, back to the first, and takes out', () => {
    const missing = missingOfCycle([
      { number: 1, project: 'acme/api' },
      { number: 2, project: null },
    ]);
    expect(missing.postpones).toBe(false);
    expect(describeMissing([missing])).toBe(
      '* It depends on itself: `acme/api#1` → a change that is not shown here → `acme/api#1`. Take one of these `Depends-On:` lines out.',
    );
  });
});
