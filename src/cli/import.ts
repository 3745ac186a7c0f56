import { writeFile } from 'node:fs/promises';
import { configFile } from '../model/config.ts';
import { toRepository } from './arguments.ts';
import type { CliDeps } from './deps.ts';
import { cliError, type ExitCode, exitCodes } from './exit-codes.ts';
import type { AddVerb } from './program.ts';
import { readZuulFolder } from './read-zuul-folder.ts';

interface ImportOptions {
  readonly project?: string;
  readonly out?: string;
}

export const addImport: AddVerb = (program, deps, end) => {
  program
    .command('import')
    .description(`write a ${configFile} from the configuration of another system`)
    .command('zuul')
    .description(
      'from a repository for Zuul: its image jobs, and in comments what else to write; what is not taken over as it was is said on standard error',
    )
    .argument('[folder]', 'root of the repository', '.')
    .option('--project <owner/name>', 'the repository, where the files name it or several', toRepository)
    .option('--out <file>', 'write there instead of standard output; a file that is there stays')
    .action(async (folder: string, options: ImportOptions) => end(await importFrom(folder, options, deps)));
};

async function importFrom(folder: string, { project, out }: ImportOptions, { io }: CliDeps): Promise<ExitCode> {
  const { files, notes } = await readZuulFolder(folder);
  const { importZuul } = await import('../config/import/import-zuul.ts');
  const { renderProblem } = await import('../config/render-problem.ts');
  const { text, counts, told, problems } = importZuul(files, project ?? null);
  for (const note of notes) io.err(`${note}\n`);
  for (const { file, line, message } of told) io.err(`${file}:${line}: ${message}\n`);
  for (const problem of problems) io.err(`${renderProblem(problem, text)}\n\n`);
  if (counts.images === 0 && counts.jobs === 0) {
    io.err(
      'Nothing of it can be imported: no pipeline that is known here names a job that handles container images.\n',
    );
    return exitCodes.failed;
  }
  if (out === undefined) io.out(text);
  else await writeNew(out, text);
  io.err(summary(counts, told.length + notes.length, problems.length, out));
  return problems.length === 0 ? exitCodes.fine : exitCodes.failed;
}

function summary(
  { images, jobs }: { readonly images: number; readonly jobs: number },
  told: number,
  problems: number,
  out: string | undefined,
): string {
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  const lines = [
    `${count(images, 'image')} and ${count(jobs, 'job')} imported${out === undefined ? '' : ` into ${out}`}.`,
    ...(told === 0 ? [] : [`${count(told, 'thing')} to read above.`]),
    problems === 0
      ? `Next: sluice check, then sluice plan --pr NUMBER shows what would run.`
      : `The file is not valid yet: mend the ${count(problems, 'problem')} above.`,
  ];
  return `${lines.join(' ')}\n`;
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it cannot be written';
    const why = code === 'EEXIST' ? 'it is there already: remove it, or name another' : code;
    throw cliError('usage', `cannot write ${file}: ${why}`, cause);
  }
}
