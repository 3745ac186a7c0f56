import { printable } from '../config/problems/finding.ts';
import type { SetupPoint } from '../model/setup.ts';
import type { CliDeps } from './deps.ts';
import { cliError, type ExitCode, exitCodes } from './exit-codes.ts';
import type { Verification, VerifyWish } from './verify-view.ts';

export interface VerifyOptions {
  readonly repository: string;
  readonly branch: string | null;
  /** Folder of the App file. */
  readonly data: string;
  readonly asJson: boolean;
}

/** Shows whether the App can land on a branch, and what stands in the way; `failed` where something does. */
export async function verify({ asJson, ...asked }: VerifyOptions, deps: CliDeps): Promise<ExitCode> {
  const { io } = deps;
  const wish = { ...asked, newToken: io.newToken, interrupted: io.interrupted };
  const found = await showingSteps((onStep) => deps.verify({ ...wish, onStep }), io.terminal && !asJson);
  if (io.interrupted.aborted)
    throw cliError('failed', 'interrupted; what was begun on a scratch branch was taken away');
  const stands = found.points.every(({ verdict }) => verdict !== 'stop');
  io.out(asJson ? `${JSON.stringify({ canLand: stands, ...found }, null, 2)}\n` : describe(found));
  return stands ? exitCodes.fine : exitCodes.failed;
}

type Work = (onStep: VerifyWish['onStep']) => Promise<Verification>;

async function showingSteps(work: Work, visible: boolean): Promise<Verification> {
  if (!visible) return work(() => undefined);
  const { Listr } = await import('listr2');
  const told: { found?: Verification } = {};
  const task = {
    title: 'Verifying',
    task: async (context: typeof told, line: { title: string }): Promise<void> => {
      context.found = await work((words) => {
        line.title = words;
      });
    },
  };
  await new Listr([task], {
    ctx: told,
    registerSignalListeners: false,
    rendererOptions: { clearOutput: true, showErrorMessage: false },
  }).run();
  if (told.found === undefined) throw new Error('the verification ended without a result');
  return told.found;
}

const signs: Readonly<Record<SetupPoint['verdict'], string>> = { fine: '✓', look: '!', stop: '✗' };

function listed(head: string, points: readonly SetupPoint[]): string {
  if (points.length === 0) return '';
  return `\n${head}\n${points.map(({ verdict, says }) => `  ${signs[verdict]} ${printable(says)}\n`).join('')}`;
}

function describe({ app, repository, branch, landing, method, points }: Verification): string {
  const done = points.filter(({ shown }) => shown === 'done');
  const how = landing === null ? '' : `, landing: ${landing}, method: ${method}`;
  const stops = points.filter(({ verdict }) => verdict === 'stop').length;
  const where = branch === null ? repository : `${branch} of ${repository}`;
  const verdict =
    stops === 0
      ? `Nothing stands in the way of landing on ${where}.`
      : `${stops === 1 ? 'One thing stands' : `${stops} things stand`} in the way of landing on ${where}.`;
  return [
    `${app.slug} (App ${app.id}) on ${where}${how}\n`,
    listed(
      'Read from GitHub and the repository:',
      points.filter(({ shown }) => shown === 'read'),
    ),
    listed('Done, on a scratch branch:', done),
    `\n${verdict}\n`,
    done.length === 0 ? '' : `${honestly}\n`,
  ].join('');
}

const honestly = `What was done shows what the App's own token may do in this repository. The scratch branch is not held to the rules of the
branch itself: those were read, and GitHub has no dry run for a push to a protected branch.`;
