import { expect, test } from 'vitest';
import { operations } from '../../../src/demo/github/openapi.ts';
import { routes } from '../../../src/demo/github/routes.ts';
import { acme, asInstallation, withToken } from './setting.ts';

const repo = { owner: 'acme', repo: 'app' };
const annotation = { path: 'a', start_line: 1, end_line: 1, annotation_level: 'notice', message: 'm' };
const action = { label: 'Cancel', description: 'Stops it', identifier: 'cancel' };
const long = (length: number): string => 'x'.repeat(length);

test.each`
  what                                  | fields                                                                                                 | said
  ${'a summary without a title'}        | ${{ output: { summary: 's' } }}                                                                        | ${"required property 'title'"}
  ${'a title without a summary'}        | ${{ output: { title: 't' } }}                                                                          | ${"required property 'summary'"}
  ${'a summary of 65,536 characters'}   | ${{ output: { title: 't', summary: long(65_536) } }}                                                   | ${'65535'}
  ${'a text of 65,536 characters'}      | ${{ output: { title: 't', summary: 's', text: long(65_536) } }}                                        | ${'65535'}
  ${'51 annotations'}                   | ${{ output: { title: 't', summary: 's', annotations: Array.from({ length: 51 }, () => annotation) } }} | ${'more than 50 items'}
  ${'four buttons'}                     | ${{ actions: [action, action, action, action] }}                                                       | ${'more than 3 items'}
  ${'a label of 21 characters'}         | ${{ actions: [{ ...action, label: long(21) }] }}                                                       | ${'20 characters'}
  ${'a description of 41 characters'}   | ${{ actions: [{ ...action, description: long(41) }] }}                                                 | ${'40 characters'}
  ${'an identifier of 21 characters'}   | ${{ actions: [{ ...action, identifier: long(21) }] }}                                                  | ${'20 characters'}
  ${'completed without a conclusion'}   | ${{ status: 'completed' }}                                                                             | ${"required property 'conclusion'"}
  ${'a conclusion that does not exist'} | ${{ conclusion: 'fine' }}                                                                              | ${'allowed values'}
  ${'a commit that is not there'}       | ${{ head_sha: long(40).replaceAll('x', 'a') }}                                                         | ${'No commit found for SHA'}
  ${'a branch for a SHA'}               | ${{ head_sha: 'main' }}                                                                                | ${'No commit found for SHA'}
`('a check run with $what is refused', async ({ fields, said }) => {
  const world = await acme();
  const wish = { ...repo, name: 'build', head_sha: world.repository.head, ...fields };
  const refused = await asInstallation(world)
    .request('POST /repos/{owner}/{repo}/check-runs', wish)
    .catch((error: unknown) => error);
  expect(refused).toMatchObject({ status: 422, response: { data: { documentation_url: expect.any(String) } } });
  expect(String(refused)).toContain(said);
  expect(world.github.violations.map(({ kind }) => kind)).toEqual(said.startsWith('No commit') ? [] : ['request']);
});

test('annotations are appended from one update to the next, 50 at a time', async () => {
  const world = await acme();
  const octokit = asInstallation(world);
  const { data: run } = await octokit.rest.checks.create({ ...repo, name: 'lint', head_sha: world.repository.head });
  const fifty = Array.from({ length: 50 }, (_, line) => ({
    path: 'a',
    start_line: line + 1,
    end_line: line + 1,
    annotation_level: 'warning' as const,
    message: 'm',
  }));
  for (let n = 0; n < 3; n += 1) {
    await octokit.rest.checks.update({
      ...repo,
      check_run_id: run.id,
      output: { title: 't', summary: 's', annotations: fifty },
    });
  }
  const all = await octokit.paginate(octokit.rest.checks.listAnnotations, {
    ...repo,
    check_run_id: run.id,
    per_page: 100,
  });
  expect(all).toHaveLength(150);
  expect(world.github.violations).toEqual([]);
});

test.each`
  operation                                                             | parameters                                                            | status | said
  ${'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge'}              | ${{ pull_number: 1, sha: '0'.repeat(40) }}                            | ${409} | ${'Head branch was modified'}
  ${'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge'}              | ${{ pull_number: 2 }}                                                 | ${405} | ${'draft'}
  ${'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge'}              | ${{ pull_number: 3 }}                                                 | ${405} | ${'not mergeable'}
  ${'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge'}              | ${{ pull_number: 1, merge_method: 'rebase' }}                         | ${405} | ${'Rebase merges are not allowed'}
  ${'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge'}              | ${{ pull_number: 9 }}                                                 | ${404} | ${'Not Found'}
  ${'POST /repos/{owner}/{repo}/pulls'}                                 | ${{ title: 't', head: 'one', base: 'main' }}                          | ${422} | ${'A pull request already exists for acme:one'}
  ${'POST /repos/{owner}/{repo}/pulls'}                                 | ${{ title: 't', head: 'main', base: 'main' }}                         | ${422} | ${'No commits between main and main'}
  ${'POST /repos/{owner}/{repo}/pulls'}                                 | ${{ title: 't', head: 'none', base: 'main' }}                         | ${422} | ${'"field":"head"'}
  ${'PATCH /repos/{owner}/{repo}/pulls/{pull_number}'}                  | ${{ pull_number: 1, base: 'none' }}                                   | ${422} | ${'"field":"base"'}
  ${'POST /repos/{owner}/{repo}/git/refs'}                              | ${{ ref: 'refs/heads/x', sha: '0'.repeat(40) }}                       | ${422} | ${'Object does not exist'}
  ${'PATCH /repos/{owner}/{repo}/git/refs/{ref}'}                       | ${{ ref: 'heads/one', sha: 'BASE' }}                                  | ${422} | ${'not a fast forward'}
  ${'POST /repos/{owner}/{repo}/statuses/{sha}'}                        | ${{ sha: '0'.repeat(40), state: 'success' }}                          | ${422} | ${'No commit found for SHA'}
  ${'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'}        | ${{ issue_number: 1, body: 'x'.repeat(65_537) }}                      | ${422} | ${'Body is too long'}
  ${'DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}'} | ${{ issue_number: 1, name: 'none' }}                                  | ${404} | ${'Label does not exist'}
  ${'PUT /repos/{owner}/{repo}/contents/{path}'}                        | ${{ path: 'README.md', message: 'm', content: 'eA==' }}               | ${422} | ${'sha'}
  ${'PUT /repos/{owner}/{repo}/contents/{path}'}                        | ${{ path: '.github/workflows/a.yml', message: 'm', content: 'eA==' }} | ${403} | ${'Resource not accessible by integration'}
`('$operation says $status, $said', async ({ operation, parameters, status, said }) => {
  const world = await acme();
  const { github } = world;
  await github.setRepository('acme/app', { allowRebaseMerge: false });
  await github.openPullRequest({ repo: 'acme/app', by: 'mia', branch: 'one', files: { a: '1' } });
  await github.openPullRequest({ repo: 'acme/app', by: 'mia', branch: 'two', files: { b: '1' }, draft: true });
  await github.openPullRequest({ repo: 'acme/app', by: 'mia', branch: 'three', files: { 'README.md': 'mine' } });
  await github.push({ repo: 'acme/app', by: 'mia', branch: 'main', files: { 'README.md': 'theirs' } });
  const filled = parameters.sha === 'BASE' ? { ...parameters, sha: world.repository.head } : parameters;
  const refused = await asInstallation(world)
    .request(operation, { ...repo, ...filled })
    .catch((error: unknown) => error);
  expect(refused).toMatchObject({ status });
  expect(String(refused) + JSON.stringify((refused as { response: { data: unknown } }).response.data)).toContain(said);
  expect(github.violations).toEqual([]);
});

test('what is described but not built says so, by name', async () => {
  const missing = operations.filter(({ id }) => !(id in routes) && id !== 'rate-limit/get').map(({ id }) => id);
  expect(missing.toSorted()).toEqual([
    'repos/create-deployment',
    'repos/create-deployment-status',
    'repos/create-release',
    'repos/download-tarball-archive',
    'repos/get-release-by-tag',
  ]);
  const { github, mia } = await acme();
  const refused = withToken(github, mia.token).rest.repos.getReleaseByTag({ ...repo, tag: 'v1' });
  await expect(refused).rejects.toThrow(/does not build GET .*\(repos\/get-release-by-tag\)/);
});

test('what is not described is 404, as on GitHub, and noted', async () => {
  const { github, mia } = await acme();
  await expect(withToken(github, mia.token).rest.repos.listForks(repo)).rejects.toMatchObject({ status: 404 });
  expect(github.violations).toMatchObject([
    { kind: 'request', operation: 'unlisted', path: '/api/v3/repos/acme/app/forks' },
  ]);
});

test.each`
  method    | path                              | body
  ${'POST'} | ${'/repos/acme/app/pulls'}        | ${'{'}
  ${'GET'}  | ${'/repos/acme/app/pulls?page=x'} | ${undefined}
`('$method $path with $body is noted as a broken request', async ({ method, path, body }) => {
  const { github, mia } = await acme();
  const headers = { authorization: `token ${mia.token}`, 'content-type': 'application/json' };
  const { status } = await fetch(`${github.apiUrl}${path}`, { method, headers, ...(body && { body }) });
  expect(status).toBe(body === undefined ? 200 : 400);
  expect(github.violations).toMatchObject([{ kind: 'request' }]);
});
