import {
  atOrphanedRequest,
  atRequest,
  atSave,
  type CrashedChange,
  type CrashPoint,
  following,
} from './crash-points.ts';

/** One step of a landing and one moment of it at which everything stops. */
export interface CrashRow {
  readonly step: string;
  readonly moment: string;
  readonly point: CrashPoint;
  /** How it lands. */
  readonly method: 'merge' | 'squash';
}

const api = (repo: string, rest: string): RegExp => new RegExp(`/repos/${repo}/${rest}$`);

const checkMade = ({ repo, head }: CrashedChange) => ({
  method: 'POST',
  path: api(repo, 'check-runs'),
  body: new RegExp(`"head_sha":"${head}".*"name":"sluice/gate/main"|"name":"sluice/gate/main".*"head_sha":"${head}"`),
});

const checkOnCandidate = ({ repo, head }: CrashedChange) => ({
  method: 'POST',
  path: api(repo, 'check-runs'),
  body: new RegExp(`"head_sha":"(?!${head})`),
});

const checkConcluded = ({ repo }: CrashedChange) => ({
  method: 'PATCH',
  path: api(repo, 'check-runs/\\d+'),
  body: /"title":"Landed/,
});

const push = ({ repo }: CrashedChange, body: RegExp) => ({
  method: 'POST',
  path: new RegExp(`^/${repo}\\.git/git-receive-pack$`),
  body,
});
const candidateShown = (change: CrashedChange) => push(change, /0{40} \w{40} refs\/sluice\/candidate\//);
const landing = (change: CrashedChange) => push(change, /refs\/heads\/main/);

const branchRead = ({ repo }: CrashedChange) => ({ path: new RegExp(`^/${repo}\\.git/git-upload-pack$`) });

const conditionsRead = ({ repo }: CrashedChange) => ({
  path: /\/graphql$/,
  body: new RegExp(`PullRequestFacts[^]*"owner":"${repo.split('/')[0]}"`),
});

const pullClosed = ({ repo, number }: CrashedChange) => ({ method: 'PATCH', path: api(repo, `pulls/${number}`) });

function delivery(what: 'request' | 'answer'): CrashPoint {
  const words = ({ repositoryId }: CrashedChange) =>
    new RegExp(`"name":"issue_comment.created","installation":\\d+,"repository":\\{"id":${repositoryId},`);
  return { at: 'redis', of: 'web', what, words };
}

type Row = readonly [step: string, moment: string, point: CrashPoint, method?: 'squash'];

const rows: readonly Row[] = [
  ['event stored', 'before it is', delivery('request')],
  ['event stored', 'after it is, before GitHub is told', delivery('answer')],
  ['check run created', 'before it is', atRequest('before', checkMade)],
  ['check run created', 'after it is, before we know', atRequest('after', checkMade)],
  ['candidate made', 'before it is recorded', atSave('before', '"candidate":\\{"kind":"made"')],
  ['candidate published', 'before it is', atRequest('before', candidateShown)],
  ['candidate published', 'after it is, before we know', atRequest('after', candidateShown)],
  ['build started', 'before it is', atSave('after', '"phase":"starting"')],
  ['build started', 'after it is, before that is recorded', atSave('before', '"phase":"running"')],
  ['result observed', 'when nobody was there', { at: 'build' }],
  ['verdict recorded', 'before it is', atSave('before', '"verdict":\\{"commit"')],
  ['verdict recorded', 'after it is, before the candidate is marked', atRequest('before', checkOnCandidate)],
  ['candidate marked', 'after it is, before we know', atRequest('after', checkOnCandidate)],
  ['conditions read again', 'before they are', following(checkOnCandidate, true, 'before', conditionsRead)],
  ['conditions read again', 'before that is known', following(checkOnCandidate, true, 'after', conditionsRead)],
  ['landing pushed', 'before it is', atRequest('before', landing)],
  ['landing pushed', 'before it is, which then happens late', atOrphanedRequest(landing)],
  ['landing pushed', 'after it is, before we know', atRequest('after', landing)],
  ['landing pushed', 'after it is, and the answer was lost', following(landing, false, 'before', branchRead)],
  ['landed tree read back', 'before it is', following(landing, true, 'before', branchRead)],
  ['landed tree read back', 'before that is known', following(landing, true, 'after', branchRead)],
  ['check run concluded', 'before it is', atRequest('before', checkConcluded)],
  ['check run concluded', 'after it is, before we know', atRequest('after', checkConcluded)],
  ['pull request closed', 'before it is', atRequest('before', pullClosed), 'squash'],
  ['pull request closed', 'after it is, before we know', atRequest('after', pullClosed), 'squash'],
];

/** Every step that the gate takes of intake-faults-attacks.md §5, in order. */
export const crashRows: readonly CrashRow[] = rows.map(([step, moment, point, squash]) => ({
  step,
  moment,
  point,
  method: squash ?? 'merge',
}));
