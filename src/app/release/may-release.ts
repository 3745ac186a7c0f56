import { notInitiator } from '../../core/version/branch-role.ts';
import type { Person } from '../../model/person.ts';
import type { Project } from '../../model/project.ts';
import type { Sha } from '../../model/sha.ts';
import type { AppContext } from '../context.ts';
import { versionsAt } from '../push/watched-branch.ts';
import type { ConfigReader } from '../read-config.ts';

async function initiatorsAt(context: AppContext, config: ConfigReader, project: Project, at: Sha) {
  const state = await config.configAt(project, at);
  if (state.kind === 'unreadable') throw new Error(state.because);
  // What grants nothing does not keep from what the other file grants either.
  if (state.kind === 'invalid') return null;
  return (await versionsAt(context, project, state.config, at))?.release.initiators ?? null;
}

/**
 * Why a person may not release, by the files of all these commits and by id, for people; null: may. Throws where it cannot be
 * found out (versions.md V16).
 */
export async function whyNotInitiator(
  context: AppContext,
  config: ConfigReader,
  project: Project,
  person: Person | null,
  grounds: readonly Sha[],
): Promise<string | null> {
  for (const at of grounds) {
    const initiators = await initiatorsAt(context, config, project, at);
    if (initiators === null) continue;
    if (person === null) return notInitiator('whoever pushed it, which nobody told,', initiators);
    const found = await context.ports.forge.isOneOf(project, person, initiators);
    if (!found.known) throw new Error(found.because);
    if (!found.listed) return notInitiator(person.login, initiators);
  }
  return null;
}
