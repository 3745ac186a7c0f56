import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSource } from '../../../src/adapters/git/source.ts';
import { toSha } from '../../../src/model/sha.ts';
import type { Source } from '../../../src/ports/source.ts';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
let folder: string;
let source: Source;

beforeEach(async () => {
  stage = await setStage();
  folder = mkdtempSync(join(tmpdir(), 'sluice-checkout-'));
  source = createSource({ folder, credentials: (project) => stage.forge.checkoutToken(project) });
});

afterEach(async () => {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});

it('a private repository is fetched with a checkout token, a change from a fork too', async () => {
  await stage.github.createRepository('acme/vault', { private: true, files: { 'a.txt': 'one\n' } });
  await stage.github.setPermission('acme/vault', 'eve', 'read');
  await stage.github.fork('acme/vault', 'eve');
  const files = { 'a.txt': 'two\n' };
  const pull = await stage.github.openPullRequest({
    repo: 'acme/vault',
    by: 'eve',
    fork: 'eve/vault',
    branch: 'x',
    files,
    title: 'x',
  });
  const project = (await stage.forge.projects()).find((one) => one.name === 'vault');
  if (project === undefined) throw new Error('acme/vault is not seen');
  expect(project.private).toBe(true);
  const head = toSha(pull.headSha);
  expect(await source.prepare(project, pull.number, 'main', head)).toMatchObject({
    base: pull.baseSha,
    merge: { kind: 'merged' },
    changed: { known: true, paths: ['a.txt'] },
  });
  expect(await source.readText(project, head, 'a.txt', 100)).toBe('two\n');
  const closed = createSource({ folder: join(folder, 'other'), credentials: async () => null });
  await expect(closed.prepare(project, pull.number, 'main', head)).rejects.toThrow(/cannot read the refs/);
});

it('a forced push is seen at the next preparation', async () => {
  const open = { repo: 'acme/shop', by: 'ada', branch: 'x', title: 'x' };
  const pull = await stage.github.openPullRequest({ ...open, files: { 'a.txt': 'one\n' } });
  await source.prepare(stage.project, pull.number, 'main', toSha(pull.headSha));
  const forced = await stage.github.push({
    repo: 'acme/shop',
    by: 'ada',
    branch: 'x',
    files: { 'b.txt': 'b\n' },
    force: true,
    parent: pull.baseSha,
  });
  const prepared = await source.prepare(stage.project, pull.number, 'main', toSha(forced));
  expect(prepared?.changed).toEqual({ known: true, paths: ['b.txt'] });
});
