import { fullName } from '../lookup.ts';
import type { Repository, World } from '../world.ts';

/** Base address of REST, without a slash at the end. */
export function apiOf(world: World): string {
  return `${world.url}/api/v3`;
}

export function repositoryApi(world: World, repo: Repository): string {
  return `${apiOf(world)}/repos/${fullName(world, repo)}`;
}

export function repositoryPage(world: World, repo: Repository): string {
  return `${world.url}/${fullName(world, repo)}`;
}

/** ISO 8601 to the second, as GitHub writes times. */
export function isoTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The same, with null for never. */
export function isoTimeOrNull(at: number | null): string | null {
  return at === null ? null : isoTime(at);
}
