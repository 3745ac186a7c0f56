import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkConfig } from '../../src/check-config.ts';
import { explainHere } from '../../src/explain-here.ts';
import { renderLocally } from '../../src/plan-locally.ts';
import { sluice } from '../cli/cli-fixture.ts';
import {
  type LocalRepository,
  machineWith,
  makeRepository,
  type OwnTemporary,
  ownTemporary,
} from './local-repository.ts';

let temporary: OwnTemporary;
let repository: LocalRepository;

const config = [
  'apiVersion: sluice/v1',
  'images:',
  '  - { name: api, context: svc }',
  '  - { name: web, context: svc, targets: [base] }',
  'jobs:',
  '  build-image: { template: build-image, on: presubmit }',
  '',
].join('\n');

const heredoc = 'FROM scratch AS base\nCOPY a /\n\nFROM base\nCOPY <<END /motd\nhello\nEND\n';
const cache = 'FROM busybox\nRUN --mount=type=cache,target=/c make\n';

beforeAll(async () => {
  temporary = await ownTemporary();
  repository = await makeRepository({ '.sluice.yaml': config, 'svc/Dockerfile': heredoc, 'svc/a': 'a\n' });
});
afterAll(() => temporary.remove());

const file = () => join(repository.folder, '.sluice.yaml');
const checked = async (builder?: 'kaniko' | 'buildkit' | 'buildah') =>
  checkConfig(await readFile(file()), file(), null, builder);

describe('what a builder does not do is told before anything is pushed', () => {
  it('by check, with the line of the Dockerfile, once for all images that are built from it', async () => {
    const { code, out } = await sluice(['check', file()], { checkConfig });
    expect(code).toBe(1);
    expect(out).toBe(
      [
        `${join(repository.folder, 'svc/Dockerfile')}:5:1: kaniko knows no \`COPY <<END\`: write its lines as a file of the repository and copy that, or let the operator have images built with BuildKit (\`SLUICE_BUILDER=buildkit\`) (images[0])`,
        '  5 | COPY <<END /motd',
        '    | ^',
        '',
        `1 problem in ${file()}`,
        '',
      ].join('\n'),
    );
    expect((await checked('buildah')).problems[0]?.message).toContain('buildah takes the lines of');
    expect((await checked('buildkit')).problems).toEqual([]);
  });

  it('by explain and render, which give nothing of what is not built', async () => {
    const because = 'line 5 of `svc/Dockerfile`: kaniko knows no `COPY <<END`';
    const wish = { folder: repository.folder, job: null, organisation: null };
    await expect(explainHere(wish, machineWith())).rejects.toThrow(because);
    await expect(renderLocally(repository.folder, 'build-image', machineWith())).rejects.toThrow(because);
    const { byHand } = await explainHere(wish, machineWith({ SLUICE_BUILDER: 'buildkit' }));
    expect(byHand).toHaveLength(2);
  });

  it('as a note by both, where it is built all the same', async () => {
    await repository.write({ 'svc/Dockerfile': cache });
    const note = 'kaniko ignores `RUN --mount=type=cache`';
    const { problems, notes } = await checked();
    expect(problems).toEqual([]);
    expect(notes.filter((each) => each.startsWith(`svc/Dockerfile:2: ${note}`))).toHaveLength(1);
    const explained = await explainHere({ folder: repository.folder, job: null, organisation: null }, machineWith());
    expect(explained.notes).toContainEqual(expect.stringContaining(`api: line 2 of \`svc/Dockerfile\`: ${note}`));
    expect((await checked('buildkit')).notes.join()).not.toContain('Dockerfile');
  });
});
