import { checkRun, type Stage, until } from './stage.ts';
import { gateCheck, type QueuedPull } from './watch-queue.ts';

/** Files of a change, by the name of the change. */
type Wishes = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Opens one approved pull request for each name. */
export async function openApproved(stage: Stage, repo: string, wishes: Wishes): Promise<readonly QueuedPull[]> {
  const pulls: QueuedPull[] = [];
  for (const [name, files] of Object.entries(wishes)) {
    const branch = name.toLowerCase();
    const { number, headSha, url } = await stage.github.openPullRequest({
      repo,
      by: 'ada',
      branch,
      title: name,
      files,
    });
    await stage.github.review({ repo, number, by: 'boss', state: 'APPROVED' });
    pulls.push({ name, number, head: headSha, url });
  }
  return pulls;
}

/** Asks for all of them, one after the other: GitHub tells the time of a comment in whole seconds. */
export async function askGate(stage: Stage, repo: string, pulls: readonly QueuedPull[]): Promise<void> {
  for (const { number, head, name } of pulls) {
    await stage.github.comment(repo, number, 'ada', `/gate ${head}`);
    await until(`the gate to hear of ${name}`, async () => checkRun(stage, repo, head, gateCheck));
  }
}
