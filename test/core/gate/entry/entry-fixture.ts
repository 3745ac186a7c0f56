import { judgeEntry } from '../../../../src/core/gate/entry/judge-entry.ts';
import type { EntryJudgement, EntryQuestion } from '../../../../src/core/gate/entry/question.ts';
import type { GateRequest } from '../../../../src/model/gate-request.ts';
import type { GateSettings } from '../../../../src/model/gate-settings.ts';
import type { BranchRule, GateView, HeadCheck, Review } from '../../../../src/model/gate-view.ts';
import type { Permission, Person } from '../../../../src/model/person.ts';
import type { PullRequest } from '../../../../src/model/pull-request.ts';
import { aPullRequest, people, rights, sha } from '../../../fakes/model-data.ts';

export const now = 10_000_000_000;
export const ourApp = 77;
export const head = sha('a');
export const olderHead = sha('b');

/** People by login, with ids of their own; `ada` is the author of every change here. */
export function person(login: string): Person {
  const known = Object.values(people).find((each) => each.login === login);
  return (
    known ?? { id: [...login].reduce((sum, sign) => sum * 31 + (sign.codePointAt(0) ?? 0), 7), login, kind: 'user' }
  );
}

export function review(login: string, over: Partial<Omit<Review, 'by'>> = {}): Review {
  return { by: person(login), state: 'approved', commit: head, at: 1000, permission: 'write', ...over };
}

export function check(name: string, conclusion: HeadCheck['conclusion'], over: Partial<HeadCheck> = {}): HeadCheck {
  return { name, conclusion, app: 5, kind: 'check-run', at: now - 1000, ...over };
}

export function pullRule(over: Partial<Extract<BranchRule, { type: 'pull_request' }>> = {}): BranchRule {
  return {
    source: 'protection',
    pass: 'push',
    type: 'pull_request',
    approvals: 0,
    dismissStale: false,
    codeOwner: false,
    lastPushApproval: false,
    threads: false,
    methods: null,
    ...over,
  };
}

/** Required checks, as `name` or `name@app`. */
export function checkRule(names: readonly string[], strict = false, pass: BranchRule['pass'] = 'push'): BranchRule {
  const checks = names.map((each) => {
    const [name = '', app] = each.split('@');
    return { name, app: app === undefined ? null : Number(app) };
  });
  return { source: 'protection', pass, type: 'required_status_checks', checks, strict };
}

export function plainRule(type: string, pass: BranchRule['pass'] = 'push'): BranchRule {
  return { source: 'my rules', pass, type } as BranchRule;
}

export function view(over: Partial<GateView> = {}, pull: Partial<PullRequest> = {}): GateView {
  return {
    pull: aPullRequest({ head, author: people.ada, ...pull }),
    body: '',
    reviews: [],
    codeOwnersApproved: null,
    checks: [],
    unresolved: 0,
    autoMerge: false,
    lastPusher: people.ada,
    signed: null,
    commits: 1,
    ...over,
  };
}

export function request(over: Partial<GateRequest> = {}): GateRequest {
  return { head, by: people.boss, permission: 'write', at: 5000, ...over };
}

export function settings(over: Partial<GateSettings> = {}): GateSettings {
  return {
    queue: null,
    approvals: 0,
    staleReviews: 'ignore',
    window: { start: 20, floor: 3 },
    landing: 'push',
    method: 'merge',
    failFast: false,
    scheduler: { kind: 'window' },
    protect: [],
    reuseMs: 24 * 3_600_000,
    supersedesPresubmit: false,
    promotion: { mode: 'tag', staging: null, executor: 'worker' },
    ...over,
  };
}

/** A change of which nothing is asked beyond the request, and that has it. */
export function question(over: Partial<EntryQuestion> = {}): EntryQuestion {
  return {
    view: view(),
    request: request(),
    rights: rights('write' satisfies Permission),
    overrides: [],
    settings: settings(),
    rules: { rules: [] },
    branch: 'main',
    ourAppId: ourApp,
    ownCheck: 'sluice/gate/main',
    ownRequired: [],
    held: false,
    dependencies: [],
    refusedDependencies: [],
    stage: 'entering',
    now,
    ...over,
  };
}

/** `ready`, or the kind and what is missing: `+` after a condition that postpones. */
export function shown(judgement: EntryJudgement): string {
  if (judgement.kind === 'ready') return 'ready';
  return [judgement.kind, ...judgement.missing.map(({ what, postpones }) => `${what}${postpones ? '+' : ''}`)].join(
    ' ',
  );
}

/** What is said of a change while it enters, and while it is queued. */
export function bothStages(over: Partial<EntryQuestion>): { readonly entering: string; readonly queued: string } {
  return {
    entering: shown(judgeEntry(question({ ...over, stage: 'entering' }))),
    queued: shown(judgeEntry(question({ ...over, stage: 'queued' }))),
  };
}

/** Every sentence of a judgement. */
export function texts(over: Partial<EntryQuestion>): string {
  const judgement = judgeEntry(question(over));
  return (judgement.kind === 'ready' ? judgement.reasons : judgement.missing.map(({ text }) => text)).join('\n');
}
