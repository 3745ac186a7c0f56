import { RegistryTrouble } from '../../model/registry.ts';
import { drain, readJson } from './read-answer.ts';
import type { Repository } from './repository.ts';

const perPage = 1_000;
const mostPages = 500;
const mostAnswer = 8 * 1024 * 1024;

/** Every page; empty where there is no such repository. */
export async function listTags(repository: Repository): Promise<readonly string[]> {
  const what = `cannot list the tags of ${repository.place.repository}`;
  const tags = new Set<string>();
  let to: string | URL = `tags/list?n=${perPage}`;
  for (let page = 0; page < mostPages; page += 1) {
    const call = { what, method: 'GET', to, need: 'pull', takes: [200, 404] } as const;
    const { list, next } = await repository.ask(call, async (answer) => {
      if (answer.status === 200)
        return { list: toTags(await readJson(answer, mostAnswer, what)), next: nextPage(answer.headers.link) };
      drain(answer);
      return { list: [], next: null };
    });
    for (const tag of list) tags.add(tag);
    if (next === null) return [...tags];
    to = new URL(next, repository.place.origin);
  }
  throw new RegistryTrouble('refused', `${what}: there are more than ${mostPages} pages`);
}

function toTags({ tags }: Record<string, unknown>): readonly string[] {
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
}

/** `Link: </v2/…>; rel="next"`. */
export function nextPage(link: string | string[] | undefined): string | null {
  return /<([^<>]+)>\s*;[^,]*\brel="?next"?/i.exec([link].flat().join(', '))?.[1] ?? null;
}
