import { expect, it } from 'vitest';
import { pauseBuild } from '../../src/core/pause-builds.ts';
import { type Build, buildIdFor } from '../../src/model/build.ts';
import type { PromoteEffect } from '../../src/model/promote-effect.ts';
import { commandOrder } from './pod/order-fixture.ts';

function paused(build: Build, ended: readonly string[]) {
  const effects: PromoteEffect[] = [];
  return { effects, build: pauseBuild(effects, build, { now: 5, ended: new Set(ended) }) };
}

it('what has ended while the App was suspended keeps its pod, whose result counts afterwards; what runs is built anew', () => {
  const running = { ...commandOrder().build, state: { phase: 'running', startedAt: 1 } } as unknown as Build;
  expect(paused(running, [running.id])).toEqual({ effects: [], build: running });
  const { effects, build } = paused(running, []);
  expect(effects).toEqual([{ kind: 'on', number: 0, effect: { kind: 'remove', build: running.id } }]);
  expect(build).toMatchObject({ state: { phase: 'wanted', since: 5 }, parts: { attempt: running.parts.attempt + 1 } });
  expect(build.id).toBe(buildIdFor(build.parts));
});

it('what was only known to start, and has ended meanwhile, is not begun once more without a slot when its pod is gone', () => {
  const starting = { ...commandOrder().build, state: { phase: 'starting', since: 3 } } as Build;
  const ended = { ...starting, state: { phase: 'running', since: 3 } };
  expect(paused(starting, [starting.id])).toEqual({ effects: [], build: ended });
});
