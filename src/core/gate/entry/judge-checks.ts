import type { Override } from '../../../model/gate-request.ts';
import type { HeadCheck } from '../../../model/gate-view.ts';
import { latestChecks, stateOf } from './latest-checks.ts';
import { type EntryQuestion, type Finding, heldUp, met, named, unmet } from './question.ts';

/** What must be reported on the head, and by which App; null: by any. */
interface Demand {
  readonly name: string;
  readonly app: number | null;
}

/** Every demand once. The gate's own check is left out, but not another App's of the same name. */
function demandsOf({ rules, ownRequired, ourAppId, ownCheck }: EntryQuestion): Demand[] {
  const ruled = (rules?.rules ?? []).flatMap((rule) => (rule.type === 'required_status_checks' ? rule.checks : []));
  const own = ownRequired.map((name) => ({ name, app: ourAppId }));
  const unique = new Map([...ruled, ...own].map(({ name, app }) => [`${app} ${name}`, { name, app }]));
  return [...unique.values()].filter(({ name, app }) => name !== ownCheck || (app !== null && app !== ourAppId));
}

/** Ours to report, whoever requires it: passing over our own tests is not a matter of one condition. */
function isOurs({ name, app }: Demand, { view, ourAppId }: EntryQuestion): boolean {
  return (
    /^sluice(\/|$)/i.test(name) ||
    app === ourAppId ||
    view.checks.some((check) => check.name === name && check.app === ourAppId)
  );
}

function overrideOf({ name }: Demand, { overrides, view }: EntryQuestion): Override | null {
  const given = overrides.filter(({ check, head }) => check === name && head === view.pull.head);
  return given.reduce<Override | null>((first, each) => (first && first.at <= each.at ? first : each), null);
}

function shown({ name, app }: Demand): string {
  return app === null ? named(name) : `${named(name)} of App ${app}`;
}

function writerOf({ app, kind }: HeadCheck): string {
  const what = kind === 'status' ? 'commit status' : 'check run';
  return app === null ? `${what} by a person` : `${what} of App ${app}`;
}

function openFor(check: HeadCheck, now: number): string {
  const hours = Math.floor((now - check.at) / 3_600_000);
  if (hours < 1) return '';
  if (hours >= 48) return ` for ${Math.floor(hours / 24)} days`;
  return hours === 1 ? ' for an hour' : ` for ${hours} hours`;
}

/** A rule that names no App is satisfied by none of several that disagree. */
function severalNote(demand: Demand, counting: readonly HeadCheck[]): string {
  if (demand.app !== null || counting.length < 2) return '';
  const writers = counting.map(writerOf).sort().slice(0, 10).join(', ');
  return ` It is reported ${counting.length} times (${writers}) and the rule names no App, so each must succeed.`;
}

function judgeReported(demand: Demand, counting: readonly HeadCheck[], now: number): Finding {
  const name = shown(demand);
  const note = severalNote(demand, counting);
  const red = counting.filter((check) => stateOf(check) === 'red');
  if (red.length > 0) {
    const how = [...new Set(red.map(({ conclusion }) => conclusion))].sort().join(', ').replaceAll('_', ' ');
    return unmet(
      'check',
      `The required check ${name} ended with ${how}.${note} Repair what it found, or run it again.`,
    );
  }
  const open = counting.filter((check) => stateOf(check) === 'open');
  const [oldest] = [...open].sort((a, b) => a.at - b.at);
  if (oldest) {
    const text = `The required check ${name} has not concluded${openFor(oldest, now)}.${note} Wait for it, or run it again if it hangs.`;
    return heldUp('check', text);
  }
  return met('check', `The required check ${name} is satisfied.${note}`);
}

function judgeDemand(demand: Demand, question: EntryQuestion): Finding {
  const { view, stage, now } = question;
  const override = overrideOf(demand, question);
  const ours = isOurs(demand, question);
  if (override && !ours)
    return met(
      'check',
      `The required check ${named(demand.name)} is taken as passed: ${named(override.by.login)} overrode it on this head.`,
    );
  const reports = view.checks.filter(
    ({ name, app }) => name === demand.name && (demand.app === null || app === demand.app),
  );
  const counting = latestChecks(reports, stage);
  const found =
    counting.length > 0
      ? judgeReported(demand, counting, now)
      : heldUp(
          'check',
          `The required check ${shown(demand)} is not reported on this head. Start it, or ask whoever runs it.`,
        );
  if (!override || found.state === 'met') return found;
  return {
    ...found,
    text: `${found.text} The override of ${named(override.by.login)} does not count: no check of ours can be overridden.`,
  };
}

/** The checks that rules require on the head, by name and App, and our own required ones. */
export function judgeChecks(question: EntryQuestion): Finding[] {
  const unique = new Map(
    demandsOf(question)
      .map((demand) => judgeDemand(demand, question))
      .map((each) => [each.text, each]),
  );
  return [...unique.values()];
}
