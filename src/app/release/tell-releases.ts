import { releaseWord } from '../../core/push/ask-releases.ts';
import type { Project } from '../../model/project.ts';
import type { ReleaseWish } from '../../model/release.ts';
import type { AppContext } from '../context.ts';
import { releasesInLedgers } from './known-releases.ts';

/** A word to a release that somebody asks for it, durable when it resolves. */
export async function tellRelease(
  { ports }: Pick<AppContext, 'ports'>,
  project: Project,
  wish: ReleaseWish,
): Promise<void> {
  const { queue, event } = releaseWord(project, wish, ports.clock.now());
  await ports.intake.accept(event, [queue]);
  await ports.signals.wake(queue);
}

/** A word to each release that a ledger says was begun and not ended, and of which nothing is known here: all was lost. */
export async function tellForgottenReleases({ ports }: Pick<AppContext, 'ports'>, project: Project): Promise<void> {
  const open = new Map<string, ReleaseWish>();
  for (const detail of await releasesInLedgers({ ports }, project)) {
    const { branch, component, version, commit, by, tag, kind } = detail;
    const wish = { branch, component, version, commit, by, tag, ground: null, held: null, isVersion: tag === null };
    const key = JSON.stringify([component, version, tag]);
    if (kind === 'releasing') open.set(key, wish);
    else open.delete(key);
  }
  for (const wish of open.values()) {
    const { queue } = releaseWord(project, wish, 0);
    if ((await ports.documents.load(queue)).document === null) await tellRelease({ ports }, project, wish);
  }
}
