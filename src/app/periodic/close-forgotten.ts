import type { WantedNightlies } from '../../core/periodic/facts.ts';
import { forgottenIssues } from '../../core/periodic/forgotten-issues.ts';
import { nightlyMark } from '../../core/periodic/issue-mark.ts';
import { unnamedSince } from '../../core/push/lost-checks.ts';
import { fullName } from '../../model/project.ts';
import type { AppContext } from '../context.ts';
import type { ConfigReader } from '../read-config.ts';
import { openBeneath, type Place } from './requests-seen.ts';

/** Which is kept with everything else: once after each loss, and seldom besides, as it takes a listing of the forge. */
const seldomMs = 7 * 24 * 3_600_000;
const tryingMs = 60_000;

async function closeIssues(
  { issues, log }: AppContext['ports'],
  { project, branch }: Place,
  { nightlies }: Extract<WantedNightlies, { kind: 'known' }>,
): Promise<void> {
  for (const wish of forgottenIssues(branch, nightlies, await issues.listOpen(project, nightlyMark))) {
    await issues.write(project, wish);
    log.info({ repository: fullName(project), issue: wish.number }, 'issue of a nightly that is gone was closed');
  }
}

async function endCheckRuns(
  { ports }: Pick<AppContext, 'ports'>,
  config: ConfigReader,
  place: Place,
  { nightlies }: Extract<WantedNightlies, { kind: 'known' }>,
): Promise<void> {
  const { reporter, clock, log } = ports;
  const { project, branch } = place;
  const known = new Set(nightlies.map(({ key }) => key));
  for (const lost of await openBeneath(ports, config, place, ({ key }) => !known.has(key))) {
    await reporter.want(project, unnamedSince(lost, branch, clock.now()));
    const fields = { repository: fullName(project), check: lost.name, commit: lost.commit };
    log.info(fields, 'check run of a nightly that is gone was ended');
  }
}

/**
 * Where nothing is known of a project's nightlies: what is left of those that its file does not name any more is ended, their open
 * check runs and, unless the project only tries us out, their issues. Asked anew in each life of the server, as an old backup
 * knows that it was asked, and not of what was begun since.
 */
export async function closeForgotten(
  { ports }: Pick<AppContext, 'ports'>,
  config: ConfigReader,
  place: Place,
  wanted: Extract<WantedNightlies, { kind: 'known' }>,
): Promise<void> {
  const { notes, clock, log } = ports;
  const { project } = place;
  const [lease, holder] = [`nightlies-gone-${project.id}-${await notes.life()}`, String(clock.now())];
  if (!(await notes.lease(lease, holder, tryingMs))) return;
  try {
    await endCheckRuns({ ports }, config, place, wanted);
    if (!wanted.shadow) await closeIssues(ports, place, wanted);
    await notes.lease(lease, holder, seldomMs);
  } catch (err) {
    log.warn({ repository: fullName(project), err }, 'what is left of nightlies that are gone could not be looked for');
  }
}
