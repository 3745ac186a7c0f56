import type { FileStep, PushReading, VersionReading, VersionScheme } from '../../model/version.ts';
import { isSameVersion } from './compare-versions.ts';
import type { PushFacts, Transition } from './push-facts.ts';
import { readVersion } from './read-version.ts';

function isSame(one: VersionReading, other: VersionReading): boolean {
  if (one.kind === 'version' && other.kind === 'version') return isSameVersion(one.version, other.version);
  return one.kind === other.kind;
}

/** By parsed values: a comment that changed is no transition (T of versions.md §1). */
function toTransition({ before, after, ...step }: FileStep, scheme: VersionScheme): readonly Transition[] {
  const [from, to] = [readVersion(before, scheme), readVersion(after, scheme)];
  return isSame(from, to) ? [] : [{ ...step, from, to }];
}

/** What of a push's reading decides, with its versions read. */
export function readTransitions(
  { file, changed, steps }: PushReading,
  scheme: VersionScheme,
): Pick<PushFacts, 'version' | 'delta' | 'transitions'> {
  const list = steps.known ? steps.list.flatMap((step) => toTransition(step, scheme)) : [];
  return {
    version: readVersion(file, scheme),
    delta: changed,
    transitions: steps.known ? { known: true, list } : steps,
  };
}
