import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from '../harness/world.ts';

const repo = 'acme/api';
let world: World;

beforeAll(async () => {
  world = await startWorld();
  world.executor.always('build-image', {
    exitCode: 0,
    log: '\u001b]8;;https://evil.example\u0007click\u001b]8;;\u0007 \u001b[31mred\u001b[0m\r\n::error::forged\n',
  });
});
afterAll(async () => {
  await world.stop();
});

it.each`
  branch                                 | title                              | file
  ${['x;touch$', '{IFS}pwned'].join('')} | ${'$(touch pwned) `id` @boss'}     | ${'a;rm -rf $HOME.txt'}
  ${'--upload-pack=touch'}               | ${'<script>alert(1)</script>'}     | ${'-rf'}
  ${'a&&b|c'}                            | ${'"; DROP TABLE pulls; --'}       | ${'quo"te\'s and `ticks`.md'}
  ${'feature/ünïcödé-\u202egnp'}         | ${'\u202etxt.exe | table | break'} | ${'new\nline.txt'}
`('builds a change with the branch $branch, and nothing of it is interpreted', async ({ branch, title, file }) => {
  const pull = await world.github.openPullRequest({ repo, by: 'ada', branch, title, files: { [file]: 'content\n' } });
  const run = await world.concluded(repo, pull.headSha, 'build-image');
  expect(run.conclusion).toBe('success');
  const shown = `${run.title}\n${run.summary}\n${run.text}`;
  expect(shown).not.toContain('<script>');
  expect(shown).not.toContain('evil.example');
  expect(shown).not.toContain('\u001b');
  const pod = JSON.stringify(world.executor.manifests.at(-1));
  expect(pod).not.toContain(JSON.stringify(branch).slice(1, -1));
  expect(pod).not.toContain(JSON.stringify(title).slice(1, -1));
  expect(world.github.violations).toEqual([]);
});
