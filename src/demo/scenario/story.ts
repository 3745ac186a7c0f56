import { brokenDockerfile, plainFiles } from './repository-files.ts';
import { checkRun, claim, concluded, type Stage, until } from './stage.ts';

/** One line of the story: a title while it plays, then what happened and where to look. */
export interface Step {
  readonly title: string;
  /** `say` shows what happens while it happens, a line at a time. */
  readonly play: (stage: Stage, say: (words: string) => void) => Promise<Told & { readonly put?: Partial<Stage> }>;
}

export interface Told {
  readonly happened: string;
  /** An address to look at; null: nowhere. */
  readonly look: string | null;
}

const repo = 'acme/api';

function short(sha: string): string {
  return sha.slice(0, 8);
}

/** What the first steps leave for the later ones. */
interface Memory {
  first: { number: number; head: string } | null;
}

function seconds(text: string): string {
  return /in ([\d.]+ (?:s|m \d+ s))/.exec(text)?.[1] ?? '';
}

async function memberOpens(stage: Stage, memory: Memory): Promise<Told> {
  const before = await stage.registry.fingerprint();
  const pull = await stage.github.openPullRequest({
    repo,
    by: 'ada',
    title: 'Say good morning',
    files: { 'hello.txt': 'good morning\n' },
  });
  memory.first = { number: pull.number, head: pull.headSha };
  const built = await concluded(stage, repo, pull.headSha, 'build-image', 'success');
  const unit = await concluded(stage, repo, pull.headSha, 'unit', 'failure');
  claim(built.summary.includes('sha256:'), 'the check run names the digest');
  claim(/log\]\(http/.test(built.summary), 'the check run links to the whole log');
  claim((await stage.registry.fingerprint()) === before, 'the registry is byte for byte what it was');
  claim(unit.text.includes('the answer service is away'), 'the check run of unit shows the last lines of its log');
  const digest = /sha256:[0-9a-f]{12}/.exec(built.summary)?.[0] ?? '';
  return {
    happened: `ada opened #${pull.number}: build-image green (${seconds(built.title)}, ${digest}…), unit red; nothing was pushed`,
    look: pull.url,
  };
}

async function podsHeldNothing(stage: Stage): Promise<Told> {
  const pods = stage.manifests();
  claim(pods.length > 0, 'a pod was made');
  for (const pod of pods) {
    claim(pod.spec.automountServiceAccountToken === false, 'no service account token is mounted');
    claim(!pod.spec.volumes.some((volume) => volume.secret), 'no volume holds a secret');
    const env = [...pod.spec.initContainers, ...pod.spec.containers].flatMap((container) => container.env);
    claim(
      !env.some(
        ({ name, value }) => /token|password|secret|credential|docker_config/i.test(name) || value.includes('ghs_'),
      ),
      'no environment variable holds a credential',
    );
  }
  return { happened: `its ${pods.length} pods held no secret, no token and no pull credential`, look: null };
}

async function retest(stage: Stage, memory: Memory): Promise<Told> {
  const first = memory.first;
  if (!first) throw new Error('the first pull request is missing');
  const built = await checkRun(stage, repo, first.head, 'build-image');
  await stage.github.comment(repo, first.number, 'ada', '/retest');
  const unit = await until('unit to turn green', async () => {
    const found = await checkRun(stage, repo, first.head, 'unit');
    return found?.conclusion === 'success' && found;
  });
  const again = await checkRun(stage, repo, first.head, 'build-image');
  claim(built?.id === again?.id, '/retest left the green build-image alone');
  claim(unit.text.includes('the answer is 42'), 'unit got its answer');
  return {
    happened: `/retest on the same head ran only unit, which turned green (${seconds(unit.title)})`,
    look: `${stage.github.url}/${repo}/pull/${first.number}`,
  };
}

async function brokenThenFixed(stage: Stage): Promise<Told> {
  const pull = await stage.github.openPullRequest({
    repo,
    by: 'ada',
    title: 'Shout louder',
    files: { Dockerfile: brokenDockerfile(stage.baseImage), slow: 'the tests of this one take a minute\n' },
  });
  const red = await concluded(stage, repo, pull.headSha, 'build-image', 'failure');
  const note = red.annotations[0];
  claim(
    note?.path === 'Dockerfile' && note.start_line === 3,
    `an annotation stands on Dockerfile line 3 (there is ${note ? `${note.path}:${note.start_line}` : 'none'})`,
  );
  await until(
    'unit to be running',
    async () => (await checkRun(stage, repo, pull.headSha, 'unit'))?.status === 'in_progress',
  );
  const fixed = await stage.github.readFile(repo, 'main', 'Dockerfile');
  const head = await stage.github.push({
    repo,
    by: 'ada',
    branch: pull.branch,
    files: { Dockerfile: fixed, slow: null, 'hello.txt': 'good evening\n' },
  });
  const stopped = await concluded(stage, repo, pull.headSha, 'unit', 'cancelled');
  await concluded(stage, repo, head, 'build-image', 'success');
  await concluded(stage, repo, head, 'unit', 'success');
  claim(stopped.summary.includes('superseded'), 'the stopped check run says why');
  return {
    happened: `#${pull.number}: red with a note on Dockerfile:3; a fix was pushed: the old unit stopped, ${short(head)} is green`,
    look: pull.url,
  };
}

async function stranger(stage: Stage): Promise<Told> {
  await stage.github.fork(repo, 'mallory');
  const pull = await stage.github.openPullRequest({
    repo,
    by: 'mallory',
    fork: 'mallory/api',
    title: 'A gift',
    files: { 'hello.txt': 'hi\n' },
  });
  const waiting = await concluded(stage, repo, pull.headSha, 'sluice', 'action_required');
  claim(
    waiting.title === 'Awaiting approval' && waiting.summary.includes(`/ok-to-test ${pull.headSha}`),
    'the check run holds the line to copy',
  );
  claim((await checkRun(stage, repo, pull.headSha, 'build-image')) === undefined, 'nothing was built');
  await stage.github.comment(repo, pull.number, 'ada', `/ok-to-test ${pull.headSha}`);
  await concluded(stage, repo, pull.headSha, 'build-image', 'success');
  const next = await stage.github.push({
    repo: 'mallory/api',
    by: 'mallory',
    branch: pull.branch,
    files: { 'hello.txt': 'hi there\n' },
  });
  await concluded(stage, repo, next, 'sluice', 'action_required');
  claim((await checkRun(stage, repo, next, 'build-image')) === undefined, 'the new head was not built');
  return {
    happened: `#${pull.number} by a stranger: awaiting approval, /ok-to-test built ${short(pull.headSha)}, his next push awaits approval again`,
    look: pull.url,
  };
}

async function docsOnly(stage: Stage): Promise<Told> {
  const pull = await stage.github.openPullRequest({
    repo,
    by: 'ada',
    title: 'Explain it',
    files: { 'docs/guide.md': '# Guide\n\nRead me.\n' },
  });
  const run = await concluded(stage, repo, pull.headSha, 'build-image', 'skipped');
  claim(run.summary.includes('docs/'), 'the check run says why');
  return {
    happened: `#${pull.number} changes only documentation: build-image concluded skipped, with the reason`,
    look: pull.url,
  };
}

async function zeroConfig(stage: Stage): Promise<Told> {
  await stage.github.createRepository('acme/plain', { files: plainFiles(stage.baseImage) });
  await stage.github.setPermission('acme/plain', 'ada', 'write');
  const pull = await stage.github.openPullRequest({
    repo: 'acme/plain',
    by: 'ada',
    title: 'First change',
    files: { 'README.md': '# plain and simple\n' },
  });
  const run = await concluded(stage, 'acme/plain', pull.headSha, 'build-image', 'success');
  return {
    happened: `acme/plain has no file of ours, only a Dockerfile: built (${seconds(run.title)})`,
    look: pull.url,
  };
}

async function withoutWebhooks(stage: Stage): Promise<Told> {
  stage.github.webhooks.pause();
  const pull = await stage.github.openPullRequest({
    repo,
    by: 'ada',
    title: 'In the dark',
    files: { 'hello.txt': 'psst\n' },
  });
  await stage.sluice.resync();
  await concluded(stage, repo, pull.headSha, 'build-image', 'success');
  await concluded(stage, repo, pull.headSha, 'unit', 'success');
  stage.github.webhooks.resume();
  return {
    happened: `webhooks switched off: #${pull.number} was found by the resync and built all the same`,
    look: pull.url,
  };
}

async function replyTo(stage: Stage, number: number, about: string): Promise<string> {
  return until(`an answer about ${about}`, async () => {
    const replies = (await stage.github.comments(repo, number)).filter((comment) => comment.author.endsWith('[bot]'));
    return replies.find((reply) => reply.body.includes(about))?.body;
  });
}

async function sentences(stage: Stage, memory: Memory): Promise<Told> {
  await stage.github.comment(repo, memory.first?.number ?? 1, 'mallory', '/test unit');
  await replyTo(stage, memory.first?.number ?? 1, 'mallory has');
  const config = await stage.github.readFile(repo, 'main', '.sluice.yaml');
  const typo = await stage.github.openPullRequest({
    repo,
    by: 'ada',
    title: 'Mistyped',
    files: { '.sluice.yaml': (config ?? '').replace('images:', 'imagse:') },
  });
  const mistyped = await concluded(stage, repo, typo.headSha, 'sluice', 'action_required');
  claim(
    /did you mean/i.test(mistyped.summary) && mistyped.summary.includes('images'),
    'the check run says what to write instead',
  );
  const outside = await stage.github.openPullRequest({
    repo,
    by: 'ada',
    title: 'Elsewhere',
    files: {
      '.sluice.yaml': (config ?? '').replace(
        '  - name: api',
        '  - name: api\n    containerFilename: ../../etc/Dockerfile',
      ),
    },
  });
  const refused = await concluded(stage, repo, outside.headSha, 'sluice', 'action_required');
  claim(/outside|repository/i.test(refused.summary), 'the check run says that the path leaves the repository');
  return {
    happened: 'an outsider, a mistyped key and a Dockerfile outside the repository: each got a sentence that helps',
    look: typo.url,
  };
}

/** The life of a change, in order. */
export function storySteps(): readonly Step[] {
  const memory: Memory = { first: null };
  return [
    { title: 'A member opens a pull request', play: (stage) => memberOpens(stage, memory) },
    { title: 'What the pods held', play: podsHeldNothing },
    { title: 'The flaky test once more', play: (stage) => retest(stage, memory) },
    { title: 'A broken Dockerfile, then a fix', play: brokenThenFixed },
    { title: 'A stranger', play: stranger },
    { title: 'Only documentation', play: docsOnly },
    { title: 'No file of ours', play: zeroConfig },
    { title: 'Webhooks switched off', play: withoutWebhooks },
    { title: 'Three ways to be told no', play: (stage) => sentences(stage, memory) },
  ];
}
