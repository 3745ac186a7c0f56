import { expect, it } from 'vitest';
import type { AppContext } from '../../../src/app/context.ts';
import { publishedOf } from '../../../src/app/push/published-of.ts';
import type { GoingImages } from '../../../src/core/push/going-images.ts';
import type { LedgerDetail } from '../../../src/model/ledger.ts';
import type { Sha } from '../../../src/model/sha.ts';
import { people, sha } from '../../fakes/model-data.ts';
import { entriesOf, image, project } from './ledger-fixture.ts';

/** On one line, oldest first. */
const line = [sha('9'), sha('a'), sha('b'), sha('c'), sha('d')] as const;
const [older, before, between, after, above] = line;

function pushed(commit: Sha): LedgerDetail {
  return { kind: 'pushed', below: 0, commit, tree: sha('7'), by: people.ada, images: [image] };
}

function readingOf(tip: Sha | null, ...details: readonly LedgerDetail[]) {
  return { tip, ledger: { kind: 'whole', head: null, entries: entriesOf(...details) } } as const;
}

async function published(tip: Sha, ...details: readonly LedgerDetail[]) {
  const contains = async (_: unknown, at: Sha, commit: Sha) =>
    line.indexOf(at as never) >= line.indexOf(commit as never);
  const changed = async () => ({ known: true, paths: ['VERSION'] });
  const reading = readingOf(tip, ...details);
  const context = { ports: { landing: { contains }, history: { changed } } } as unknown as AppContext;
  const found = await publishedOf(context, { project, before, after, reading, groundless: null, going: [] });
  const { from, isIn } = found.get('api') ?? {};
  return [from, isIn];
}

it('an image counts as published from the newest commit that has it at or under a push, and not from what landed on it since', async () => {
  expect(await published(after, pushed(before))).toEqual([before, undefined]);
  expect(await published(above, pushed(before), pushed(above))).toEqual([before, undefined]);
  expect(await published(above, pushed(above))).toEqual([undefined, undefined]);
});

it('tells whether that commit came with the push', async () => {
  expect(await published(after, pushed(before), pushed(between))).toEqual([between, true]);
  expect(await published(after, pushed(after))).toEqual([after, true]);
});

it('compares an image of which all was taken back with that, as its tags point at some of it still', async () => {
  const [one, two] = [sha('1'), sha('2')];
  const reset = { kind: 'reset', standing: 0, tip: before, gone: [2, 3] } as const;
  const of = async (...details: readonly LedgerDetail[]) => {
    const changed = async (_: unknown, from: Sha) => ({ known: true, paths: [`since ${from.slice(0, 1)}`, 'src'] });
    const contains = async (_: unknown, __: Sha, commit: Sha) => commit === before;
    const ports = { landing: { contains }, history: { changed } };
    const push = { project, before, after, reading: readingOf(after, ...details), groundless: null, going: [] };
    return (await publishedOf({ ports } as unknown as AppContext, push)).get('api');
  };
  const all = { known: true, paths: ['since 2', 'src', 'since 1'] };
  expect(await of(pushed(one), pushed(two), reset)).toEqual({ from: two, changed: all });
  expect((await of(pushed(one), pushed(two), reset, pushed(before)))?.from).toBe(before);
});

it('compares an image also with what is still built of a push before, which is published after all', async () => {
  const changed = async (_: unknown, from: Sha) => ({ known: true, paths: from === before ? [] : ['src/back.go'] });
  const contains = async (_: unknown, at: Sha, commit: Sha) =>
    line.indexOf(at as never) >= line.indexOf(commit as never);
  const ports = { landing: { contains }, history: { changed } };
  const of = async (...going: readonly GoingImages[]) => {
    const push = {
      project,
      before: between,
      after,
      reading: readingOf(after, pushed(before)),
      groundless: null,
      going,
    };
    return (await publishedOf({ ports } as unknown as AppContext, push)).get('api');
  };
  expect(await of()).toMatchObject({ from: before, changed: { known: true, paths: [] } });
  expect(await of({ commit: between, names: ['web'] })).toMatchObject({ changed: { paths: [] } });
  expect(await of({ commit: after, names: ['api'] })).toMatchObject({ changed: { paths: [] } });
  expect(await of({ commit: above, names: ['api'] })).toMatchObject({ changed: { paths: [] } });
  // Published on top of it already.
  expect(await of({ commit: older, names: ['api'] })).toMatchObject({ changed: { paths: [] } });
  expect(await of({ commit: between, names: ['api'] })).toMatchObject({
    from: before,
    changed: { known: true, paths: ['src/back.go'] },
  });
});

it('compares an image that was never published with what is still built of it, as a push between may have been refused', async () => {
  const changed = async (_: unknown, from: Sha) => ({ known: true, paths: [`since ${from.slice(0, 1)}`] });
  const contains = async (_: unknown, at: Sha, commit: Sha) =>
    line.indexOf(at as never) >= line.indexOf(commit as never);
  const ports = { landing: { contains }, history: { changed } };
  const going = [{ commit: before, names: ['api'] }];
  const push = { project, before: between, after, reading: readingOf(after), groundless: null, going };
  const found = await publishedOf({ ports } as unknown as AppContext, push);
  expect(found.get('api')).toEqual({ from: before, changed: { known: true, paths: ['since b', 'since a'] } });
  expect(found.get('web')).toBeUndefined();
});

it('passes over what a forced push took away, before the ledger says so', async () => {
  const gone = sha('e');
  const changed = async (_: unknown, from: Sha) => ({ known: true, paths: [`since ${from.slice(0, 1)}`] });
  const of = async (groundless: string | null, ...details: readonly LedgerDetail[]) => {
    const contains = async (_: unknown, at: Sha, commit: Sha) =>
      line.indexOf(at as never) >= line.indexOf(commit as never) && commit !== gone;
    const ports = { landing: { contains }, history: { changed } };
    const push = { project, before: gone, after, reading: readingOf(after, ...details), groundless, going: [] };
    return (await publishedOf({ ports } as unknown as AppContext, push)).get('api');
  };
  expect(await of(null, pushed(before), pushed(gone))).toMatchObject({ from: before });
  expect(await of('it is gone', pushed(before), pushed(gone))).toMatchObject({ from: before });
  expect(await of(null, pushed(gone))).toEqual({ from: gone, changed: { known: true, paths: ['since e'] } });
});
