import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sha } from '../../src/model/sha.ts';
import { toSha } from '../../src/model/sha.ts';
import { makePushStage, type PushStage, reasons, told } from './push-stage.ts';

const images = 'images: [{ name: api, repository: registry.example.com/acme/api }]\n';
const config = `${images}version: { release: { initiators: [robot] } }\n`;

let stage: PushStage;
let commits: { start: Sha; bump: Sha; next: Sha; aside: Sha };

beforeAll(() => {
  stage = makePushStage();
  const [start] = stage.commits(null, { '.sluice.yaml': config, Dockerfile: 'FROM x\n', VERSION: '1.2.3-dev\n' });
  if (start === undefined) throw new Error('nothing was committed');
  const [bump = start, next = start] = stage.commits(start, { VERSION: '1.2.3\n' }, { VERSION: '1.2.4-dev\n' });
  const [aside = start] = stage.commits(start, { VERSION: '1.2.3\n', 'other.go': '1\n' });
  commits = { start, bump, next, aside };
  stage.repository.setRef('refs/heads/main', start);
  stage.repository.setRef('refs/heads/release-v1.2', next);
});
afterAll(() => stage.remove());

const tagged = (tag: string, at: Sha | null, before: Sha | null = null, ...words: readonly string[]) =>
  stage.push(`refs/tags/${tag}`, before, at, ...words);
const unreleased = ['--released', 'none'];

describe('a tag of a repository with versions (V26)', () => {
  it('on the commit that was released is confirmed, never built again', async () => {
    const confirmed = await tagged('v1.2.3', commits.bump);
    expect(told(confirmed)).toEqual(['release skip V26, V12 1.2.3']);
    expect(reasons(confirmed)).toContain('is released already from');
  });

  it('releases what is not released, by those who may', async () => {
    expect(told(await tagged('v1.2.3', commits.bump, null, ...unreleased, '--pushed-by', 'robot'))).toEqual([
      'release run V26, V11 1.2.3 api=1.2.3',
    ]);
    expect(told(await tagged('1.2.3', commits.bump, null, ...unreleased, '--pushed-by', 'eve'))).toEqual([
      'release wait V26, V16 1.2.3 api=1.2.3',
    ]);
  });

  it('that is annotated means its commit', async () => {
    stage.repository.git('tag', '-a', 'v1.2.3', '-m', 'release', commits.bump);
    const object = toSha(stage.repository.git('rev-parse', 'refs/tags/v1.2.3'));
    expect(object).not.toBe(commits.bump);
    expect(told(await tagged('v1.2.3', object, null, ...unreleased))[0]).toContain('release run V26, V11 1.2.3');
    stage.repository.setRef('refs/tags/v1.2.3', null);
  });

  it.each`
    tag             | at         | says
    ${'v1.2.4'}     | ${'bump'}  | ${'refuse V26: tag v1.2.4 on VERSION 1.2.3'}
    ${'v1.2.4'}     | ${'next'}  | ${'refuse V26: tag v1.2.4 on VERSION 1.2.4-dev'}
    ${'nightly'}    | ${'bump'}  | ${'skip V26: `nightly` is no version, so that it is ignored'}
    ${'v1.2.4-dev'} | ${'next'}  | ${'skip V26: `v1.2.4-dev` names no release'}
    ${'v1.2.3'}     | ${'aside'} | ${'is on no release branch: push it to one, or name its branch in `onTagFrom`'}
  `('$tag on $at: $says', async ({ tag, at, says }) => {
    const { decisions } = await tagged(tag, commits[at as keyof typeof commits], null, ...unreleased);
    expect(decisions.map(({ decision, reason }) => `${decision} ${reason}`).join('\n')).toContain(says);
  });

  it('that was moved off its release is refused, and one that was deleted does nothing', async () => {
    const moved = await tagged('v1.2.3', commits.aside, commits.bump);
    expect(told(moved)).toEqual(['release refuse V26, V13 1.2.3']);
    const gone = await tagged('v1.2.3', null, commits.bump);
    expect([told(gone), reasons(gone)]).toEqual([
      ['release skip V26'],
      'V26: the tag `v1.2.3` was deleted: what is published stays',
    ]);
  });

  it('is judged by the branch whose name fits, of several that hold the commit', async () => {
    stage.repository.setRef('refs/heads/release-v1.1', commits.bump);
    expect(told(await tagged('v1.2.3', commits.bump, null, ...unreleased))[0]).toContain('release run V26, V11 1.2.3');
    stage.repository.setRef('refs/heads/release-v1.1', null);
  });

  it('counts on branches that `onTagFrom` names, and not at all where the project ignores tags', async () => {
    const at = async (version: string) => {
      const [commit = commits.start] = stage.commits(null, {
        '.sluice.yaml': `${images}version: ${version}\n`,
        Dockerfile: 'FROM x\n',
        VERSION: '2.0.0\n',
      });
      stage.repository.setRef('refs/heads/trunk', commit);
      // The tag itself is no evidence that it was released.
      stage.repository.setRef('refs/tags/v2.0.0', commit);
      return told(await tagged('v2.0.0', commit));
    };
    expect(await at('{ onTagFrom: [trunk] }')).toEqual(['release run V26, V11 2.0.0 api=2.0.0']);
    expect(await at('{}')).toEqual(['release refuse V26']);
    expect(await at('{ onTag: ignore }')).toEqual(['release skip V26']);
    stage.repository.setRef('refs/heads/trunk', null);
    stage.repository.setRef('refs/tags/v2.0.0', null);
  });
});

describe('a tag of a repository without versions', () => {
  const commit = (tags: string): Sha => {
    const text = `images: [{ name: api, repository: registry.example.com/acme/api${tags} }]\n`;
    const [made = commits.start] = stage.commits(null, { '.sluice.yaml': text, Dockerfile: 'FROM x\n' });
    return made;
  };

  it('is built and published under its own name, or as the image says', async () => {
    expect(told(await tagged('v7', commit('')))).toEqual(['tag run api=v7']);
    const named = await tagged('v7', commit(', tags: ["r-{{ tag }}", latest, "{{ v }}"]'));
    expect(told(named)).toEqual(['tag run api=r-v7']);
  });

  it('is refused where its name can be no tag of an image', async () => {
    const refused = await tagged('team/v7', commit(''));
    expect([told(refused), reasons(refused)]).toEqual([
      ['tag refuse'],
      expect.stringContaining('gives `team/v7`, which is no tag'),
    ]);
  });
});
