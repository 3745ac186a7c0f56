import type { BranchRule } from '../../../model/gate-view.ts';
import type { LandingMethod } from '../../../model/queue.ts';
import { type EntryQuestion, type Finding, heldUp, met, named } from './question.ts';

type Plain = Exclude<BranchRule['type'], 'pull_request' | 'required_status_checks' | 'other'>;
type Answer = (
  question: EntryQuestion,
) => { readonly holds: true } | { readonly holds: false; readonly because: string };

const holds = { holds: true } as const;

function refuse(because: string): ReturnType<Answer> {
  return { holds: false, because };
}

/** Who may push is no matter of the change: the forge says whether we may. */
function pushRule(what: string): Answer {
  return ({ passesPushRules }) =>
    passesPushRules
      ? holds
      : refuse(
          `only those whom it names may ${what} this branch, and the forge does not say that this App is one of them. Let the App bypass it`,
        );
}

function judgeSignatures({ view, settings }: EntryQuestion): ReturnType<Answer> {
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
  creation: pushRule('create'),
  restrict_pushes: pushRule('push to'),
  // A landing is a fast-forward from a tip that is there.
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

function judgeRule(rule: BranchRule, question: EntryQuestion): Finding {
  const { method } = question.settings;
  switch (rule.type) {
    case 'pull_request':
      return rule.methods !== null && !rule.methods.includes(method)
        ? refused(
            rule,
            `it allows ${methodsAllowed(rule.methods)}, and the gate lands by ${named(method)} here. Change one of the two`,
          )
        : met('rule', `The rule ${ruleName(rule)} allows ${named(method)}.`);
    case 'required_status_checks':
      return rule.strict
        ? refused(
            rule,
            `it wants branches to be up to date, which no queue can keep to. Switch that off and require ${named(question.ownCheck)} of App ${question.ourAppId} instead: it tests every change on what is ahead of it`,
          )
        : met('rule', `The rule ${ruleName(rule)} does not want branches to be up to date.`);
    case 'other':
      return refused(
        rule,
        'the gate does not know how to judge it, and lands nothing in spite of it. Take the rule away',
      );
    default: {
      const answer = answers[rule.type](question);
      return answer.holds ? met('rule', `The rule ${ruleName(rule)} is kept.`) : refused(rule, answer.because);
    }
  }
}

/** What the branch's rules say about how a change lands: each is kept, or refused by name (gate.md §2). */
export function judgeRules(question: EntryQuestion): Finding[] {
  const { rules } = question;
  if (rules === null) {
    const text = `The rules of ${named(question.branch)} could not be read. They are read again by themselves.`;
    return [heldUp('rules-unreadable', text)];
  }
  const unique = new Map(rules.rules.map((rule) => judgeRule(rule, question)).map((each) => [each.text, each]));
  return [...unique.values()];
}
