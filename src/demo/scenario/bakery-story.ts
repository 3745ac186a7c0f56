import { askGate, openApproved } from './ask-gate.ts';
import { bakeryChanges, bakeryFiles } from './bakery-files.ts';
import { historyLine, historyOfMain } from './main-history.ts';
import { claim, type Stage } from './stage.ts';
import type { Step, Told } from './story.ts';
import { allEnded, watchQueue } from './watch-queue.ts';

const repo = 'acme/bakery';

/** What the picture of the queue on Sluice's status page shows, in the words that it has for who cannot see it; null: none yet. */
async function pictureOfQueue({ sluice }: Stage): Promise<string | null> {
  const page = await (await fetch(sluice.url ?? '')).text();
  return /aria-label="The queue of acme\/bakery: ([^"]*)"/.exec(page)?.[1]?.replaceAll('&#35;', '#') ?? null;
}

async function sixInAQueue(stage: Stage, say: (words: string) => void): Promise<Told> {
  const { origin } = new URL(stage.service.url);
  await stage.github.createRepository(repo, { files: bakeryFiles(stage.engine.testImage, `${origin}/oven`) });
  await stage.github.setPermission(repo, 'ada', 'write');
  const pulls = await openApproved(stage, repo, bakeryChanges);
  const asking = askGate(stage, repo, pulls);
  const pictures = new Set<string>();
  const looking = async (): Promise<void> => {
    const picture = await pictureOfQueue(stage);
    if (picture !== null && /#6 /.test(picture)) pictures.add(picture);
  };
  const [runs] = await Promise.all([
    watchQueue(stage, repo, pulls, say, async (seen) => {
      if (pictures.size === 0) await looking();
      return allEnded(seen);
    }),
    asking,
  ]);
  const [picture] = pictures;
  claim(picture !== undefined, 'the picture of the queue showed all six');
  say(`drawn at ${stage.sluice.url}: ${picture}`);
  const [rye, , , sour, ...rest] = runs;
  claim(rye?.conclusion === 'success', 'Rye, whose test failed once for no reason, landed');
  claim(sour?.conclusion === 'failure' && sour.title === 'Rejected', 'Sour was rejected');
  claim(
    /failed (?:twice|\d+ times) with nobody else to blame/.test(sour?.summary ?? ''),
    `the check run of Sour says how often it failed (${sour?.summary ?? 'there is none'})`,
  );
  claim(
    rest.every((run) => run?.conclusion === 'success'),
    'those behind Sour landed',
  );
  const history = await historyOfMain(stage, repo);
  for (const commit of history) say(historyLine(commit));
  claim(history.length === 6 && history.every(({ isGreen }) => isGreen), 'five landed, and main was never red');
  const how = /inside of #\d+/.exec(rye?.title ?? '')?.[0];
  const ryeEnded = how === undefined ? 'was run once more and landed' : `passed ${how} and landed with it`;
  return {
    happened: `six asked for at once, built best first: the flaky Rye ${ryeEnded}, the bad Sour failed again and again and was rejected, the other four landed without it`,
    look: pulls[3]?.url ?? null,
  };
}

/** A queue whose candidates are built best first. */
export function bestFirstSteps(): readonly Step[] {
  return [{ title: 'Six in a queue, one flaky and one bad', play: sixInAQueue }];
}
