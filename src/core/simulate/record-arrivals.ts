import type { Arrival } from './arrival.ts';

/** One pass of a queue, as its history tells it. */
interface Told {
  /** Ms. */
  readonly at: number;
  readonly reasons: readonly string[];
}

export interface RecordedArrivals {
  readonly arrivals: readonly Arrival[];
  /** Changes of which it is not known how they ended, or that left for another reason than a build: not among the arrivals. */
  readonly leftOut: number;
}

interface Course {
  readonly id: string;
  readonly askedAt: number;
  begunAt: number | null;
  passedMs: number | null;
  end: 'good' | 'bad' | null;
}

const minute = 60_000;

function take(course: Course, words: string, at: number): void {
  if (/^candidate [0-9a-f]+ on /.test(words)) course.begunAt = at;
  else if (words.startsWith('passed as ')) {
    course.passedMs = at - (course.begunAt ?? at);
    course.end ??= 'good';
  } else if (words.startsWith('rejected, ')) {
    course.passedMs ??= course.begunAt === null ? null : at - course.begunAt;
    course.end = 'bad';
  }
}

function middleOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 10 * minute;
}

function coursesIn(history: readonly Told[]): readonly Course[] {
  const courses: Course[] = [];
  const current = new Map<string, Course>();
  for (const { at, reasons } of history)
    for (const reason of reasons) {
      const [, name, words = ''] = /^(\S*#\d+): (.*)$/s.exec(reason) ?? [];
      if (name === undefined) continue;
      if (words === 'entered the queue') {
        const times = courses.filter(({ id }) => id === name || id.startsWith(`${name}.`)).length;
        const course = {
          id: times === 0 ? name : `${name}.${times + 1}`,
          askedAt: at,
          begunAt: null,
          passedMs: null,
          end: null,
        };
        courses.push(course);
        current.set(name, course);
      } else {
        const course = current.get(name);
        if (course) take(course, words, at);
      }
    }
  return courses;
}

/**
 * A list of arrivals from the decisions of one queue, oldest first (scheduling.md §1): when each entered, how long its newest candidate
 * took, and whether it was rejected. What a change touches is not in a history, so that each is one of all others.
 */
export function recordArrivals(history: readonly Told[]): RecordedArrivals {
  const courses = coursesIn(history);
  const ended = courses.filter(({ end }) => end !== null);
  const first = Math.min(...ended.map(({ askedAt }) => askedAt));
  const usual = middleOf(ended.flatMap(({ passedMs }) => passedMs ?? []));
  const inMinutes = (ms: number): number => Math.round((ms / minute) * 100) / 100;
  const arrivals = ended.map(
    ({ id, askedAt, passedMs, end }): Arrival => ({
      id,
      atMinute: inMinutes(askedAt - first),
      buildMinutes: Math.max(0.01, inMinutes(passedMs ?? usual)),
      modules: ['all'],
      failsAlone: end === 'bad',
      prior: 0.95,
      conflictsWith: [],
    }),
  );
  return { arrivals, leftOut: courses.length - ended.length };
}
