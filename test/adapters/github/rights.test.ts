import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Permission, Person } from '../../../src/model/person.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
let eve: Person;
let ada: Person;

beforeEach(async () => {
  stage = await setStage();
  const [one, two] = [await stage.github.createUser('mallory'), await stage.github.createUser('grace')];
  eve = { id: one.id, login: 'mallory', kind: 'user' };
  ada = { id: two.id, login: 'grace', kind: 'user' };
  await stage.github.addMember('acme', 'grace');
});

afterEach(async () => {
  const broken = stage.github.violations.filter(({ kind }) => kind === 'request');
  await stage.close();
  expect(broken).toEqual([]);
});

const rights = (person: Person) => stage.forge.rights(stage.project, person);

it.each(['read', 'triage', 'write', 'maintain', 'admin'] as const)(
  'are %s for who was given that',
  async (permission: Permission) => {
    await stage.github.setPermission('acme/shop', 'mallory', permission);
    expect(await rights(eve)).toEqual({ known: true, permission, member: false });
  },
);

it('tell members of the organisation from others', async () => {
  expect(await rights(ada)).toMatchObject({ known: true, member: true });
  expect(await rights(eve)).toMatchObject({ known: true, member: false });
});

it('are read anew each time', async () => {
  await stage.github.setPermission('acme/shop', 'mallory', 'admin');
  expect(await rights(eve)).toMatchObject({ permission: 'admin' });
  await stage.github.setPermission('acme/shop', 'mallory', 'none');
  expect(await rights(eve)).toMatchObject({ permission: expect.stringMatching(/^(none|read)$/) });
});

it('are not those of another account that has the login now', async () => {
  await stage.github.setPermission('acme/shop', 'mallory', 'admin');
  expect(await rights({ ...eve, id: 999_999 })).toEqual({
    known: false,
    because: 'the login mallory now belongs to another account than number 999999',
  });
});

it('are unknown for a login that is gone', async () => {
  expect(await rights({ id: eve.id, login: 'nobody-any-more', kind: 'user' })).toEqual({
    known: false,
    because: 'there is no account nobody-any-more, or not any more',
  });
});

it('are none for a bot that is no collaborator', async () => {
  expect(await rights({ id: 5, login: 'renovate[bot]', kind: 'bot' })).toEqual({
    known: true,
    permission: 'none',
    member: false,
  });
});

it('know no members where the repository belongs to a user', async () => {
  await stage.github.createUser('solo');
  await stage.github.createRepository('solo/tool', {});
  await stage.github.installApp(stage.app.appId, 'solo', 'all');
  const project = (await stage.forge.projects()).find((one) => one.owner === 'solo');
  if (project === undefined) throw new Error('solo/tool is not seen');
  stage.sent.length = 0;
  expect(await stage.forge.rights(project, ada)).toMatchObject({ known: true, member: false });
  expect(stage.sent.some((request) => request.path.includes('/members/'))).toBe(false);
});

it.each`
  does                                                       | reason
  ${{ kind: 'status', status: 502, when: 'before' }}         | ${/the rights of mallory cannot be read: 502/}
  ${{ kind: 'secondary-limit', status: 429, retryAfter: 9 }} | ${/takes no more questions for now/}
  ${{ kind: 'reset', when: 'before' }}                       | ${/the rights of mallory cannot be read/}
`('are unknown, with a reason, when the forge answers $does', async ({ does, reason }) => {
  stage.github.faults.add({ path: /collaborators/, count: 9, does });
  expect(await rights(eve)).toEqual({ known: false, because: expect.stringMatching(reason) });
});

it('are unknown when membership cannot be seen, except for who may write anyway', async () => {
  await stage.github.setPermission('acme/shop', 'grace', 'write');
  const hide = () =>
    stage.github.faults.add({ path: /orgs\/acme\/members/, does: { kind: 'status', status: 403, when: 'before' } });
  hide();
  expect(await rights(ada)).toEqual({ known: true, permission: 'write', member: false });
  hide();
  expect(await rights(eve)).toEqual({
    known: false,
    because: expect.stringContaining('the App may not see who belongs to acme'),
  });
});

it('are unknown when the forge only shows public members', async () => {
  stage.github.faults.add({ path: /orgs\/acme\/members/, does: { kind: 'status', status: 302, when: 'before' } });
  expect(await rights(eve)).toEqual({ known: false, because: 'the App may not see who belongs to acme' });
});
