import { askGate, openApproved } from './ask-gate.ts';
import {
  claimPublished,
  countMoved,
  type FinalTags,
  readChangeTags,
  readFinalTags,
  readLandedImages,
  tagsLine,
} from './published-images.ts';
import { storeRepository as repo } from './set-registries.ts';
import { type CheckRun, checkRun, claim, concluded, type Stage, until } from './stage.ts';
import { storeFiles } from './store-files.ts';
import type { Step, Told } from './story.ts';
import { allEnded, type QueuedPull, watchQueue } from './watch-queue.ts';

type Say = (words: string) => void;

const promoteCheck = 'sluice/promote';

async function openStore(stage: Stage): Promise<void> {
  const { engine, images, baseImage: base } = stage;
  const [final, staging] = [images.final.address, images.staging.address];
  const priceFile = engine.entersImages ? '/price.txt' : 'api/price.txt';
  await stage.github.createRepository(repo, { files: storeFiles({ base, final, staging, priceFile }) });
  await stage.github.setPermission(repo, 'ada', 'write');
}

async function newestCommit(stage: Stage): Promise<string> {
  const commit = await stage.github.branchSha(repo, 'main');
  if (commit === null) throw new Error(`${repo} has no main`);
  return commit;
}

async function openOne(stage: Stage, name: string, files: Readonly<Record<string, string>>): Promise<QueuedPull> {
  const [pull] = await openApproved(stage, repo, { [name]: files });
  if (!pull) throw new Error(`${name} was not opened`);
  return pull;
}

/** Looks from when both images are uploaded until the change has landed: what people pull stays what it was. */
async function watchFinalTags(stage: Stage, { number }: QueuedPull, before: FinalTags, say: Say): Promise<void> {
  const tip = await newestCommit(stage);
  let looks = 0;
  await until('both images to be uploaded, and the change to land', async () => {
    const uploaded = await readChangeTags(stage, number);
    const now = await readFinalTags(stage);
    if ((await newestCommit(stage)) !== tip) return true;
    claim(countMoved(before, now) === 0, 'nothing that people pull moves before the change has landed');
    if (uploaded.length < 2) return false;
    if (looks === 0) for (const tag of uploaded) say(`uploaded: ${tag}`);
    looks += 1;
    return false;
  });
  claim(looks > 0, 'it was looked between the upload and the landing');
  say(`looked at ${looks === 1 ? 'once' : `${looks} times`} between upload and landing: ${tagsLine(stage, before)}`);
}

/** What the test printed, by the link of the gate's check run. */
async function logOf(run: CheckRun, job: string): Promise<string> {
  const row = run.summary.split('\n').find((line) => line.startsWith(`| \`${job}\` |`)) ?? '';
  const [, address] = /\]\((http[^)]+)\)/.exec(row) ?? [];
  if (address === undefined) throw new Error(`the check run has no log of ${job}: ${row}`);
  return (await fetch(address)).text();
}

async function claimTestedInside(stage: Stage, run: CheckRun, say: Say): Promise<void> {
  const [api] = await readLandedImages(stage);
  const image = `${api?.staged.repository}@${api?.digest}`;
  const pods = stage.manifests();
  const test = pods.find(({ metadata }) => metadata.annotations['sluice.dev/job'] === 'e2e');
  const named = test?.spec.containers.find(({ name }) => name === 'command')?.image;
  claim(named === image, `e2e runs in ${image}, which the ledger records (there is ${named ?? 'no pod'})`);
  const log = await logOf(run, 'e2e');
  claim(log.includes('bread costs 4'), 'e2e read the price of this change');
  const where = stage.engine.entersImages ? 'ran inside' : 'ran as a plain process, which enters no image, for';
  say(`e2e ${where} ${image.slice(0, image.indexOf('@') + 20)}…: “${log.match(/bread costs.*/)?.[0]}”`);
  const holders = pods.flatMap(({ spec }) =>
    [...spec.initContainers, ...spec.containers].filter(({ volumeMounts }) =>
      volumeMounts.some(({ name }) => name === 'registry'),
    ),
  );
  claim(
    holders.length === 2 && holders.every(({ name }) => name === 'upload'),
    'only the two uploaders held a credential, no container that runs code of the change did',
  );
}

async function twoImages(stage: Stage, say: Say): Promise<Told> {
  await openStore(stage);
  const before = await readFinalTags(stage);
  claim(
    before.every((digest) => digest === null),
    'nobody can pull api or web yet',
  );
  say(`before: ${tagsLine(stage, before)}`);
  const pull = await openOne(stage, 'Bread', { 'api/price.txt': '4\n' });
  const watched = watchFinalTags(stage, pull, before, say);
  const asked = askGate(stage, repo, [pull]);
  const [[run]] = await Promise.all([watchQueue(stage, repo, [pull], say, allEnded), watched, asked]);
  if (run?.conclusion !== 'success') throw new Error(`Bread did not land: ${run?.title}\n${run?.summary}`);
  await claimTestedInside(stage, run, say);
  const tested = stage.engine.entersImages ? ', tested inside one of them, by digest,' : '';
  return {
    happened: `the gate built and uploaded two images${tested} and landed the change; until then nobody could pull them`,
    look: pull.url,
  };
}

async function published(stage: Stage, say: Say): Promise<Told> {
  const commit = await newestCommit(stage);
  const run = await concluded(stage, repo, commit, promoteCheck, 'success');
  say(`${promoteCheck} on ${commit.slice(0, 8)}: ${run.title}`);
  for (const line of run.summary.split('\n').filter((each) => each !== '')) say(`  ${line}`);
  await claimPublished(stage, say);
  return {
    happened: 'landed: the tags that people pull point at exactly the digests that the gate tested',
    look: `${stage.github.url}/${repo}`,
  };
}

/** The change lands, and the registry dies between the first tag and the second. */
async function landAndStop(stage: Stage, say: Say): Promise<QueuedPull> {
  const pull = await openOne(stage, 'Cake', {
    'api/price.txt': '5\n',
    'web/page.html': '<h1>Bread and cake</h1>\n',
  });
  const { final } = stage.images;
  final.killBefore(/^PUT \/v2\/acme\/[a-z]+\/manifests\/latest$/, 1);
  const [[run]] = await Promise.all([watchQueue(stage, repo, [pull], say, allEnded), askGate(stage, repo, [pull])]);
  claim(run?.conclusion === 'success', `Cake landed (there is ${run?.title})`);
  await until('the second tag to be set', async () => final.isKilled());
  const commit = await newestCommit(stage);
  const waiting = await until('people to be told what waits', async () => {
    const found = await checkRun(stage, repo, commit, promoteCheck);
    return found?.title.endsWith('of 2 images wait') && found;
  });
  say(`kill -9 of the registry ${final.address}, one tag before the end; ${promoteCheck} says: ${waiting.title}`);
  say(`  ${waiting.summary.split('\n').find((line) => line.startsWith('* '))}`);
  return pull;
}

async function killEverything(stage: Stage, before: FinalTags, say: Say): Promise<Partial<Stage>> {
  const { served, images } = stage;
  if (!served) throw new Error('Sluice is no process of its own');
  await served.kill();
  say(`kill -9 ${served.pid}; then Redis: ${await stage.emptyRedis()}`);
  await images.final.startAgain();
  const torn = await readFinalTags(stage);
  claim(countMoved(before, torn) === 1, 'one tag had been moved and the other had not');
  say(`the registry is back, half done: ${tagsLine(stage, torn)}`);
  const next = await stage.serve(Number(new URL(served.url).port));
  say(`Sluice runs again as process ${next.pid}; nobody asks it for anything`);
  return { served: next };
}

async function killedInMidPromotion(stage: Stage, say: Say): Promise<Told & { readonly put: Partial<Stage> }> {
  const before = await readFinalTags(stage);
  const pull = await landAndStop(stage, say);
  const put = await killEverything(stage, before, say);
  const commit = await newestCommit(stage);
  const run = await concluded(stage, repo, commit, promoteCheck, 'success');
  say(`${promoteCheck} on ${commit.slice(0, 8)}: ${run.title}`);
  await claimPublished(stage, say);
  claim(countMoved(before, await readFinalTags(stage)) === 2, 'both images are those of the second change');
  return {
    happened:
      'registry, Sluice and Redis killed between the first tag and the second: it finished by itself, from what the ledger says',
    look: pull.url,
    put,
  };
}

/** How an image comes from the gate to where people pull it. */
export function promotionSteps(): readonly Step[] {
  return [
    { title: 'Two images at the gate', play: twoImages },
    { title: 'What people pull', play: published },
  ];
}

/** What that survives, of a Sluice that is a process of its own. */
export function brokenPromotionSteps(): readonly Step[] {
  return [{ title: 'Everything killed in mid-promotion', play: killedInMidPromotion }];
}
