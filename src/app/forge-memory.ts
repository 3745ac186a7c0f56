import type { Person, Rights } from '../model/person.ts';
import type { Project } from '../model/project.ts';
import type { Clock } from '../ports/clock.ts';
import type { Forge } from '../ports/forge.ts';

/** Answers of the forge that stay true for a while; kept as long as a pass may lean on them. */
export interface ForgeMemory {
  /** The repository as the forge last showed it, asked for when that is too long ago. */
  project(id: number): Promise<Project | null>;
  /** The same without asking; null: nothing recent is known. */
  recentProject(id: number): Project | null;
  rights(project: Project, person: Person): Promise<Rights>;
  /** Every repository as last listed, by whomever; asked for when nobody did since something changed there. */
  listed(): Promise<readonly Project[]>;
  /** Something changed there: everything is asked for again. */
  forget(): void;
}

export interface RememberingForge {
  /** Asks each time, and remembers what it hears. */
  readonly forge: Forge;
  readonly memory: ForgeMemory;
}

interface Kept<T> {
  readonly at: number;
  readonly value: T;
}

const maxAgeMs = 60_000;
/** From then on who asks gets what is known, and it is asked for anew behind their back. */
const renewMs = 20_000;
const maxEntries = 5_000;

/** Asking costs processor time: not while who leans on the answer is still on his way. */
const behindMs = 300;

function createKeeper<T>({ now, sleep }: Clock) {
  const kept = new Map<string, Kept<T>>();
  const renewing = new Set<string>();
  return {
    /** `renew` asks anew, which sets what it hears; its failure is met again by whoever then must ask. */
    get(key: string, renew: () => Promise<unknown>): T | null {
      const found = kept.get(key);
      const age = found === undefined ? maxAgeMs : now() - found.at;
      if (found === undefined || age >= maxAgeMs) return null;
      if (age >= renewMs && !renewing.has(key)) {
        renewing.add(key);
        const ended = (): void => void renewing.delete(key);
        sleep(behindMs).then(renew).then(ended, ended);
      }
      return found.value;
    },
    set(key: string, value: T): void {
      kept.delete(key);
      kept.set(key, { at: now(), value });
      for (const oldest of kept.keys()) {
        if (kept.size <= maxEntries) break;
        kept.delete(oldest);
      }
    },
    drop: (key: string) => kept.delete(key),
    clear: () => kept.clear(),
  };
}

/** Listens to what a forge answers, so that a pass which only begins what is harmless need not ask again. */
export function rememberForge(forge: Forge, clock: Clock): RememberingForge {
  const projects = createKeeper<Project>(clock);
  const rights = createKeeper<Extract<Rights, { known: true }>>(clock);
  const keyOf = (project: Project, person: Person): string => `${project.id}/${person.id}`;

  async function project(id: number): Promise<Project | null> {
    const found = await forge.project(id);
    if (found === null) projects.drop(String(id));
    else projects.set(String(id), found);
    return found;
  }

  let list: Promise<readonly Project[]> | null = null;
  const listed = (): Promise<readonly Project[]> => {
    const listing = forge.projects();
    listing.then(
      () => {
        list = listing;
      },
      () => undefined,
    );
    return listing;
  };

  async function rightsOf(at: Project, person: Person): Promise<Rights> {
    const found = await forge.rights(at, person);
    if (found.known) rights.set(keyOf(at, person), found);
    else rights.drop(keyOf(at, person));
    return found;
  }

  return {
    forge: { ...forge, projects: listed, project, rights: rightsOf },
    memory: {
      project: async (id) => projects.get(String(id), () => project(id)) ?? project(id),
      recentProject: (id) => projects.get(String(id), () => project(id)),
      rights: async (at, person) => rights.get(keyOf(at, person), () => rightsOf(at, person)) ?? rightsOf(at, person),
      listed: () => {
        list ??= listed();
        list.catch(() => {
          list = null;
        });
        return list;
      },
      forget() {
        list = null;
        projects.clear();
        rights.clear();
      },
    },
  };
}
