import type { GateWorldOptions } from '../../harness/gate-world.ts';
import { type ImageWorld, type ImageWorldOptions, startImageWorld } from '../../harness/image-world.ts';

/** A Monday, so that no story meets a change of clocks. */
const firstMorning = Date.parse('2027-01-11T08:00:00Z');
const dayMs = 24 * 3_600_000;

export interface SaidCheck {
  readonly status: string;
  readonly conclusion: string | null;
  readonly title: string;
  readonly summary: string;
  readonly externalId: string;
}

/** A world whose nights pass when the story says so. */
export interface NightWorld extends ImageWorld {
  readonly now: () => number;
  /** It is the same time so many days later. */
  pass(days: number): void;
  push(files: Readonly<Record<string, string | null>>, branch?: string): Promise<string>;
  tip(): string;
  /** Every check run of a name at a commit, oldest first, as it now stands. */
  checks(commit: string, name: string): Promise<readonly SaidCheck[]>;
  /** Waits until so many of a name at a commit are concluded, and gives the last. */
  concludedAt(commit: string, name: string, times?: number): Promise<SaidCheck>;
  /** The decision history of the nightlies, one text. */
  history(): Promise<string>;
  issues(): Promise<readonly { number: number; title: string; body: string; state: string; author: string }[]>;
  /** Waits until there is exactly one issue and it fits. */
  issue(
    fits: (issue: { body: string; state: string; title: string }) => boolean,
  ): Promise<{ number: number; body: string; state: string; title: string }>;
  subject: string;
  id: number;
}

export type NightOptions = ImageWorldOptions & Pick<GateWorldOptions, 'judge'>;

/** Jobs that pass, fail or go on as the story's judge says; `lines` holds them. */
export async function startNightWorld(options: NightOptions): Promise<NightWorld> {
  let shift = firstMorning - Date.now();
  const now = (): number => Date.now() + shift;
  const world = await startImageWorld({ now, ...options });
  const { github, repo } = world;
  const api = async (path: string): Promise<unknown> => {
    const token = await github.installationToken(world.app.installationId);
    const answer = await fetch(`${github.apiUrl}${path}`, { headers: { authorization: `token ${token}` } });
    return answer.json();
  };
  const { id } = (await api(`/repos/${repo}`)) as { id: number };
  const subject = `periodic/${id}/main`;
  const checks: NightWorld['checks'] = async (commit, name) => {
    const query = new URLSearchParams({ check_name: name, filter: 'all', per_page: '100' });
    const found = (await api(`/repos/${repo}/commits/${commit}/check-runs?${query}`)) as {
      check_runs: {
        id: number;
        status: string;
        conclusion: string | null;
        external_id: string;
        output: { title: string; summary: string };
      }[];
    };
    return found.check_runs
      .sort((one, other) => one.id - other.id)
      .map(({ status, conclusion, external_id, output }) => ({
        status,
        conclusion,
        externalId: external_id,
        ...output,
      }));
  };
  const issues = () => github.issues(repo);
  return Object.assign(world, {
    now,
    id,
    subject,
    pass(days: number) {
      shift += days * dayMs;
    },
    async push(files: Readonly<Record<string, string | null>>, branch = 'main') {
      await github.push({ repo, by: 'boss', branch, files, message: 'Direct' });
      return world.git('rev-parse', branch);
    },
    tip: () => world.git('rev-parse', 'main'),
    checks,
    concludedAt: (commit: string, name: string, times = 1) =>
      world.until(`${times} of ${name} on ${commit.slice(0, 7)} are concluded`, async () => {
        const found = (await checks(commit, name)).filter(({ status }) => status === 'completed');
        return found.length >= times && found.at(-1);
      }),
    async history() {
      const decisions = await world.sluice.ports.documents.history(subject as never, 200);
      return decisions.flatMap(({ reasons }) => reasons).join('\n');
    },
    issues,
    issue: (fits: (issue: { body: string; state: string; title: string }) => boolean) =>
      world.until('there is one issue that fits', async () => {
        const [first, ...others] = await issues();
        if (others.length > 0) throw new Error(`there are ${others.length + 1} issues`);
        return first !== undefined && fits(first) && first;
      }),
  });
}

/** Waits until the nightlies of the file are known to the server. */
export async function known(world: NightWorld): Promise<void> {
  await world.until('the nightlies are known', async () => /next at/.test(await world.history()));
}
