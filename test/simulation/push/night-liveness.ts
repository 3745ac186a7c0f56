import { configFile } from '../../../src/model/config.ts';
import { isCompleted, type Repository, type StoredCheckRun } from '../forge-world.ts';
import { configOf, nightMs } from '../gate/configs.ts';
import { gitOf } from '../gate/move-branch.ts';
import type { Owed } from '../liveness.ts';
import type { Surroundings } from '../processes.ts';

/** How long a start may take to be seen: until it is due, has a slot, and its check run is written. */
const startMs = 10 * 60_000;

/** What the file on the default branch says of nightlies; null: nothing, as it cannot be used. */
function nightsOf(repository: Repository): 'some' | 'none' | null {
  const git = gitOf(repository);
  const tip = repository.branches.get(repository.project.defaultBranch)?.now();
  const files = (tip && git.model.filesAt(tip)) || {};
  if (!(configFile in files)) return 'none';
  const { jobs } = configOf(files);
  if (jobs === null) return null;
  return jobs.some(({ pipelines }) => pipelines.includes('periodic')) ? 'some' : 'none';
}

/** Every start of a nightly on any commit of a repository, oldest first. */
function startsOf({ forge }: Surroundings, repository: Repository): readonly StoredCheckRun[] {
  const { model } = gitOf(repository);
  const all = [...forge.checkRuns.values()].flat();
  return all
    .filter(({ name, commit }) => name === 'night' && model.get(commit) !== undefined)
    .sort((one, other) => one.firstAt - other.firstAt);
}

function owedOfRepository(world: Surroundings, repository: Repository): readonly Owed[] {
  const { issues } = gitOf(repository);
  const owe = (what: string): Owed => ({ invariant: 'nightlies', what: `${repository.project.name}: ${what}` });
  const nights = nightsOf(repository);
  if (nights === null) return [];
  const open = issues.filter(({ isOpen }) => isOpen);
  if (nights === 'none') return open.map(({ number }) => owe(`#${number} is open, and no job runs by the clock`));
  const starts = startsOf(world, repository);
  const last = starts.at(-1);
  const since = repository.branches.get(repository.project.defaultBranch)?.setAt() ?? 0;
  const { now } = world.sim.time;
  // It may just have come to be there, or be away for so long.
  const isDue = now() - Math.max(since, repository.seen.setAt()) > nightMs + startMs;
  const owed: Owed[] = [];
  if (isDue && (last === undefined || now() - last.firstAt > nightMs + startMs))
    owed.push(owe('nothing ran by the clock'));
  const ended = starts.findLast(isCompleted);
  if (ended === undefined || ended !== last || ended.state.status !== 'completed') return owed;
  world.sim.note(`end: a nightly that ${ended.state.conclusion === 'success' ? 'passed' : 'did not pass'}`);
  const isRed = ended.state.conclusion !== 'success' && ended.state.conclusion !== 'cancelled';
  if (isRed && open.length !== 1) owed.push(owe(`a nightly failed, and ${open.length} issues are open`));
  if (ended.state.conclusion === 'success' && open.length > 0)
    owed.push(owe(`a nightly passed, and #${open[0]?.number} is open`));
  return owed;
}

/** A nightly runs at its times, and its one issue is open while it fails and at no other time (commands.md §6). */
export function owedOfNights(world: Surroundings): readonly Owed[] {
  if (!world.sim.knobs.queues?.images?.pushes?.nightly) return [];
  return [...world.forge.repositories.values()]
    .filter((repository) => repository.seen.now())
    .flatMap((repository) => owedOfRepository(world, repository));
}
