import type { InstalledApp, SetupPoint } from '../../model/setup.ts';

interface Wanted {
  readonly name: string;
  readonly level: 'read' | 'write';
  readonly why: string;
  /** Not needed for every landing. */
  readonly sometimes?: boolean;
  /** Of organisations, which a person's own repositories have none of. */
  readonly ofOrganization?: boolean;
}

/** What `app.yml` asks for, and what each is for. */
export const wantedPermissions: readonly Wanted[] = [
  { name: 'checks', level: 'write', why: 'every result is a check run' },
  { name: 'contents', level: 'write', why: 'it fetches what is tested, and moves the branch and its ledger' },
  { name: 'issues', level: 'write', why: 'it hears comments and answers a command with a reaction' },
  { name: 'pull_requests', level: 'write', why: 'it reads pull requests and reviews, and answers in a comment' },
  { name: 'statuses', level: 'read', why: 'commit statuses may be among what a branch requires' },
  {
    name: 'administration',
    level: 'read',
    why: 'it reads the protection of branches: what is not known does not land',
  },
  {
    name: 'members',
    level: 'read',
    why: 'who belongs to the organisation decides whose pull requests start by themselves',
    ofOrganization: true,
  },
  { name: 'metadata', level: 'read', why: 'it finds repositories and the permissions of people in them' },
  {
    name: 'workflows',
    level: 'write',
    why: 'without it GitHub refuses every landing of a change to .github/workflows; all others land',
    sometimes: true,
  },
];

const levels: readonly (string | undefined)[] = ['read', 'write', 'admin'];

function reaches(given: string | undefined, level: string): boolean {
  return levels.indexOf(given) >= levels.indexOf(level);
}

function judge({ name, level, why, sometimes = false }: Wanted, { granted, asked, pages }: InstalledApp): SetupPoint {
  const about = 'permission';
  if (reaches(granted[name], level))
    return { about, verdict: 'fine', shown: 'read', says: `${name}: ${level} (${why})` };
  const give = reaches(asked[name], level)
    ? `The App asks for it: accept that at ${pages.installation}.`
    : `Add it to the App at ${pages.app}, then accept it at ${pages.installation}.`;
  const says = `The permission ${name}: ${level} is missing (${why}). ${give}`;
  return { about, verdict: sometimes ? 'look' : 'stop', shown: 'read', says };
}

/** Each permission that the App must have there: given, or missing with what it is for and where to give it. */
export function judgePermissions(installed: InstalledApp): SetupPoint[] {
  return wantedPermissions
    .filter(({ ofOrganization = false }) => installed.isOrganization || !ofOrganization)
    .map((wanted) => judge(wanted, installed));
}
