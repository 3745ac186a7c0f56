import { askGate, openApproved } from './ask-gate.ts';
import { historyLine, historyOfMain, type MainCommit } from './main-history.ts';
import { shopFiles } from './repository-files.ts';
import type { ServedSluice } from './sluice-port.ts';
import { checkRun, claim, type Stage } from './stage.ts';
import type { Step, Told } from './story.ts';
import { allEnded, gateCheck, type QueuedPull, queueLine, watchQueue } from './watch-queue.ts';

type Say = (words: string) => void;

const repo = 'acme/shop';

function landedIn(history: readonly MainCommit[]): readonly string[] {
  return history.slice(1).map(({ subject }) => subject.replace(/ \(#\d+\)$/, ''));
}

function claimLanded(history: readonly MainCommit[], names: readonly string[]): void {
  const landed = landedIn(history).join(', ');
  claim(landed === names.join(', '), `${names.join(', ')} landed, each once (there is ${landed || 'nothing'})`);
}

async function threeAtOnce(stage: Stage, say: Say): Promise<Told> {
  await stage.github.createRepository(repo, { files: shopFiles(stage.engine.testImage) });
  await stage.github.setPermission(repo, 'ada', 'write');
  const pulls = await openApproved(stage, repo, {
    Ash: { 'apples.txt': '8\n' },
    Birch: { 'pears.txt': '8\n' },
    Cedar: { 'README.md': '# shop\n\nOpen from nine to five.\n' },
  });
  const asking = askGate(stage, repo, pulls);
  const [runs] = await Promise.all([watchQueue(stage, repo, pulls, say, allEnded), asking]);
  const [ash, birch, cedar] = runs;
  claim(ash?.conclusion === 'success' && cedar?.conclusion === 'success', 'Ash and Cedar landed');
  claim(birch?.conclusion === 'failure' && birch.title === 'Rejected', 'Birch was rejected');
  claim(birch?.text.includes('16 boxes') === true, 'the check run of Birch shows why: 16 boxes, with those of Ash');
  return {
    happened:
      'Ash, Birch and Cedar asked for at once by /gate: Birch, fine alone, is too much on top of Ash; the others landed',
    look: pulls[1]?.url ?? null,
  };
}

async function claimNeverRed(stage: Stage, names: readonly string[], say: Say): Promise<readonly MainCommit[]> {
  const history = await historyOfMain(stage, repo);
  for (const commit of history) say(historyLine(commit));
  claimLanded(history, names);
  claim(
    history.every(({ isGreen }) => isGreen),
    'every commit that main ever was passes the check',
  );
  return history;
}

async function neverRed(stage: Stage, say: Say): Promise<Told> {
  const history = await claimNeverRed(stage, ['Ash', 'Cedar'], say);
  return {
    happened: `main was never red: each of the ${history.length} commits that it ever was passes the same check, run once more`,
    look: `${stage.github.url}/${repo}`,
  };
}

/** The process dies in the moment in which `main` has moved; another one begins with an empty Redis, on the same port. */
async function killInMidLanding(stage: Stage, first: ServedSluice, pulls: readonly QueuedPull[], say: Say) {
  const tip = await stage.github.branchSha(repo, 'main');
  await watchQueue(stage, repo, pulls, say, async () => (await stage.github.branchSha(repo, 'main')) !== tip);
  await first.kill();
  const [landed] = pulls;
  const run = landed && (await checkRun(stage, repo, landed.head, gateCheck));
  const when =
    run?.status === 'completed' ? 'just after Dogwood landed' : 'when main had moved and nobody was told of it';
  say(`kill -9 ${first.pid}, ${when}; then Redis: ${await stage.emptyRedis()}`);
  const second = await stage.serve(Number(new URL(first.url).port));
  say(`Sluice runs again as process ${second.pid}, with nothing but what GitHub, the pods and the ledger know`);
  return second;
}

/** What the author is left with when Sluice died between the landing and the telling. */
async function lastWord(stage: Stage, pull: QueuedPull): Promise<string> {
  const run = await checkRun(stage, repo, pull.head, gateCheck);
  const untold = run?.status === 'completed' ? '' : ' (merged; its check run was not told)';
  return `${queueLine(pull, run)}${untold}`;
}

async function killed(stage: Stage, say: Say): Promise<Told & { readonly put: Partial<Stage> }> {
  await stage.sluice.close();
  const first = await stage.serve(0);
  say(`Sluice was stopped here and runs as process ${first.pid}, to be killed`);
  const pulls = await openApproved(stage, repo, {
    Dogwood: { 'pauses/dogwood.txt': '3\n' },
    Elm: { 'pauses/elm.txt': '6\n' },
    Fir: { 'README.md': '# shop\n\nClosed on Mondays.\n' },
  });
  const [second] = await Promise.all([killInMidLanding(stage, first, pulls, say), askGate(stage, repo, pulls)]);
  const [dogwood, ...waiting] = pulls;
  await watchQueue(stage, repo, waiting, say, allEnded);
  if (dogwood) say(await lastWord(stage, dogwood));
  await claimNeverRed(stage, ['Ash', 'Cedar', 'Dogwood', 'Elm', 'Fir'], say);
  claim((await stage.github.pullRequest(repo, dogwood?.number ?? 0)).merged, 'the pull request of Dogwood is merged');
  return {
    happened:
      'kill -9 in mid-landing and an emptied Redis: the queue was found again in its order, nothing landed twice, main was never red',
    look: waiting[0]?.url ?? null,
    put: { served: second },
  };
}

/** What the gate does. */
export function gateSteps(): readonly Step[] {
  return [
    { title: 'Three pull requests at the gate', play: threeAtOnce },
    { title: 'What main ever was', play: neverRed },
  ];
}

/** What it survives; from here on Sluice is a process of its own. */
export function crashSteps(): readonly Step[] {
  return [{ title: 'Killed in mid-landing, Redis emptied', play: killed }];
}
