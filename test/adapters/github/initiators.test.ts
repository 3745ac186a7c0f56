import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Person } from '../../../src/model/person.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
let robot: Person;
let grace: Person;

beforeEach(async () => {
  stage = await setStage();
  const [one, two] = [await stage.github.createUser('release-robot'), await stage.github.createUser('grace')];
  robot = { id: one.id, login: 'release-robot', kind: 'user' };
  grace = { id: two.id, login: 'grace', kind: 'user' };
  await stage.github.addMember('acme', 'grace');
  await stage.github.createTeam('acme', 'releasers', ['grace']);
});

afterEach(async () => {
  const broken = stage.github.violations.filter(({ kind }) => kind === 'request');
  await stage.close();
  expect(broken).toEqual([]);
});

const isOneOf = (person: Person, ...names: readonly string[]) => stage.forge.isOneOf(stage.project, person, names);

it('a person is on the list by the login, and by a team of the organisation', async () => {
  expect(await isOneOf(robot, 'release-robot')).toEqual({ known: true, listed: true });
  expect(await isOneOf(grace, 'nobody-of-that-name', 'team:acme/releasers')).toEqual({ known: true, listed: true });
  expect(await isOneOf(robot, 'grace', 'team:acme/releasers', 'team:acme/no-such-team')).toEqual({
    known: true,
    listed: false,
  });
});

it('who has a login that another account was listed by is not that account, nor in its teams', async () => {
  expect(await isOneOf({ ...robot, id: 999_999 }, 'release-robot')).toEqual({ known: true, listed: false });
  expect(await isOneOf({ ...grace, id: 999_999 }, 'team:acme/releasers')).toEqual({ known: true, listed: false });
});

it('who was renamed is on the list under the name that the account has now', async () => {
  expect(await isOneOf({ ...robot, login: 'an-older-name' }, 'release-robot')).toEqual({ known: true, listed: true });
});

it('a team of another organisation grants nothing', async () => {
  await stage.github.createOrganization('evil');
  await stage.github.createTeam('evil', 'releasers', ['release-robot']);
  expect(await isOneOf(robot, 'team:evil/releasers')).not.toEqual({ known: true, listed: true });
});
