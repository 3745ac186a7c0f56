import { type KnownSiblings, type SiblingFacts, siblingNamesOf } from '../core/decide-siblings.ts';
import { siblingKey } from '../core/pod/siblings.ts';
import type { TreeFacts } from '../core/presubmit/facts.ts';
import { fullName, type Project } from '../model/project.ts';
import type { Sha } from '../model/sha.ts';
import type { AppContext } from './context.ts';

function namesIn(trees: Iterable<TreeFacts>): readonly string[] {
  const jobs = [...trees].flatMap(({ config }) => (config.kind === 'usable' ? config.config.jobs : []));
  return [...new Set(jobs.flatMap(siblingNamesOf).map(siblingKey))];
}

async function tipsOf({ ports }: AppContext, project: Project, baseRef: string): Promise<SiblingFacts['tips']> {
  const tips = new Map<string, Sha | null>();
  for (const branch of new Set([baseRef, project.defaultBranch]))
    tips.set(branch, await ports.source.tipOf(project, branch));
  return tips;
}

/** Looks at every project that these configurations name as sibling; what could not be looked at is left out, and logged. */
export async function observeSiblings(
  context: AppContext,
  trees: Iterable<TreeFacts>,
  baseRef: string,
): Promise<KnownSiblings> {
  const { forge, log } = context.ports;
  const found = new Map<string, SiblingFacts | null>();
  const names = namesIn(trees);
  if (names.length === 0) return found;
  try {
    const seen = (await forge.projects()).filter((project) => context.settings.allows(fullName(project)));
    const byName = new Map(seen.map((project) => [siblingKey(fullName(project)), project]));
    for (const name of names) {
      const project = byName.get(name);
      found.set(name, project === undefined ? null : { project, tips: await tipsOf(context, project, baseRef) });
    }
  } catch (cause) {
    log.warn({ siblings: names, err: cause }, 'siblings could not be looked at');
  }
  return found;
}
