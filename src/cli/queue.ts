import type { Command } from 'commander';
import { printable } from '../config/problems/finding.ts';
import { repositoryOption, toPullRequestNumber } from './arguments.ts';
import type { CliDeps } from './deps.ts';
import { describeFreeze, describeLanding, drawQueue } from './draw-queue.ts';
import { pickQueue } from './pick-queue.ts';
import type { AddVerb } from './program.ts';
import type { QueueReceipt, QueueView, QueueWord } from './queue-view.ts';
import { formatTable } from './table.ts';

interface Options {
  readonly json?: true;
  readonly repository?: string | null;
  readonly branch?: string | null;
}

const examples = `
Examples:
  sluice queue                            every queue, one line each
  sluice queue show main                  what is ahead of what, and what each waits for
  sluice queue enqueue 12                 ask for a landing as the operator
  sluice queue freeze "release day"       keep testing, land nothing
  sluice queue thaw                       land again what is green, in order`;

export const addQueue: AddVerb = (program, deps) => {
  const queue = program
    .command('queue')
    .description('show the queues of changes that are to land; put in, take out, freeze and thaw')
    .addHelpText('after', examples);
  addList(queue, deps);
  addShow(queue, deps);
  addChange(queue, deps, 'enqueue', 'ask for the landing of a pull request, without "/gate"', enqueueHelp);
  addChange(queue, deps, 'dequeue', 'take a pull request out of its queue', dequeueHelp);
  addFreezing(queue, deps, 'freeze', 'land nothing for now; what is queued is tested all the same', freezeHelp);
  addFreezing(queue, deps, 'thaw', 'land again', thawHelp);
};

function printJson({ io }: CliDeps, value: object): void {
  io.out(`${JSON.stringify(value, null, 2)}\n`);
}

function addList(queue: Command, deps: CliDeps): void {
  queue
    .command('list', { isDefault: true })
    .description('one line for each queue (what "sluice queue" alone does)')
    .option('--json', 'print {"queues": […]}')
    .action(async ({ json }: Options) => {
      const queues = await deps.queues();
      if (json) printJson(deps, { queues });
      else if (queues.length === 0)
        deps.io.out('There is no queue yet: one begins with the first "/gate" on a pull request.\n');
      else deps.io.out(listed(queues, deps.io.now()));
    });
}

function listed(queues: readonly QueueView[], now: number): string {
  const row = (queue: QueueView): readonly string[] => {
    const { repository, branch, items, asked, window } = queue;
    const size = asked.length === 0 ? String(items.length) : `${items.length}, ${asked.length} asked for`;
    const tested = window === 0 ? '–' : String(window);
    return [repository, branch, size, tested, describeLanding(queue, now), describeFreeze(queue, now)];
  };
  const table = formatTable(['repository', 'branch', 'items', 'window', 'landing', 'frozen'], queues.map(row));
  const said = queues.flatMap(({ repository, branch, short, closed }) =>
    [closed, short?.says ?? null].flatMap((says) =>
      says === null ? [] : [`${printable(`${repository} ${branch}: ${says}`)}\n`],
    ),
  );
  return [table, ...said].join('');
}

function addShow(queue: Command, deps: CliDeps): void {
  queue
    .command('show')
    .argument('[branch]', 'base branch, as main; may be left out where there is one queue')
    .description('draw a queue: place, change, head, what it is tested with, its jobs, what it waits for')
    .addOption(repositoryOption())
    .option('--json', 'print {"queue": {…}}')
    .addHelpText('after', '\nExample:\n  sluice queue show main --repository acme/api')
    .action(async (branch: string | undefined, { json, repository = null }: Options) => {
      const shown = pickQueue(await deps.queues(), { repository, branch: branch ?? null });
      if (json) printJson(deps, { queue: shown });
      else deps.io.out(drawQueue(shown, deps.io.now()));
    });
}

const enqueueHelp = `
Only the request is skipped: approvals, required checks, conversations and every rule of the branch hold as ever. It is
for the head that the server knows now; a push ends it.

Example:
  sluice queue enqueue 12`;
const dequeueHelp = '\nExample:\n  sluice queue dequeue 12 --repository acme/api';

function addChange(queue: Command, deps: CliDeps, command: 'enqueue' | 'dequeue', what: string, help: string): void {
  queue
    .command(command)
    .argument('<number>', 'of the pull request', toPullRequestNumber)
    .description(what)
    .addOption(repositoryOption())
    .option('--json', 'print {"told": {…}}')
    .addHelpText('after', help)
    .action((number: number, { json, repository = null }: Options) =>
      tell(deps, { command, number, repository }, json === true),
    );
}

const freezeHelp = `
The freeze and its reason go into the branch's ledger: they outlive this server and its Redis.

Example:
  sluice queue freeze "release day" --branch main`;
const thawHelp = '\nExample:\n  sluice queue thaw --branch main';

function addFreezing(queue: Command, deps: CliDeps, command: 'freeze' | 'thaw', what: string, help: string): void {
  const verb = queue.command(command).description(what);
  if (command === 'freeze') verb.argument('[reason...]', 'why, for everybody who waits');
  verb
    .option('--branch <name>', 'base branch, where there are several queues')
    .addOption(repositoryOption())
    .option('--json', 'print {"told": {…}}')
    .addHelpText('after', help)
    .action(async () => {
      const { json, branch = null, repository = null } = verb.opts<Options>();
      await tell(deps, { command, branch, repository, reason: verb.args.join(' ').trim() }, json === true);
    });
}

async function tell(deps: CliDeps, word: QueueWord, json: boolean): Promise<void> {
  const receipt = await deps.tellQueue(word);
  if (json) printJson(deps, { told: receipt });
  else deps.io.out(answer(receipt));
}

/** What will happen, in one line, and what may keep it from happening. */
function whatComes({ command, branch, by, change }: QueueReceipt): readonly string[] {
  const name = change === null ? '' : `#${change.number} "${change.title}"`;
  switch (command) {
    case 'enqueue':
      return [
        `${name}: ${by} asks for the landing of ${change?.head?.slice(0, 12)} on ${branch}.`,
        'It enters the queue as soon as nothing is missing: approvals, required checks and the rules of the branch hold as ever.',
      ];
    case 'dequeue':
      return [
        `${name}: ${by} takes it out of the queue of ${branch}. Its builds are stopped, those behind go on without it.`,
      ];
    case 'freeze':
      return [`${by} freezes the queue of ${branch}: it goes on testing and lands nothing until "sluice queue thaw".`];
    case 'thaw':
      return [`${by} thaws the queue of ${branch}: what is green lands, in order.`];
  }
}

function answer(receipt: QueueReceipt): string {
  const { repository, branch, change, note } = receipt;
  const named = `--repository ${repository}`;
  const watch = [
    `sluice queue show ${branch} ${named}`,
    ...(change === null ? [] : [`sluice why ${change.number} ${named}`]),
  ];
  const lines = [
    ...whatComes(receipt),
    ...(note === null ? [] : [note]),
    'The server takes it up with its next pass. To watch it:',
    ...watch.map((command) => `  ${command}`),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}
