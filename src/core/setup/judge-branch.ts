import type { GateSettings } from '../../model/gate-settings.ts';
import type { BranchRules } from '../../model/gate-view.ts';
import type { LedgerState } from '../../model/ledger.ts';
import type { LandingMethod } from '../../model/queue.ts';
import type { InstalledApp, SetupPoint } from '../../model/setup.ts';
import { judgeRules } from '../gate/entry/judge-rules.ts';
import { named } from '../gate/entry/question.ts';
import { gateCheckName } from '../gate/report-candidate.ts';

/** What is judged of a branch before anything is tried. */
export interface BranchQuestion {
  readonly branch: string;
  readonly ourAppId: number;
  readonly installed: InstalledApp;
  readonly settings: GateSettings;
  readonly rules: BranchRules;
}

function point(about: SetupPoint['about'], verdict: SetupPoint['verdict'], says: string): SetupPoint {
  return { about, verdict, shown: 'read', says };
}

function judgeOwnCheck({ branch, ourAppId, rules }: BranchQuestion): SetupPoint {
  const name = gateCheckName(branch);
  const required = rules.rules
    .flatMap((rule) => (rule.type === 'required_status_checks' ? rule.checks : []))
    .filter((check) => check.name === name);
  const foreign = required.find(({ app }) => app !== null && app !== ourAppId);
  if (foreign)
    return point(
      'gate-check',
      'stop',
      `The check ${named(name)} is required of App ${foreign.app}, and it is App ${ourAppId} that writes it. Require it of App ${ourAppId}.`,
    );
  if (required.some(({ app }) => app === ourAppId))
    return point(
      'gate-check',
      'fine',
      `The check ${named(name)} is required, of this App alone: nobody merges past the gate with the button.`,
    );
  if (required.length > 0)
    return point(
      'gate-check',
      'look',
      `The check ${named(name)} is required of any App: whoever may write checks or statuses could make it green. Require it of App ${ourAppId}.`,
    );
  return point(
    'gate-check',
    'look',
    `The check ${named(name)} is not required: whoever may merge can press the button on what nobody tested. Add it to the required checks of the branch, of App ${ourAppId}.`,
  );
}

const buttons: Readonly<Record<LandingMethod, string>> = {
  merge: 'merge commits',
  squash: 'squash merging',
  rebase: 'rebase merging',
};

function judgeMethod({ settings: { landing, method }, installed: { merges } }: BranchQuestion): SetupPoint {
  const what = `${named(`method: ${method}`)}`;
  const allowed = merges[method];
  if (landing === 'push')
    return allowed === false
      ? point(
          'method',
          'look',
          `The gate lands by ${what}, and the repository's merge button has no ${buttons[method]}. A push is not held to that; change one of the two if it is not meant so.`,
        )
      : point('method', 'fine', `The gate lands by ${what} and a push.`);
  if (allowed === null)
    return point('method', 'look', `Whether the repository allows ${buttons[method]}, GitHub does not tell this App.`);
  return allowed
    ? point('method', 'fine', `The gate lands by ${what}, which the repository's merge button has.`)
    : point(
        'method',
        'stop',
        `The gate lands by ${what} and the merge button, and the repository does not allow ${buttons[method]}. Allow that in the repository's settings, or choose another method in .sluice.yaml.`,
      );
}

function judgeAutoMerge(
  { settings: { landing }, installed: { autoMerge } }: BranchQuestion,
  gate: SetupPoint,
): SetupPoint {
  if (autoMerge === false) return point('auto-merge', 'fine', 'Auto-merge is off.');
  if (autoMerge === null)
    return point('auto-merge', 'look', 'Whether auto-merge is on, GitHub does not tell this App.');
  if (landing === 'merge-endpoint')
    return point(
      'auto-merge',
      'look',
      "Auto-merge is on. In this mode GitHub could merge a pull request in the moment in which the gate's check turns green, so one with auto-merge switched on is not admitted. Switch it off in the repository's settings.",
    );
  return gate.verdict === 'fine'
    ? point(
        'auto-merge',
        'fine',
        'Auto-merge is on; it waits for the check of the gate, which is green only after landing.',
      )
    : point(
        'auto-merge',
        'look',
        'Auto-merge is on, and without the check of the gate it merges what nobody tested. Require that check, or switch auto-merge off.',
      );
}

/** Rule by rule as the gate judges them before each landing, then what else of the branch and its repository matters. */
export function judgeBranch(question: BranchQuestion): SetupPoint[] {
  const { branch, ourAppId, rules, settings } = question;
  const ownCheck = gateCheckName(branch);
  // What a change itself must bring, as signed commits, is judged of each change.
  const view = { signed: true };
  const found = judgeRules({ rules, settings, branch, ourAppId, ownCheck, view });
  const unsaid = rules.rules.some(({ pass }) => pass === null);
  const gate = judgeOwnCheck(question);
  return [
    ...found.map(({ state, text }) => point('rule', state === 'met' ? 'fine' : 'stop', text)),
    ...(found.length === 0 ? [point('rule', 'fine', `No rule holds for ${named(branch)}.`)] : []),
    ...(unsaid
      ? [
          point(
            'rule',
            'look',
            'GitHub does not say of every ruleset whether this App may bypass it; a landing will tell.',
          ),
        ]
      : []),
    gate,
    judgeMethod(question),
    judgeAutoMerge(question, gate),
  ];
}

/** The ledger that a branch has already; `verifiable`: the key that it would be signed with is here. */
export function judgeLedger(ledger: LedgerState, ourAppId: number, verifiable: boolean): SetupPoint {
  if (ledger.kind === 'whole') {
    const owner = ledger.entries.find(({ detail }) => detail.kind === 'owner')?.detail;
    if (owner?.kind === 'owner' && owner.app !== ourAppId)
      return point(
        'ledger',
        'stop',
        `The branch belongs to App ${owner.app}: one App lands on a branch, and this one stands aside.`,
      );
    return ledger.entries.length === 0
      ? point('ledger', 'fine', 'It has no ledger yet: the first landing begins one.')
      : point('ledger', 'fine', `Its ledger is whole: ${ledger.entries.length} entries, each signed.`);
  }
  return verifiable
    ? point('ledger', 'stop', `Its ledger is not to be trusted, and nothing lands on it: ${ledger.because}.`)
    : point(
        'ledger',
        'look',
        'It has a ledger, whose key is not here: set SLUICE_LEDGER_KEY, or name the data folder by --out.',
      );
}
