import { nearestNames } from '../core/nearest-names.ts';
import { cliError } from './exit-codes.ts';
import type { QueueWish } from './queue-view.ts';

interface Place {
  readonly repository: string;
  readonly branch: string;
}

const mostNamed = 10;

/** Names of repositories that share a queue are joined by `+`. */
function isShared(names: string, wanted: string): boolean {
  return names.toLowerCase().split('+').includes(wanted.toLowerCase());
}

/** `a`, `b` and how many more. */
export function namesOf(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const rest = distinct.length - mostNamed;
  return [...distinct.slice(0, mostNamed), ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

/** Those that a wish means; a repository's name is compared as the forge does, without regard to case. */
export function placesFor<P extends Place>(places: readonly P[], { repository, branch }: QueueWish): readonly P[] {
  return places.filter(
    (place) =>
      (repository === null || isShared(place.repository, repository)) && (branch === null || place.branch === branch),
  );
}

/** How a queue that was meant can be named. */
function hint(places: readonly Place[], { repository, branch }: QueueWish): string {
  const near = branch === null ? [] : nearestNames(branch, [...new Set(places.map((place) => place.branch))]);
  const meant = near.length > 0 ? `, did you mean ${near.join(' or ')}?` : '.';
  const there = places.filter((place) => repository === null || isShared(place.repository, repository));
  const known = (there.length > 0 ? there : places).map((place) => `${place.repository} ${place.branch}`);
  return `${meant} There is: ${namesOf(known)}`;
}

/** The one place that a wish means. Throws a usage error that names what there is and what to write instead. */
export function pickQueue<P extends Place>(places: readonly P[], wish: QueueWish): P {
  if (places.length === 0)
    throw cliError(
      'usage',
      'there is no queue yet: one begins with the first "/gate" on a pull request, or "sluice queue enqueue NUMBER"',
    );
  const found = placesFor(places, wish);
  const [only] = found;
  if (found.length === 1 && only !== undefined) return only;
  const meant = [wish.repository, wish.branch].filter((part) => part !== null).join(' ');
  if (found.length === 0) throw cliError('usage', `there is no queue of ${meant}${hint(places, wish)}`);
  const several = `${found.length} queues are meant${meant === '' ? '' : ` by ${meant}`}: `;
  const names = namesOf(found.map((place) => `${place.repository} ${place.branch}`));
  const isOneBranch = new Set(found.map(({ branch }) => branch)).size === 1;
  const more = isOneBranch ? '--repository OWNER/NAME' : '--branch NAME';
  throw cliError('usage', `${several}${names}; say which by ${more}`);
}
