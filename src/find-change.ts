import { cliError } from './cli/exit-codes.ts';
import { namesOf } from './cli/pick-queue.ts';
import { isOfRepository, type Known, type KnownChange, type KnownQueue } from './known-subjects.ts';
import { fullName, type Project } from './model/project.ts';
import type { AskedChange } from './model/queue.ts';

/** A change in a queue: `place` from 1, null while it was only asked for. */
export interface FoundInQueue {
  readonly queue: KnownQueue;
  readonly change: AskedChange;
  readonly place: number | null;
}

function isOf(repository: string | null): (each: { readonly repository: string }) => boolean {
  return (each) => repository === null || isOfRepository(each, repository);
}

function unknownNumber({ changes, queues }: Known, number: number, repository: string | null) {
  const repositories = [...changes, ...queues].map((each) => each.repository);
  if (repositories.length === 0)
    return cliError('usage', `#${number} is not known: this server was told of no pull request yet`);
  const where = repository === null ? '' : ` in ${repository}`;
  const there = `it was told of pull requests of ${namesOf(repositories)}`;
  return cliError(
    'usage',
    `#${number}${where} is not known to this server: ${there}. Check the number; a comment on the pull request makes it known`,
  );
}

function severalOf(number: number, repositories: readonly string[]) {
  const names = namesOf(repositories);
  return cliError('usage', `#${number} is a pull request of ${names}; say which by --repository OWNER/NAME`);
}

/** What is known of a number. Throws a usage error where it is nobody's, or several repositories'. */
export function findChange(known: Known, number: number, repository: string | null): KnownChange {
  const found = known.changes.filter(isOf(repository)).filter(({ record }) => record.number === number);
  const [only] = found;
  if (only === undefined) throw unknownNumber(known, number, repository);
  if (found.length > 1)
    throw severalOf(
      number,
      found.map((each) => each.repository),
    );
  return only;
}

function inQueue(queue: KnownQueue, number: number, repository: string | null): readonly FoundInQueue[] {
  const { items, asked } = queue.record;
  const queued = items.map((change, index) => ({ queue, change, place: index + 1 }));
  const waiting = asked.map((change) => ({ queue, change, place: null }));
  const own = queue.record.branches.filter(
    ({ project }) => repository === null || isOf(repository)({ repository: fullName(project) }),
  );
  const keys = new Set(own.map(({ key }) => key));
  return [...queued, ...waiting].filter(({ change }) => change.number === number && keys.has(change.branch));
}

/** The project of a change in a queue. */
export function projectIn({ record, subject }: KnownQueue, { branch }: Pick<AskedChange, 'branch'>): Project {
  const found = record.branches.find(({ key }) => key === branch);
  if (!found) throw new Error(`${subject} has no branch ${branch}`);
  return found.project;
}

function projectName(queue: KnownQueue, change: AskedChange): string {
  return fullName(projectIn(queue, change));
}

/** Where a number is queued or asked for; empty: nowhere. Several: of several repositories or branches. */
export function findQueued(known: Known, number: number, repository: string | null): readonly FoundInQueue[] {
  return known.queues.filter(isOf(repository)).flatMap((queue) => inQueue(queue, number, repository));
}

/** The one place in a queue of a number. Throws a usage error where there is none, or one in several repositories. */
export function findInQueue(known: Known, number: number, repository: string | null): FoundInQueue {
  const found = findQueued(known, number, repository);
  const [only] = found;
  if (only === undefined) {
    const { repository: where } = findChange(known, number, repository);
    throw cliError(
      'usage',
      `#${number} of ${where} is in no queue, and nobody asked for its landing: nothing to take out`,
    );
  }
  const repositories = new Set(found.map(({ queue, change }) => projectName(queue, change)));
  if (repositories.size > 1) throw severalOf(number, [...repositories]);
  return only;
}
