import type { Matcher } from '../../model/matcher.ts';
import { toMatcher } from '../resolve/resolve-image.ts';
import type { WrittenSelector } from '../schema/organisation.ts';

/** Which repositories get which templates without a word of their own. Everything that it names must hold. */
export interface Selector {
  /** One of them; null: any name. Written and compared in lower case, as the forge does. */
  readonly names: readonly Matcher[] | null;
  /** One of them; null: with or without topics. */
  readonly topics: readonly string[] | null;
  /** Each of them, at the commit that is planned. */
  readonly hasFiles: readonly string[];
  /** None of them. */
  readonly lacksFiles: readonly string[];
  readonly apply: readonly string[];
}

/** What a selector looks at. */
export interface SelectedRepository {
  /** Without owner. */
  readonly name: string;
  readonly topics: readonly string[];
}

/** A selector that was checked before. */
export function toSelector({ match, apply }: WrittenSelector): Selector {
  const names = match.name === undefined ? null : [match.name].flat();
  return {
    names: names?.map((name) => toMatcher(name.startsWith('regex:') ? name : name.toLowerCase())) ?? null,
    topics: match.topic === undefined ? null : [match.topic].flat(),
    hasFiles: [match.hasFile ?? []].flat(),
    lacksFiles: [match.lacksFile ?? []].flat(),
    apply: [apply].flat(),
  };
}

/** Whether a repository is meant as far as the forge alone tells: by name and topics. */
export function meansRepository({ names, topics }: Selector, { name, topics: own }: SelectedRepository): boolean {
  const byName = names === null || names.some((matcher) => matcher.matches(name.toLowerCase()));
  return byName && (topics === null || topics.some((topic) => own.includes(topic)));
}

/** Whether the files of a commit are as it asks. */
export function meansFiles({ hasFiles, lacksFiles }: Selector, has: (path: string) => boolean): boolean {
  return hasFiles.every(has) && !lacksFiles.some(has);
}

/** Every path that the selectors for this repository ask for. */
export function filesAsked(selectors: readonly Selector[], repository: SelectedRepository): readonly string[] {
  const meant = selectors.filter((selector) => meansRepository(selector, repository));
  return [...new Set(meant.flatMap(({ hasFiles, lacksFiles }) => [...hasFiles, ...lacksFiles]))];
}
