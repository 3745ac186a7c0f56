import { expect, test } from 'vitest';
import { markdown } from '../../../src/demo/github/pages/markup.ts';
import { acme, asInstallation } from './setting.ts';

test('the page of a pull request shows its checks and its conversation, everything escaped, and no script', async () => {
  const world = await acme();
  const { github } = world;
  const evil = '<script>alert(1)</script>';
  const pull = await github.openPullRequest({
    repo: 'acme/app',
    by: 'mia',
    branch: 'more',
    files: { a: '1' },
    title: evil,
    body: `see ${evil}`,
  });
  const octokit = asInstallation(world);
  const { data: run } = await octokit.rest.checks.create({
    owner: 'acme',
    repo: 'app',
    name: 'build',
    head_sha: pull.headSha,
  });
  await octokit.rest.checks.update({
    owner: 'acme',
    repo: 'app',
    check_run_id: run.id,
    conclusion: 'failure',
    output: {
      title: 'It failed',
      summary: `| image | result |\n|---|---|\n| api | ${evil} |`,
      text: 'see `log`',
      annotations: [
        { path: 'src/main.c', start_line: 3, end_line: 3, annotation_level: 'failure', message: 'no ; here' },
      ],
    },
  });
  await github.comment('acme/app', pull.number, 'sam', `hello ${evil}`);
  await github.review({ repo: 'acme/app', number: pull.number, by: 'sam', state: 'APPROVED', body: 'fine' });
  expect(await (await fetch(run.html_url ?? '')).text()).toContain('It failed');
  const response = await fetch(pull.url);
  const text = await response.text();
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(text).not.toContain('<script');
  for (const seen of [
    'failure</span> <b>build</b>',
    'It failed',
    '<th>image</th>',
    'src/main.c:3',
    'no ; here',
    'hello',
    'approved',
    pull.headSha,
    '<code>log</code>',
  ]) {
    expect(text).toContain(seen);
  }
});

test('the page shows labels, the gate before all other checks, and how it ended', async () => {
  const world = await acme();
  const { github, app } = world;
  const pull = await github.openPullRequest({ repo: 'acme/app', by: 'mia', branch: 'more', files: { a: '1' } });
  const read = async () => (await fetch(pull.url)).text();
  await github.label('acme/app', pull.number, '<gate>', 'mia');
  const check = { repo: 'acme/app', app: app.appId, sha: pull.headSha };
  await github.reportCheck({ ...check, name: 'unit', conclusion: 'success' });
  await github.reportCheck({ ...check, name: 'sluice/gate/main', title: 'Second of 3' });
  const open = await read();
  expect(open).toContain('<span class="label" style="border-color: #ededed">&lt;gate&gt;</span>');
  expect(open.indexOf('<b>sluice/gate/main</b>')).toBeGreaterThan(0);
  expect(open.indexOf('<b>sluice/gate/main</b>')).toBeLessThan(open.indexOf('<b>unit</b>'));
  expect(open).toContain('Second of 3');
  expect(open).not.toContain('class="box ended"');
  const outcome = await github.pressMerge('acme/app', pull.number, 'mia');
  const merged = await read();
  expect(merged).toContain('<span class="state merged">merged</span>');
  expect(merged).toContain(`<b>mia</b> merged this as <code>${outcome.kind === 'merged' && outcome.sha}</code>`);
});

test('the home page lists repositories with their pull requests', async () => {
  const { github } = await acme();
  const pull = await github.openPullRequest({
    repo: 'acme/app',
    by: 'mia',
    branch: 'more',
    files: { a: '1' },
    title: 'More',
  });
  const text = await (await fetch(github.url)).text();
  expect(text).toContain(`<a href="/acme/app/pull/${pull.number}">#1 More</a>`);
  expect((await fetch(`${github.url}/acme/app/pull/7`)).status).toBe(404);
});

test.each`
  text                              | html
  ${'# Title'}                      | ${'<h4>Title</h4>'}
  ${'a **b** `c`'}                  | ${'<p>a <b>b</b> <code>c</code></p>'}
  ${'- one\n- two'}                 | ${'<ul><li>one</li>\n<li>two</li></ul>'}
  ${'```\n<x>\n```'}                | ${'<pre>&lt;x&gt;</pre>'}
  ${'[go](https://a.example/?b&c)'} | ${'<p><a rel="nofollow" href="https://a.example/?b&amp;c">go</a></p>'}
  ${'[go](javascript:alert(1))'}    | ${'<p>[go](javascript:alert(1))</p>'}
  ${'[x](https://a" onclick="b)'}   | ${'<p>[x](https://a&quot; onclick=&quot;b)</p>'}
  ${'<img src=x onerror=y>'}        | ${'<p>&lt;img src=x onerror=y&gt;</p>'}
`('$text is shown as $html', ({ text, html }) => {
  expect(markdown(text).html).toBe(html);
});
