import { expect, it } from 'vitest';
import { allEnded, queueLine } from '../../../src/demo/scenario/watch-queue.ts';

const birch = { name: 'Birch', number: 2, head: 'a'.repeat(40), url: 'http://127.0.0.1/acme/shop/pull/2' };

const table = (state: string) =>
  `\n\n| job | state | why | log |\n|---|---|---|---|\n| \`check\` | ${state} | it applies | – |`;

it.each([
  {
    what: 'its place, what it stands on and its jobs',
    title: '2. of 3 in the queue',
    summary: `Asked for by ada.\n\nTested on top of #1, which is ahead, as \`0123456789ab\`.${table('running')}`,
    line: '#2 Birch: 2. of 3 in the queue · on main + #1 · check running',
  },
  {
    what: 'that it stands on main alone',
    title: 'First in the queue',
    summary: `Asked for by ada.\n\nTested on top of the branch as it is, as \`0123456789ab\`.${table('passed')}`,
    line: '#2 Birch: First in the queue · on main · check passed',
  },
  {
    what: 'only its place before it has a candidate',
    title: '2. of 2 in the queue',
    summary: 'Asked for by ada.',
    line: '#2 Birch: 2. of 2 in the queue',
  },
])('a line of the queue tells $what', ({ title, summary, line }) => {
  expect(queueLine(birch, { title, summary })).toBe(line);
});

it('has ended only when the gate said its last word about every one', () => {
  const last = { status: 'completed' } as const;
  expect(allEnded([last, last])).toBe(true);
  expect(allEnded([last, { status: 'in_progress' }])).toBe(false);
  expect(allEnded([last, undefined])).toBe(false);
});
