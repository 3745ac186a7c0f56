import { type Digest, toDigest } from '../../../src/model/sha.ts';
import type { Draws } from '../chance.ts';
import type { Family, Knobs } from '../knobs.ts';
import type { Surroundings } from '../processes.ts';
import type { Action, FaultAct } from '../story.ts';
import { registryHosts } from './configs.ts';
import { gitOf } from './move-branch.ts';
import { ownedTags } from './owned-tags.ts';

const befalls: readonly (readonly [Family, FaultAct])[] = [
  ['registryAway', 'registry away'],
  ['movedTag', 'move tag'],
  ['lostDigest', 'lose digest'],
];

/** What befalls registries. */
export function imageMisfortunes(draws: Draws, knobs: Knobs): Action[] {
  return befalls.flatMap(([family, what]) => {
    const count = knobs.rates[family] > 0 ? draws.between(1, 4) : 0;
    return Array.from({ length: count }, (): Action => {
      const at = Math.floor((0.1 + draws.unit() * 0.85) * knobs.faultyMs);
      return { at, what, repository: 0, pull: 0, who: 'boss', word: String(draws.between(0, 1000)), family };
    });
  });
}

export interface RegistryTroubles {
  /** False: it is nothing of these. */
  befall(action: Action): boolean;
  /** Somebody moves a tag that people pull; null: there is none yet. */
  moveTag(word: string): string | null;
  end(): void;
}

const foreign = toDigest(`sha256:${'f0'.repeat(32)}`);

export function createRegistryTroubles({ sim, registries, forge }: Surroundings): RegistryTroubles {
  const draws = sim.chance.stream('registry troubles');

  function nth<T>(list: readonly T[], word: string): T | undefined {
    return list[Number(word) % Math.max(1, list.length)];
  }

  /** To another image of the same repository, or to one that somebody else put there. */
  function moveTag(word: string): string | null {
    const channels = [...registries.repositories].flatMap(([name, { tags }]) =>
      [...tags].flatMap(([tag, names]) => (tag.startsWith('change_') || names.now() === null ? [] : [{ name, tag }])),
    );
    const chosen = nth(channels, word);
    if (!chosen) return null;
    const { name, tag } = chosen;
    const others = [...(registries.repositories.get(name)?.manifests.keys() ?? [])];
    const to = draws.happens(0.5) ? foreign : (nth(others, word) ?? foreign);
    if (to === foreign) registries.put(name, foreign);
    registries.setTag(name, tag, to);
    sim.note('people: a tag was moved by hand');
    return `${name}:${tag}`;
  }

  /** Mostly one that waits to be promoted. */
  function lose(word: string): void {
    const owned = [...forge.repositories.values()].flatMap((repository) =>
      [...repository.branches].flatMap(([branch, tip]) => ownedTags(gitOf(repository), branch, tip.now())),
    );
    const waiting = owned.flatMap(({ image, tag }) =>
      registries.find(image.repository, tag) === image.digest
        ? []
        : [
            { name: image.repository, digest: image.digest },
            { name: image.staged.repository, digest: image.digest },
          ],
    );
    const all = [...registries.repositories].flatMap(([name, { manifests }]) =>
      [...manifests.keys()].map((digest: Digest) => ({ name, digest })),
    );
    const chosen = waiting.length > 0 ? waiting : [nth(all, word)].filter((each) => each !== undefined);
    for (const { name, digest } of chosen) {
      registries.lose(name, digest);
      sim.note(waiting.length > 0 ? 'registry: what waited was lost' : 'registry: a digest was lost');
    }
  }

  return {
    moveTag,
    befall({ what, word }) {
      if (what === 'registry away') {
        const host = nth(registryHosts, word) as string;
        // As long as a day: the end of the faults ends it.
        registries.goAway(host, draws.pick([20_000, 120_000, 600_000, 86_400_000]));
      } else if (what === 'move tag') moveTag(word);
      else if (what === 'lose digest') lose(word);
      else return false;
      return true;
    },
    end() {
      for (const host of registryHosts) registries.goAway(host, 0);
    },
  };
}
