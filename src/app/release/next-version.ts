import type { NextVersion } from '../../core/release/facts.ts';
import { roleOf } from '../../core/version/branch-role.ts';
import { isSameVersion } from '../../core/version/compare-versions.ts';
import { nextDev, proposalBranch } from '../../core/version/next-dev.ts';
import { parseVersion, readVersion } from '../../core/version/read-version.ts';
import type { BranchReading } from '../../model/landing.ts';
import type { ReleaseRun } from '../../model/release-run.ts';
import type { Sha } from '../../model/sha.ts';
import type { AppContext } from '../context.ts';
import { versionsAt } from '../push/watched-branch.ts';
import type { ConfigReader } from '../read-config.ts';

function none(because: string): NextVersion {
  return { kind: 'none', because };
}

async function find(context: AppContext, config: ConfigReader, run: ReleaseRun, at: Sha): Promise<NextVersion> {
  const { project, wish } = run;
  const { branch, component: name, version: released } = wish;
  const state = await config.configAt(project, at);
  if (state.kind === 'unreadable') return { kind: 'unread' };
  const settings = state.kind === 'valid' ? await versionsAt(context, project, state.config, at) : null;
  const component = settings?.components.find((each) => each.name === name);
  if (settings === null || component === undefined) return none(`${branch} has no such version any more`);
  const { automation, scheme } = settings;
  if (automation.cutBranch && roleOf(settings, branch, project.defaultBranch).kind === 'main')
    return none(`${branch} goes on with the next minor version`);
  const { file } = component;
  const there = readVersion((await context.ports.history.push(project, at, at, file)).file, scheme);
  const same = parseVersion(released, scheme);
  if (there.kind !== 'version' || typeof same === 'string' || !isSameVersion(there.version, same))
    return none(`${file} on ${branch} says something else by now`);
  const version = nextDev(there.version, scheme, 'patch');
  if (version === null) return none(`no dev version follows ${released}`);
  const head = proposalBranch(branch, name, version);
  return { kind: 'proposal', proposal: { base: branch, head, at, file, from: there.version.raw, version } };
}

/**
 * What the branch of a release goes on with (`version.automation.nextDev`): the next patch version, as long as its newest commit
 * still says the one that is released.
 */
export async function nextVersion(
  context: AppContext,
  config: ConfigReader,
  run: ReleaseRun,
  reading: BranchReading | null,
): Promise<NextVersion> {
  const { project, wish } = run;
  if (reading === null) return { kind: 'unread' };
  if (reading.tip === null) return none(`the branch ${wish.branch} is gone`);
  try {
    return await find(context, config, run, reading.tip);
  } catch (err) {
    const fields = { repository: project.id, commit: reading.tip, err };
    context.ports.log.warn(fields, 'the next version of a branch could not be found out');
    return { kind: 'unread' };
  }
}
