import type { PushedComponent } from '../../core/postsubmit/plan-push.ts';
import { closesOf } from '../../core/push/close-branches.ts';
import type { JudgedPush } from '../../core/push/facts.ts';
import { cutOf } from '../../core/push/name-cut.ts';
import { proposalsOf } from '../../core/push/propose-next.ts';
import { roleOf } from '../../core/version/branch-role.ts';
import type { Project } from '../../model/project.ts';
import type { PushWords } from '../../model/push.ts';
import type { VersionSettings } from '../../model/version-settings.ts';
import type { AppContext } from '../context.ts';

type Automated = Pick<Extract<JudgedPush, { kind: 'judged' }>, 'version' | 'cut' | 'proposals' | 'closes'>;

interface Push {
  readonly project: Project;
  readonly branch: string;
}

/**
 * Only a push to the default branch closes others: whoever may push to any other could write a file there that names what they
 * may not touch.
 */
function mayClose({ project, branch }: Push, settings: VersionSettings): boolean {
  const isMain = roleOf(settings, branch, project.defaultBranch).kind === 'main';
  return isMain && branch === project.defaultBranch && settings.automation.keepBranches !== null;
}

/** What a push does by itself besides (`version.automation`), and its words with what of that could not be. `settings` null: nothing. */
export async function automate(
  { ports }: AppContext,
  push: Push,
  settings: VersionSettings | null,
  components: readonly PushedComponent[],
  words: PushWords | null,
): Promise<Automated> {
  const decisions = components.map(({ decision }) => decision);
  const { cut, words: version } = cutOf(settings, decisions, words);
  const plain = { version, ...(cut === null ? {} : { cut }), proposals: proposalsOf(settings, components) };
  if (settings === null || !mayClose(push, settings)) return plain;
  const { project } = push;
  const branches = await ports.history.branches(project);
  const closes = closesOf(settings, branches, cut?.branch ?? null, project.defaultBranch);
  return { ...plain, closes: closes.map((each) => ({ ...each, ended: null })) };
}
