import { Option } from 'commander';
import { type ConfigProblem, configFile } from '../model/config.ts';
import type { CliDeps } from './deps.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import type { AddVerb } from './program.ts';
import { readNamedFile } from './read-file.ts';

interface CheckOptions {
  readonly json?: true;
  readonly schema?: true | 'project' | 'organisation';
}

const withoutFile = `There is no ${configFile} here, and none is needed: a repository with a Dockerfile (or Containerfile) at its
root gets the job build-image on every pull request. To push images, name a repository for them:

  apiVersion: sluice/v1
  images:
    - name: api
      repository: quay.io/acme/api
`;

export const addCheck: AddVerb = (program, deps, end) => {
  program
    .command('check')
    .description(`check ${configFile}: every mistake with its place and what to write instead`)
    .argument('[file]', `file to check (default: ${configFile} here)`)
    .option('--json', 'print the problems as JSON')
    .addOption(
      new Option(
        '--schema [of]',
        `print the JSON Schema for editors instead: of ${configFile} or of an organisation's file`,
      ).choices(['project', 'organisation']),
    )
    .action(async (file: string | undefined, options: CheckOptions) => {
      if (options.schema) await printSchema(deps, options.schema === 'organisation');
      else end(await check(file, options.json === true, deps));
    });
};

async function printSchema({ io }: CliDeps, ofOrganisation: boolean): Promise<void> {
  const { jsonSchema } = await import('../config/json-schema.ts');
  const { organisationJsonSchema } = await import('../config/organisation/organisation-json-schema.ts');
  io.out(`${JSON.stringify(ofOrganisation ? organisationJsonSchema() : jsonSchema(), null, 2)}\n`);
}

async function check(named: string | undefined, asJson: boolean, deps: CliDeps): Promise<ExitCode> {
  const file = named ?? configFile;
  const content = await readNamedFile(file, { mayBeMissing: named === undefined });
  if (content === null) {
    deps.io.out(asJson ? `${JSON.stringify({ file: null, problems: [] })}\n` : withoutFile);
    return exitCodes.fine;
  }
  const { problems, notes } = await deps.checkConfig(content, file);
  if (asJson) deps.io.out(`${JSON.stringify({ file, problems }, null, 2)}\n`);
  else
    deps.io.out(
      (await describeAll(problems, { file, text: content.toString('utf8') })) + summary(file, problems.length, notes),
    );
  return problems.length === 0 ? exitCodes.fine : exitCodes.failed;
}

async function describeAll(
  problems: readonly ConfigProblem[],
  checked: { readonly file: string; readonly text: string },
): Promise<string> {
  const { renderProblem } = await import('../config/render-problem.ts');
  const described = problems.map(async (problem) => {
    // Below a file may lie what its organisation says.
    const isOwn = problem.file === checked.file;
    const other = isOwn ? null : await readNamedFile(problem.file, { mayBeMissing: true });
    return `${renderProblem(problem, other === null ? checked.text : String(other))}\n\n`;
  });
  return (await Promise.all(described)).join('');
}

function summary(file: string, count: number, notes: readonly string[]): string {
  if (count > 0) return `${count} ${count === 1 ? 'problem' : 'problems'} in ${file}\n`;
  return [`${file} is valid.`, ...notes.map((note) => `  ${note}`), ''].join('\n');
}
