import { expect, it } from 'vitest';
import { readArrivals } from '../../../src/core/simulate/read-arrivals.ts';
import { arrival } from './workload-fixture.ts';

const good = '{"id": "a", "atMinute": 0, "buildMinutes": 9}';

function problemsOf(text: string): readonly string[] {
  const read = readArrivals(text);
  return read.kind === 'read' ? [] : read.problems.map(({ line, message }) => `${line}: ${message}`);
}

it('every field of a line is read, and what may be left out has a default', () => {
  const whole = arrival('b', {
    atMinute: 1.5,
    modules: ['x', 'y'],
    failsAlone: true,
    prior: 0.5,
    conflictsWith: ['a'],
  });
  const read = readArrivals(`${good}\n\n${JSON.stringify(whole)}\r\n`);
  expect(read).toEqual({ kind: 'read', arrivals: [arrival('a', { modules: [] }), whole] });
});

it.each`
  line                                                                | says
  ${'{"id": "a", '}                                                   | ${'this is no JSON; write one change in one line, as {"id": "a1"'}
  ${'7'}                                                              | ${'this is 7; write one change in one line'}
  ${'[]'}                                                             | ${'this is a list; write one change'}
  ${'{"atMinute": 0, "buildMinutes": 9}'}                             | ${'"id" is missing; write a name in quotes'}
  ${'{"id": 5, "atMinute": 0, "buildMinutes": 9}'}                    | ${'"id" is 5; write a name in quotes'}
  ${'{"id": "b", "atMinute": -1, "buildMinutes": 9}'}                 | ${'"atMinute" is -1; write minutes from the beginning'}
  ${'{"id": "b", "atMinute": 0, "buildMinutes": 0}'}                  | ${'"buildMinutes" is 0; write minutes of more than 0'}
  ${'{"id": "b", "atMinute": 0, "buildMinutes": "9"}'}                | ${'"buildMinutes" is "9"; write minutes'}
  ${'{"id": "b", "atMinute": 0, "buildMinutes": 9, "prior": 95}'}     | ${'"prior" is 95; write a probability from 0 to 1'}
  ${'{"id": "b", "atMinute": 0, "buildMinutes": 9, "modules": "x"}'}  | ${'"modules" is "x"; write a list of names'}
  ${'{"id": "b", "atMinute": 0, "buildMinutes": 9, "failsAlone": 1}'} | ${'"failsAlone" is 1; write true or false'}
  ${'{"id": "b", "atMinute": 0, "buildMinutes": 9, "module": []}'}    | ${'unknown key "module"; write "modules"'}
  ${'{"id": "b", "atMinute": 0, "buildMinutes": 9, "weather": []}'}   | ${'unknown key "weather"; known are id, atMinute'}
  ${good}                                                             | ${'"a" is the id of line 1 too; give each its own'}
`('$line is refused: $says', ({ line, says }) => {
  const problems = problemsOf(`${good}\n${line}`);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(`2: ${says}`);
});

it.each`
  named       | says
  ${'["b"]'}  | ${'it conflicts with itself; write "failsAlone": true'}
  ${'["aa"]'} | ${'"conflictsWith" names "aa", which no line has; did you mean "a"?'}
`('conflictsWith $named is refused: $says', ({ named, says }) => {
  const second = `{"id": "b", "atMinute": 0, "buildMinutes": 9, "conflictsWith": ${named}}`;
  expect(problemsOf(`${good}\n${second}`)[0]).toContain(says);
});

it('all problems are told at once, in the order of their lines', () => {
  const problems = problemsOf(`{}\n${good}\nx`);
  expect(problems.map((problem) => problem.slice(0, 2))).toEqual(['1:', '1:', '1:', '3:']);
});

it('an empty file is refused', () => {
  expect(problemsOf('\n \n')).toEqual([expect.stringContaining('1: there is no change in it; write one')]);
});
