import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogLine } from '../harness/redis.ts';
import { startWorld, type World } from '../harness/world.ts';

const repo = 'acme/api';
let world: World;
let delivery: string;
let subject: string;
let headSha: string;

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (line: LogLine) => line.fields as Fields;
const grep = (text: string) => world.lines.filter((line) => JSON.stringify(line.fields).includes(text));
const messages = (lines: readonly LogLine[]) => [...new Set(lines.map((line) => line.message))];

beforeAll(async () => {
  world = await startWorld({ private: true });
  world.executor.always('build-image', { exitCode: 0, log: 'ok\n' });
  const pull = await world.github.openPullRequest({ repo, by: 'ada', files: { 'README.md': 'new\n' } });
  headSha = pull.headSha;
  await world.concluded(repo, headSha, 'build-image');
  await world.concluded(repo, headSha, 'sluice');
  const second = await world.github.openPullRequest({ repo, by: 'mallory', files: { 'README.md': 'other\n' } });
  await world.concluded(repo, second.headSha, 'sluice');
  await world.github.comment(repo, pull.number, 'ada', '/retest');
  await world.until('the command was answered', () => grep('react to').length > 0);
  await world.until('the pods are gone', () => grep('"effect":"remove').length > 0);
  const opened = world.lines.find(
    ({ message, fields }) => message === 'event routed' && (fields as Fields).event === 'pull_request.opened',
  );
  delivery = String(fieldsOf(opened ?? { level: 'info', message: '', fields: {} }).delivery);
  subject = String(fieldsOf(opened ?? { level: 'info', message: '', fields: {} }).subject);
});
afterAll(() => world.stop());

describe('each line about', () => {
  it.each`
    message                   | ids
    ${'delivery accepted'}    | ${['delivery']}
    ${'event routed'}         | ${['delivery', 'subject']}
    ${'decided'}              | ${['delivery', 'subject']}
    ${'build granted a slot'} | ${['build', 'subject']}
    ${'effect performed'}     | ${['subject', 'delivery']}
    ${'check run wanted'}     | ${['subject', 'delivery', 'externalId']}
    ${'check run written'}    | ${['subject', 'delivery', 'externalId']}
  `('"$message" says whose it is: $ids', ({ message, ids }) => {
    const lines = world.lines.filter((line) => line.message === message && line.level !== 'debug');
    expect(lines.length, message).toBeGreaterThan(0);
    for (const { fields } of lines)
      for (const id of ids as string[]) {
        const value = (fields as Fields)[id];
        const isId = typeof value === 'string' ? value !== '' : Array.isArray(value);
        expect(isId, `${message} ${JSON.stringify(fields)} has ${id}`).toBe(true);
      }
  });

  it('a pod names its build', () => {
    const pods = world.lines.filter(
      ({ message, fields }) =>
        message === 'effect performed' && /^(start|stop|remove) /.test(String((fields as Fields).effect)),
    );
    expect(pods.length).toBeGreaterThan(1);
    for (const { fields } of pods) {
      const { build, effect } = fields as Fields;
      expect(String(effect)).toContain(String(build));
      expect(world.executor.manifests.map(({ metadata }) => metadata.name)).toContain(build);
    }
  });
});

it('one delivery is followed from its arrival to the check run by its id alone', async () => {
  const lines = grep(delivery);
  const wanted = ['delivery accepted', 'event routed', 'decided', 'check run wanted'];
  expect(messages(lines)).toEqual(expect.arrayContaining([...wanted, 'check run written']));
  const written = lines.filter(({ message }) => message === 'check run written').map(fieldsOf);
  expect(written.every((fields) => fields.subject === subject && fields.commit === headSha)).toBe(true);
  expect(written.map(({ check }) => check)).toContain('build-image');
});

it('what became of its builds is found by its subject, which its lines name', () => {
  const lines = grep(subject);
  const conclusions = lines
    .filter(({ message }) => message === 'check run written')
    .map((line) => JSON.stringify(fieldsOf(line).state));
  expect(conclusions.some((state) => state.includes('success'))).toBe(true);
  expect(messages(lines)).toEqual(expect.arrayContaining(['build granted a slot', 'effect performed']));
});

it('every line has one message per kind: no ids, names or numbers are in it', () => {
  expect(world.lines.length).toBeGreaterThan(20);
  for (const message of messages(world.lines)) expect(message).toMatch(/^[a-zA-Z][a-zA-Z ,;:'-]*$/);
});
