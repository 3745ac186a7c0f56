import { describe, expect, it } from 'vitest';
import { type LookedAt, lookBack, type Search, searchFrom } from '../../../src/core/push/find-start.ts';
import type { ObservedCheckRun } from '../../../src/model/check-run.ts';
import { sha } from '../../fakes/model-data.ts';

const line = [sha('f'), sha('e'), sha('d'), sha('c'), sha('b')];
const [tip, second, third, fourth] = line as [(typeof line)[0], ...typeof line];

type Which = 'open' | 'done' | 'cancelled';

type Shown = Pick<LookedAt, 'recorded'> & { readonly runs: readonly Which[] | null };

function checkRun(commit: LookedAt['commit'], which: Which): ObservedCheckRun {
  const conclusion = which === 'done' ? 'success' : 'cancelled';
  const state = which === 'open' ? ({ status: 'queued' } as const) : ({ status: 'completed', conclusion } as const);
  const times = { startedAt: 1, completedAt: null };
  return { id: 1, name: 'publish', commit, externalId: 'x/1', state, title: '', summary: '', text: '', ...times };
}

/** Looks back over the newest commits, each as it is shown there, until that is over. */
function lookedBack(...shown: readonly Shown[]): Search {
  let search = searchFrom(tip as LookedAt['commit']);
  for (const [index, { recorded, runs }] of shown.entries()) {
    if (search.isOver) throw new Error('it was over before');
    const commit = line[index] as LookedAt['commit'];
    const look = { commit, parent: line[index + 1] ?? null, recorded };
    search = lookBack(search, { ...look, runs: runs?.map((which) => checkRun(commit, which)) ?? null });
  }
  return search;
}

const bare = { recorded: 'nothing', runs: [] } as const;
const open = { recorded: 'nothing', runs: ['done', 'open'] } as const;
const whole = { recorded: 'nothing', runs: ['done'] } as const;
const landed = { recorded: 'landed', runs: ['done'] } as const;

describe('where a branch is judged from after a loss', () => {
  it('is its tip, when that is told whole', () => {
    expect(lookedBack(whole)).toMatchObject({ last: tip, isTold: true, above: tip, below: null, isOver: true });
  });

  it('is what was told whole before a push of several commits that is open', () => {
    expect(lookedBack(open, bare, bare, whole)).toMatchObject({ below: fourth, isOver: true });
  });

  it('is what the ledger has before it, however long ago that is', () => {
    const unasked = { recorded: 'nothing', runs: null } as const;
    expect(lookedBack(open, unasked, { recorded: 'otherwise', runs: null })).toMatchObject({ below: third });
  });

  it('is what stands beneath an open one, where nothing further back was ever told', () => {
    expect(lookedBack(open, bare, bare)).toMatchObject({ below: second, isOver: false });
    expect(lookedBack(bare, open, bare)).toMatchObject({ below: third, isTold: false });
  });

  it('is the first commit of all, where a push of that one was overtaken', () => {
    expect(lookedBack(bare, bare, bare, bare, open)).toMatchObject({ below: line[4] });
  });

  it('is before a push that was overtaken: what it brought was to be built of the later one', () => {
    const overtaken = { recorded: 'nothing', runs: ['done', 'cancelled'] } as const;
    expect(lookedBack(open, overtaken, whole)).toMatchObject({ below: third, isOver: true });
    expect(lookedBack(open, overtaken, bare)).toMatchObject({ below: third, isOver: false });
    expect(lookedBack(overtaken)).toMatchObject({ last: tip, isTold: true });
  });

  it('is nowhere to be seen, where nothing was ever told', () => {
    expect(lookedBack(bare, bare)).toMatchObject({ below: null, isTold: false, last: tip, above: tip });
  });

  it('is before the last push that is open, whatever landed on it since', () => {
    expect(lookedBack(landed, landed, open, whole)).toMatchObject({ last: third, below: fourth, isTold: false });
    expect(lookedBack(landed, bare, whole)).toMatchObject({ below: third });
  });

  it('is beneath a landing that is not told, when the push before it is', () => {
    expect(lookedBack({ recorded: 'landed', runs: ['open'] }, landed, whole)).toMatchObject({
      above: second,
      isTold: true,
      below: null,
    });
    expect(lookedBack({ recorded: 'landed', runs: [] }, whole)).toMatchObject({ above: second });
    expect(lookedBack({ recorded: 'landed', runs: null }, landed)).toMatchObject({ above: tip, last: null });
  });

  it('is before a push that the ledger has, while not all of it was told', () => {
    expect(lookedBack({ recorded: 'otherwise', runs: ['open'] }, bare, whole)).toMatchObject({ below: third });
    expect(lookedBack({ recorded: 'otherwise', runs: ['done'] })).toMatchObject({ isTold: true });
  });
});
