import type { Project } from '../model/project.ts';
import type { Ports } from './context.ts';

const youngMs = 2 * 3_600_000;

/**
 * When the App first saw a repository (ms): noted when it is given one, else the time of its installation, which the forge
 * remembers. Pull requests that were last updated before are left asleep (commands.md §2).
 */
export async function firstSeen(ports: Pick<Ports, 'notes' | 'forge'>, project: Project): Promise<number> {
  const noted = await readSeen(ports);
  return noted[project.id] ?? (await ports.forge.installedAt(project));
}

async function readSeen(ports: Pick<Ports, 'notes'>): Promise<Record<string, number>> {
  const text = await ports.notes.read('first-seen-repositories');
  const value: unknown = text === null ? {} : JSON.parse(text);
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}

/** Notes the time at which repositories were first seen; one that is noted already keeps its time. */
export async function noteSeen(
  ports: Pick<Ports, 'notes' | 'forge'>,
  projects: readonly Project[],
  now: number,
): Promise<void> {
  const noted = await readSeen(ports);
  const first = Object.keys(noted).length === 0;
  const fresh = projects.filter((project) => noted[project.id] === undefined);
  if (fresh.length === 0) return;
  for (const project of fresh) {
    const installed = await ports.forge.installedAt(project);
    // With nothing noted at all the notes may have been lost: the installation's own time is the safe one. So it is for
    // a young installation: its repository may only have been out of reach (suspended, a failed call) until now.
    noted[project.id] = first || now - installed < youngMs ? installed : now;
  }
  await ports.notes.write('first-seen-repositories', JSON.stringify(noted));
}
