import { toPullRequestNumber } from './arguments.ts';
import type { Plan, PlanDecision, PlanSource } from './deps.ts';
import { cliError } from './exit-codes.ts';
import type { AddVerb } from './program.ts';
import { readNamedFile } from './read-file.ts';
import { formatTable } from './table.ts';

interface PlanOptions {
  readonly event?: string;
  readonly payload?: string;
  readonly pr?: number;
  readonly push?: string;
  readonly ref?: string;
  readonly pushedBy?: readonly string[];
  readonly released?: readonly string[];
  readonly published?: readonly string[];
  readonly repo: string;
  readonly json?: true;
}

function collect(word: string, words: readonly string[] = []): readonly string[] {
  return [...words, word];
}

export const addPlan: AddVerb = (program, deps) => {
  program
    .command('plan')
    .description('show what would run, what would not, and why; nothing is started')
    .option('--event <name>', 'plan for this webhook event, as pull_request')
    .option('--payload <file>', 'its payload, as GitHub delivers it')
    .option('--pr <number>', 'plan for this pull request as it is now', toPullRequestNumber)
    .option('--push <old..new>', 'plan for a push, with zeros for what was not there or is not there any more')
    .option('--ref <ref>', 'what was pushed to, in full: refs/heads/main or refs/tags/v1.2.3')
    .option('--pushed-by <who>', 'who pushed: a login, and teams as team:ORG/NAME (repeatable)', collect)
    .option('--released <version=commit>', 'what is released already; "none": nothing (repeatable)', collect)
    .option('--published <image=commit>', 'what an image was last published from (repeatable)', collect)
    .option('--repo <folder>', 'clone to plan for', '.')
    .option('--json', 'print {"decisions": [{"pipeline", "job", "decision", "reason", "images", "release"}]}')
    .action(async (options: PlanOptions) => {
      const plan = await deps.plan(options.repo, await readSource(options));
      deps.io.out(options.json ? `${JSON.stringify({ decisions: plan.decisions }, null, 2)}\n` : describe(plan));
      for (const note of plan.notes) deps.io.err(`${note}\n`);
    });
};

function readPush({ push, ref, pushedBy = [], released = [], published = [] }: PlanOptions): PlanSource {
  if (push === undefined)
    throw cliError(
      'usage',
      '--ref, --pushed-by, --released and --published belong to a push: write --push OLD..NEW --ref REF',
    );
  if (ref === undefined)
    throw cliError('usage', 'say what was pushed to: --ref refs/heads/main, or --ref refs/tags/v1.2.3');
  return { kind: 'push', wish: { range: push, ref, pushedBy, released, published } };
}

async function readSource(options: PlanOptions): Promise<PlanSource> {
  const { event, payload, pr, push, ref, pushedBy, released, published } = options;
  const ofPush = [push, ref, pushedBy, released, published].some((each) => each !== undefined);
  const others = [event, payload, pr].some((each) => each !== undefined);
  if (ofPush && !others) return readPush(options);
  if (!ofPush && pr !== undefined && event === undefined && payload === undefined)
    return { kind: 'pull-request', number: pr };
  if (ofPush || pr !== undefined || event === undefined || payload === undefined)
    throw cliError(
      'usage',
      'say for what to plan: either --pr NUMBER, or --event NAME and --payload FILE, or --push OLD..NEW and --ref REF',
    );
  const content = await readNamedFile(payload);
  try {
    return { kind: 'event', name: event, payload: JSON.parse(String(content)) };
  } catch (cause) {
    throw cliError('usage', `${payload} is not JSON: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
}

function describe({ decisions }: Plan): string {
  if (decisions.length === 0) return 'Nothing would happen.\n';
  const row = ({ decision, pipeline, job, reason }: PlanDecision) => [decision, pipeline, job, reason];
  return `${formatTable(['decision', 'pipeline', 'job', 'reason'], decisions.map(row))}${describeTags(decisions)}`;
}

/** The images of those that run or wait, with their tags; empty where none is pushed. */
function describeTags(decisions: readonly PlanDecision[]): string {
  const rows = decisions.flatMap(({ decision, job, images = [] }) =>
    images
      .filter(({ tags }) => tags.length > 0)
      .map(({ name, tags }) => [decision === 'wait' ? `${job} (waits)` : job, name, tags.join(' ')]),
  );
  return rows.length === 0 ? '' : `\n${formatTable(['job', 'image', 'tags'], rows)}`;
}
