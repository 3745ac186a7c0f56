/** One part of a field: every `step`th number of a range; `hashed` leaves the choice in it to us. */
export interface CronPart {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  /** `H`: one number of the range, or with a step the first of them. */
  readonly hashed: boolean;
  /** `*`: whatever it is. */
  readonly isAny: boolean;
}

/** A line of five fields as written, `H` not chosen yet. */
export interface CronLine {
  readonly minute: readonly CronPart[];
  readonly hour: readonly CronPart[];
  readonly day: readonly CronPart[];
  readonly month: readonly CronPart[];
  readonly weekday: readonly CronPart[];
}

export type ParsedCron =
  | { readonly kind: 'line'; readonly line: CronLine }
  | { readonly kind: 'faulty'; readonly message: string; readonly hint: string };

interface FieldRule {
  readonly what: string;
  readonly least: number;
  readonly most: number;
  /** Where `H` ends: a day that every month has. */
  readonly hashedMost?: number;
  readonly words?: readonly string[];
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const rules = {
  minute: { what: 'minute', least: 0, most: 59 },
  hour: { what: 'hour', least: 0, most: 23 },
  day: { what: 'day of the month', least: 1, most: 31, hashedMost: 28 },
  month: { what: 'month', least: 1, most: 12, words: ['', ...months] },
  // 7 is Sunday, too.
  weekday: { what: 'weekday', least: 0, most: 7, hashedMost: 6, words: weekdays },
} as const satisfies Readonly<Record<string, FieldRule>>;

const longest = 200;
const shape = 'minute, hour, day, month, weekday; H is a number of our choice';

class CronFault extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

function boundsOf({ what, least, most }: FieldRule): string {
  return `a ${what} is ${least} to ${most}`;
}

function numberIn(text: string, rule: FieldRule): number {
  const { what, least, most, words = [] } = rule;
  const word = words.indexOf(text.toUpperCase());
  const number = word > 0 || (word === 0 && text !== '') ? word : /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most)) throw new CronFault(`has no ${what} ${text}`, boundsOf(rule));
  return number;
}

function rangeIn(text: string, rule: FieldRule): { readonly from: number; readonly to: number } {
  const [first = '', last = first, ...rest] = text.split('-');
  if (rest.length > 0) throw new CronFault(`has no ${rule.what} ${text}`, boundsOf(rule));
  const [from, to] = [numberIn(first, rule), numberIn(last, rule)];
  if (from > to)
    throw new CronFault(`has a ${rule.what} that ends before it begins: ${text}`, `write ${last}-${first}`);
  return { from, to };
}

function stepIn(text: string | undefined, rule: FieldRule): number {
  if (text === undefined) return 1;
  const step = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (step >= 1 && step <= rule.most) return step;
  throw new CronFault(`has no step ${text}`, `a step of the ${rule.what} is 1 to ${rule.most}`);
}

function partIn(text: string, rule: FieldRule): CronPart {
  const [range = '', step, ...rest] = text.split('/');
  if (rest.length > 0) throw new CronFault(`has two steps in ${text}`, shape);
  const every = stepIn(step, rule);
  const plain = { step: every, hashed: false, isAny: false };
  const { least, most, hashedMost = most } = rule;
  if (range === '*') return { ...plain, from: least, to: most, isAny: true };
  const hashed = /^H(?:\((\d{1,3}-\d{1,3})\))?$/.exec(range);
  if (hashed === null) {
    const { from, to } = rangeIn(range, rule);
    return { ...plain, from, to: step === undefined || range.includes('-') ? to : most };
  }
  const { from, to } = hashed[1] === undefined ? { from: least, to: hashedMost } : rangeIn(hashed[1], rule);
  return { step: every, hashed: true, isAny: false, from, to };
}

function fieldIn(text: string, rule: FieldRule): readonly CronPart[] {
  return text.split(',').map((part) => partIn(part, rule));
}

/** The most days that a month ever has. */
function longestMonth(month: number): number {
  return month === 2 ? 29 : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** A day that none of the months has never comes, unless a weekday may bring it. */
function refuseNever({ day, month, weekday }: CronLine): void {
  if (day.some(({ isAny }) => isAny) || !weekday.some(({ isAny }) => isAny)) return;
  const first = Math.min(...day.map(({ from }) => from));
  const most = Math.max(...month.flatMap(({ from, to }) => [from, to]).map(longestMonth));
  const all = month.some(({ from, to }) => to - from > 1);
  if (!all && first > most) throw new CronFault('never comes: that month has no such day', 'choose an earlier day');
}

/** Five fields, or what is wrong with them. Lists, ranges, steps, names of months and days, `H`, `H(a-b)` and `H/n`. */
export function parseCron(text: string): ParsedCron {
  const fields = text.split(' ');
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  if (text.length > longest)
    return { kind: 'faulty', message: `is longer than ${longest} characters`, hint: 'write `H 2 * * *`' };
  if (fields.length !== 5 || fields.includes(''))
    return { kind: 'faulty', message: 'is not five fields as "H 2 * * *"', hint: shape };
  try {
    const line: CronLine = {
      minute: fieldIn(minute, rules.minute),
      hour: fieldIn(hour, rules.hour),
      day: fieldIn(day, rules.day),
      month: fieldIn(month, rules.month),
      weekday: fieldIn(weekday, rules.weekday),
    };
    refuseNever(line);
    return { kind: 'line', line };
  } catch (fault) {
    if (!(fault instanceof CronFault)) throw fault;
    return { kind: 'faulty', message: fault.message, hint: fault.hint };
  }
}
