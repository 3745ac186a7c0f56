import { expect, it } from 'vitest';
import { serveBranch } from '../../src/app/save-branch-plan.ts';
import { toBuildId } from '../../src/model/build.ts';
import { subjectIdOf } from '../../src/model/subject.ts';

const build = toBuildId(`b-unit-${'a'.repeat(24)}`);
const id = subjectIdOf({ kind: 'push', repository: 1, branch: 'main' });
const entry = { build, pool: 'default', state: 'waiting', since: 1, repository: 1, author: null, rank: 1 } as never;

it.each`
  before                          | held     | expected
  ${null}                         | ${true}  | ${true}
  ${{ granted: false, ahead: 2 }} | ${true}  | ${true}
  ${{ granted: true, ahead: 0 }}  | ${true}  | ${false}
  ${{ granted: false, ahead: 2 }} | ${false} | ${false}
`('a slot is news once: before $before, held now $held, so $expected', async ({ before, held, expected }) => {
  const dispatcher = {
    serve: async () => new Set(held ? [build] : []),
    alone: () => Promise.reject(),
    sweep: async () => undefined,
  };
  const seen = new Map(before === null ? [] : [[build, before]]);
  expect(await serveBranch(dispatcher, id, { line: [entry] }, seen)).toBe(expected);
});
