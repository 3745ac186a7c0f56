import type { BranchRule, GateView } from '../../../model/gate-view.ts';
import type { LandingMethod } from '../../../model/queue.ts';
import { byText, type EntryQuestion, type Finding, heldUp, met, named, namedList } from './question.ts';

/** As much of the question as rules are judged by. */
export type RulesQuestion = Pick<EntryQuestion, 'rules' | 'settings' | 'branch' | 'ourAppId' | 'ownCheck'> & {
  readonly view: Pick<GateView, 'signed'>;
};

type Plain = Exclude<BranchRule['type'], 'pull_request' | 'required_status_checks' | 'other'>;
type Answer = (
  question: RulesQuestion,
  rule: BranchRule,
) => { readonly holds: true } | { readonly holds: false; readonly because: string };

const holds = { holds: true } as const;

function refuse(because: string): ReturnType<Answer> {
  return { holds: false, because };
}

/**
 * True where the forge says that our landings are held to the rule. Where it says nothing, the landing itself is answered
 * with what the rule asks.
 */
function binds({ pass }: BranchRule, { settings }: RulesQuestion): boolean {
  return settings.landing === 'push' ? pass === 'none' || pass === 'merge' : pass === 'none';
}

/** How to be let past a rule. */
function bypassFor({ pass }: BranchRule, { ourAppId }: RulesQuestion): string {
  return pass === 'merge'
    ? `Let App ${ourAppId} bypass it always: now it may for pull requests only`
    : `Let App ${ourAppId} bypass it`;
}

/** Who may push is no matter of the change. */
function pushRule(what: string): Answer {
  return (question, rule) =>
    binds(rule, question)
      ? refuse(
          `only those whom it names may ${what} this branch, and this App is not one of them. ${bypassFor(rule, question)}`,
        )
      : holds;
}

function judgeSignatures({ view, settings }: RulesQuestion): ReturnType<Answer> {
  const { landing, method } = settings;
  if (landing === 'push')
    return refuse(
      `commits must be signed, and those that the gate makes are not. Take the rule away, or land through the merge endpoint (${named('landing: merge-endpoint')}), where the forge signs`,
    );
  if (method === 'rebase')
    return refuse(
      `commits must be signed, and rebasing drops signatures. Choose ${named('method: merge')} or ${named('method: squash')}`,
    );
  if (view.signed === null)
    return refuse('every commit must be signed, and whether they are could not be read. It is read again by itself');
  return view.signed ? holds : refuse('every commit must be signed, and not all of them are. Sign them and push again');
}

const answers: Readonly<Record<Plain, Answer>> = {
  required_signatures: judgeSignatures,
  required_linear_history: ({ settings }) =>
    settings.method === 'merge'
      ? refuse(
          `the history must be linear, and the gate lands merge commits here. Choose ${named('method: squash')} or ${named('method: rebase')}, or take the rule away`,
        )
      : holds,
  merge_queue: () =>
    refuse('it is the forge’s own merge queue, and two queues cannot land on one branch. Take the rule away'),
  lock_branch: () => refuse('the branch is locked, and nothing may land on it. Unlock it'),
  update: pushRule('update'),
  restrict_pushes: pushRule('push to'),
  // A landing is a fast-forward from a tip that is there.
  creation: () => holds,
  deletion: () => holds,
  non_fast_forward: () => holds,
};

function ruleName(rule: BranchRule): string {
  return `${named(rule.type === 'other' ? rule.name : rule.type)} (${named(rule.source)})`;
}

/** Never takes a change out of the queue: it is the branch that is at fault. */
function refused(rule: BranchRule, because: string): Finding {
  return heldUp('rule', `The rule ${ruleName(rule)} keeps the gate from landing: ${because}.`);
}

function methodsAllowed(methods: readonly LandingMethod[]): string {
  return methods.length === 0 ? 'none' : [...methods].sort().map(named).join(', ');
}

function judgePullRule(rule: Extract<BranchRule, { type: 'pull_request' }>, question: RulesQuestion): Finding {
  const { method, landing } = question.settings;
  if (rule.methods !== null && !rule.methods.includes(method))
    return refused(
      rule,
      `it allows ${methodsAllowed(rule.methods)}, and the gate lands by ${named(method)} here. Change one of the two`,
    );
  if (landing === 'push' && binds(rule, question))
    return refused(
      rule,
      `it wants every change to be merged by the forge, and the gate lands by a push. ${bypassFor(rule, question)}, or choose ${named('landing: merge-endpoint')}`,
    );
  return met('rule', `The rule ${ruleName(rule)} allows ${named(method)}.`);
}

function judgeCheckRule(
  rule: Extract<BranchRule, { type: 'required_status_checks' }>,
  question: RulesQuestion,
): Finding {
  const { ownCheck, ourAppId, settings } = question;
  if (rule.strict)
    return refused(
      rule,
      `it wants branches to be up to date, which no queue can keep to. Switch that off and require ${named(ownCheck)} of App ${ourAppId} instead: it tests every change on what is ahead of it`,
    );
  const others = rule.checks.filter(({ name, app }) => name !== ownCheck || (app !== null && app !== ourAppId));
  if (settings.landing === 'push' && binds(rule, question) && others.length > 0) {
    const names = namedList([...new Set(others.map(({ name }) => name))].sort(byText));
    return refused(
      rule,
      `it wants ${names} on the commit that is pushed, and others report that on pull requests alone. ${bypassFor(rule, question)} (the gate asks for it all the same), require ${named(ownCheck)} of App ${ourAppId} alone, or choose ${named('landing: merge-endpoint')}`,
    );
  }
  return met('rule', `The rule ${ruleName(rule)} does not want branches to be up to date.`);
}

function judgeRule(rule: BranchRule, question: RulesQuestion): Finding {
  switch (rule.type) {
    case 'pull_request':
      return judgePullRule(rule, question);
    case 'required_status_checks':
      return judgeCheckRule(rule, question);
    case 'other':
      return refused(
        rule,
        'the gate does not know how to judge it, and lands nothing in spite of it. Take the rule away',
      );
    default: {
      const answer = answers[rule.type](question, rule);
      return answer.holds ? met('rule', `The rule ${ruleName(rule)} is kept.`) : refused(rule, answer.because);
    }
  }
}

/** What the branch's rules say about how a change lands: each is kept, or refused by name (gate.md §2). */
export function judgeRules(question: RulesQuestion): Finding[] {
  const { rules } = question;
  if (rules === null) {
    const text = `The rules of ${named(question.branch)} could not be read. They are read again by themselves.`;
    return [heldUp('rules-unreadable', text)];
  }
  const unique = new Map(rules.rules.map((rule) => judgeRule(rule, question)).map((each) => [each.text, each]));
  return [...unique.values()];
}
