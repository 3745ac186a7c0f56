import { expect, it } from 'vitest';
import { planQueue } from '../../../src/core/gate/plan-queue.ts';
import { itemCheckId } from '../../../src/core/gate/report-item.ts';
import type { GateSettings } from '../../../src/model/gate-settings.ts';
import type { GateView } from '../../../src/model/gate-view.ts';
import { sha } from '../../fakes/model-data.ts';
import { settings, view } from './entry/entry-fixture.ts';
import { aBranch, anAsked, aRecord, headOf, idOf, main, now, theFacts } from './gate-fixture.ts';

const change = anAsked(1);
const landed = { change, departure: { kind: 'landed', commit: sha('5') }, candidate: null, at: now - 60_000 } as const;

function after(
  seen: GateView,
  known: GateSettings | null = settings({ method: 'squash' }),
): { readonly closes: number; readonly left: number } {
  const plain = theFacts({ branches: new Map([[main, aBranch({ settings: known })]]) });
  const told = new Map([[itemCheckId(plain.subject, change), { fingerprint: '', final: true, delivered: true }]]);
  const facts = { ...plain, reports: told, views: new Map([[idOf(1), seen]]) };
  const { effects, record } = planQueue(aRecord({ leaving: [landed] }), facts);
  return { closes: effects.filter(({ kind }) => kind === 'close').length, left: record.leaving.length };
}

it('a pull request whose change landed squashed is closed until it is seen closed, though its author is told already', () => {
  expect(after(view({}, { number: 1, head: headOf(1) }))).toEqual({ closes: 1, left: 1 });
  expect(after(view({}, { number: 1, head: headOf(1), state: 'closed' }))).toEqual({ closes: 0, left: 0 });
});

it('it is not forgotten where it cannot be read by which method it landed, nor closed before that is known', () => {
  const open = view({}, { number: 1, head: headOf(1) });
  expect(after(open, null)).toEqual({ closes: 0, left: 1 });
  expect(after(open, settings({ method: 'merge' }))).toEqual({ closes: 0, left: 0 });
});

it('what was pushed after the landing is not closed with it', () => {
  expect(after(view({}, { number: 1, head: headOf(7) }))).toEqual({ closes: 0, left: 0 });
});
