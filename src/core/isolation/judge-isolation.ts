import type { CanarySight, IsolationNote, ProvedIsolation, SeenTarget } from '../../model/isolation.ts';

/** What the canaries of a place come to. */
export type IsolationVerdict =
  | { readonly kind: 'passed'; readonly at: number }
  /** `reached`: what it must not reach and did, and is not accepted. */
  | { readonly kind: 'failed'; readonly reached: readonly SeenTarget[]; readonly at: number }
  /** Nothing is proved either way. */
  | { readonly kind: 'unknown'; readonly because: string };

/** How old a proof may be: a day, and another one for a canary that could not be started (intake-faults-attacks.md §4: daily). */
export const proofAgeMs = 48 * 3_600_000;

export type SightVerdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly reached: readonly SeenTarget[] }
  | { readonly kind: 'unknown'; readonly because: string };

const outcomeWords = {
  reached: 'was reached',
  refused: 'refused',
  'no-answer': 'gave no answer',
  'not-tried': 'could not be tried',
} as const;

/** `pod was reached (it took the connection)`. */
export function seenWords({ name, outcome, detail }: SeenTarget): string {
  return `${name} ${outcomeWords[outcome]} (${detail})`;
}

/**
 * Whether one look proves that such a pod is shut in. Reaching one forbidden target disproves it, whatever else was seen; each
 * target that was not tried, and a pod that did not even reach what it must, leave it open.
 */
export function judgeSight(settings: ProvedIsolation, sight: CanarySight): SightVerdict {
  const seen = new Map(sight.targets.map((each) => [each.name, each]));
  const counted = settings.targets.filter(({ name }) => !settings.accepted.includes(name));
  const reached = counted.flatMap(({ name }) => {
    const each = seen.get(name);
    return each?.outcome === 'reached' ? [each] : [];
  });
  if (reached.length > 0) return { kind: 'failed', reached };
  if (sight.control.outcome !== 'reached')
    return {
      kind: 'unknown',
      because: `the canary did not even reach what every build must reach: ${seenWords(sight.control)}; so it proves nothing that it reached nothing else`,
    };
  const open = counted.filter(({ name }) => (seen.get(name)?.outcome ?? 'not-tried') === 'not-tried');
  if (open.length === 0) return { kind: 'passed' };
  const words = open.map(({ name }) => {
    const each = seen.get(name);
    return each === undefined ? `${name} was not tried yet` : seenWords(each);
  });
  return { kind: 'unknown', because: words.join(', ') };
}

/** What is known now of this place. An accepted target counts from the moment it is accepted: no other canary is needed. */
export function judgeIsolation(settings: ProvedIsolation, note: IsolationNote | null, now: number): IsolationVerdict {
  if (note === null || note.place !== settings.place)
    return { kind: 'unknown', because: 'no canary has ended here yet' };
  const trouble = note.trouble ?? 'no canary has ended here yet';
  if (note.sight === null || note.at === null) return { kind: 'unknown', because: trouble };
  const verdict = judgeSight(settings, note.sight);
  if (verdict.kind === 'failed') return { ...verdict, at: note.at };
  if (verdict.kind === 'unknown') return { kind: 'unknown', because: note.trouble ?? verdict.because };
  if (now - note.at <= proofAgeMs) return { kind: 'passed', at: note.at };
  return { kind: 'unknown', because: `the last proof is older than two days, and ${trouble}` };
}
