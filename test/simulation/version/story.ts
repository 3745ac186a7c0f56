import type { Draws } from '../chance.ts';
import type { Knobs } from '../knobs.ts';
import type { Action, Who } from '../story.ts';

export type VersionAct =
  | 'version push'
  | 'take back'
  | 'cut branch'
  | 'git tag'
  | 'many tags'
  | 'drop tag'
  | 'press release';

const finals = ['1.2.0', '1.2.1', '1.2.1', '1.2.2', '1.3.0', '1.3.1'] as const;

/** By number, what people push about a version: commits, oldest first. */
function contentOf(draws: Draws): string {
  const version = draws.pick(finals);
  const next = version.replace(/\d+$/, (digits) => `${Number(digits) + 1}-dev`);
  if (draws.happens(0.4)) return `version ${version}`;
  return draws.pick([
    `version ${version}`,
    `version ${version}`,
    `version ${version}`,
    `version ${version}, version ${next}`,
    `code, version ${version}, version ${next}, code`,
    `code, version ${version}`,
    `fix, version ${version}`,
    `bad, version ${version}`,
    `version ${version}-dev`,
    `version ${version}-dev, code`,
    `version ${version}-rc.1`,
    `version v${version}`,
    `version ${version.replace(/\.\d+$/, '')}`,
    `version ${version} # again`,
    `version ${version}, version ${draws.pick(finals)}`,
    `config broken, version ${version}`,
    `config docs only, version ${version}`,
    'fix, config one',
    'code',
    'nothing',
  ]);
}

const branches = ['main', 'old', 'old', '1.2', '1.2', '1.2', '1.2', '1.3'] as const;
const acts: readonly VersionAct[] = [
  'version push',
  'version push',
  'version push',
  'version push',
  'version push',
  'take back',
  'cut branch',
  'git tag',
  'git tag',
  'many tags',
  'drop tag',
  'press release',
  'press release',
];

function tagOf(draws: Draws): string {
  return draws.happens(0.6) ? 'own' : draws.pick([...finals, `v${draws.pick(finals)}`, '1.2.0-dev', 'anything']);
}

function wordOf(draws: Draws, what: VersionAct): string {
  const branch = draws.pick(branches);
  switch (what) {
    case 'version push':
      return `${contentOf(draws)} onto ${branch}`;
    case 'cut branch':
      return `${draws.pick(['1.3', '1.3', '1.4'])} onto ${draws.pick(['main', 'old'])}`;
    case 'git tag':
      return `${tagOf(draws)} onto ${branch}`;
    case 'many tags':
      return `${[...new Set(Array.from({ length: 4 }, () => tagOf(draws)))].join(', ')} onto ${branch}`;
    case 'drop tag':
      return tagOf(draws);
    case 'take back':
      return `1 onto ${branch}`;
    default:
      return String(draws.between(0, 1000));
  }
}

const pushers: readonly Who[] = ['robot', 'robot', 'robot', 'boss', 'boss', 'ada'];
const pressers: readonly Who[] = ['boss', 'boss', 'ada', 'robot', 'mallory'];

/** What people do about versions: they push them, cut branches, set tags, and press buttons a while later. */
export function versionPeople(draws: Draws, knobs: Knobs): Action[] {
  const { queues, faultyMs, repositories } = knobs;
  const count = queues?.images?.pushes?.versions?.released ?? 0;
  return Array.from({ length: count }, (): readonly Action[] => {
    const what = draws.pick(acts);
    const who = draws.pick(what === 'press release' ? pressers : pushers);
    const at = Math.floor(draws.unit() * faultyMs * 0.9) + 1000;
    const act: Action = {
      at,
      what,
      repository: draws.between(0, repositories),
      pull: 0,
      who,
      word: wordOf(draws, what),
      family: null,
    };
    const pressed: Action = {
      ...act,
      what: 'press release',
      who: draws.pick(pressers),
      at: Math.min(faultyMs - 1000, at + draws.between(20_000, 400_000)),
      word: String(draws.between(0, 1000)),
    };
    return what !== 'press release' && draws.happens(0.4) ? [act, pressed] : [act];
  }).flat();
}

/** What changes hold that people open in such a world: half of them a version. */
export function versionChanges(draws: Draws, knobs: Knobs, acts: readonly Action[]): readonly Action[] {
  if (knobs.queues?.images?.pushes?.versions?.landed !== true) return acts;
  return acts.map((act) => {
    if (act.what !== 'open' || draws.happens(0.4)) return act;
    const version = draws.pick(finals);
    const content = draws.pick([version, version, version, `${version}-dev`, `${version}-rc.1`, `v${version}`]);
    return { ...act, word: act.word.replace(/^.*? onto/, `version ${content} onto`) };
  });
}
