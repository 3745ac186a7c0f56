import type { GateSettings } from '../../model/gate-settings.ts';
import type { BranchRules } from '../../model/gate-view.ts';
import type { ProofStep, SetupPoint } from '../../model/setup.ts';

type Sentences = Readonly<Record<ProofStep['what'], readonly [held: string, failed: string]>>;

const sentences: Sentences = {
  create: ["The App's own token made a scratch branch", 'No scratch branch could be made'],
  'begin-ledger': ['A signed ledger was begun for it', 'No ledger could be begun'],
  land: [
    'One atomic push moved the branch and its ledger, both old ids named, as a landing by push does',
    'The atomic push of branch and ledger was not taken',
  ],
  'stale-branch': [
    'The same push from where the branch no longer is was refused',
    'A push from where the branch no longer is was not refused as that',
  ],
  'stale-ledger': [
    'One that names an older ledger was refused',
    'A push that names an older ledger was not refused as that',
  ],
  'read-back': ['Both were read back as they were pushed', 'What was read back is not what was pushed'],
  remove: ['Everything was taken away again', 'Not everything could be taken away: remove it by hand'],
};

const untried: SetupPoint = {
  about: 'scratch',
  verdict: 'look',
  shown: 'read',
  says: "The gate lands with GitHub's merge endpoint here, which cannot be tried without merging something. What was tried are pushes: those of candidates and of the ledger it makes all the same.",
};

/** What was tried on a scratch branch, each with what it showed, and what could not be tried. */
export function judgeProof(steps: readonly ProofStep[], landing: GateSettings['landing']): SetupPoint[] {
  const points = steps.map(({ what, held, because }): SetupPoint => {
    const [yes, no] = sentences[what];
    const says = held ? `${yes}.` : `${no}: ${because}`;
    return { about: 'scratch', verdict: held ? 'fine' : 'stop', shown: 'done', says };
  });
  return landing === 'push' ? points : [untried, ...points];
}

const keepsAway: ReadonlySet<string> = new Set(['deletion', 'lock_branch', 'restrict_pushes']);

/** Why a scratch branch of this name is better not made, as it would have to stay; null: it can be. */
export function whyNoScratch(name: string, { rules }: BranchRules): string | null {
  const rule = rules.find(({ type, pass }) => keepsAway.has(type) && pass !== 'push');
  return rule === undefined
    ? null
    : `Nothing was tried: the rule ${rule.type} (${rule.source}) holds for the scratch branch ${name} too, which could not be taken away again. Leave branches below sluice-setup-verify/ out of it, or let the App bypass it.`;
}
