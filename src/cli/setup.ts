import type { AppFile } from './app-file.ts';
import { toBaseUrl, toRepository } from './arguments.ts';
import type { CliIo } from './deps.ts';
import { cliError } from './exit-codes.ts';
import { openBrowser } from './open-browser.ts';
import type { AddVerb } from './program.ts';

interface Parsed {
  readonly github: string;
  readonly org?: string;
  readonly url?: string;
  readonly name: string;
  readonly out: string;
  readonly browser: boolean;
  readonly verify?: string;
  readonly branch?: string;
  readonly json?: true;
}

const examples = `
Examples:
  sluice setup --url https://sluice.example.org     register the App
  sluice setup --verify acme/shop                   once it is installed there: can it land?
  sluice setup --verify acme/shop --branch release`;

export const addSetup: AddVerb = (program, deps, end) => {
  program
    .command('setup')
    .description('register the GitHub App, by a page in your browser and one click; prove that it can land')
    .option('--github <url>', 'GitHub, or your GitHub Enterprise Server', toBaseUrl, 'https://github.com')
    .option('--org <organisation>', 'let this organisation own the App (default: you)')
    .option(
      '--url <url>',
      'public address of this server; without it the App sends no webhooks and is polled',
      toBaseUrl,
    )
    .option('--name <name>', 'name of the App; GitHub lets you change it on its page', 'sluice')
    .option('--out <folder>', 'folder for the App file, as serve --data', '.sluice')
    .option('--no-browser', 'only print the address of the page')
    .option(
      '--verify <owner/name>',
      'prove on a scratch branch that the registered App can land in this repository, and name what stands in the way',
      toRepository,
    )
    .option('--branch <branch>', 'with --verify: the branch to land on (default: the default branch)')
    .option('--json', 'with --verify: print {"canLand", "points": [{"about", "verdict", "shown", "says"}]}')
    .addHelpText('after', examples)
    .action(async ({ github, org, url, name, out, browser, verify: repository, branch, json }: Parsed) => {
      if (repository !== undefined) {
        const { verify } = await import('./verify.ts');
        end(await verify({ repository, branch: branch ?? null, data: out, asJson: json === true }, deps));
        return;
      }
      if (branch !== undefined || json) throw cliError('usage', '--branch and --json go with --verify OWNER/NAME');
      const { registerApp } = await import('./register-app.ts');
      const options = { github, organisation: org ?? null, publicUrl: url ?? null, name, out };
      const registration = await registerApp(options, deps);
      deps.io.out(`Open this page in a browser on this machine:\n\n  ${registration.url}\n\n`);
      if (browser && deps.io.terminal) openBrowser(registration.url);
      const { file, app } = await registration.registered;
      sayWhatNext(deps.io, file, app, out);
    });
};

function sayWhatNext(io: CliIo, file: string, app: AppFile, folder: string): void {
  const serve = ['sluice serve', ...(folder === '.sluice' ? [] : [`--data ${folder}`])];
  if (app.publicUrl !== null) serve.push(`--public-url ${app.publicUrl}`);
  io.out(`The App ${app.slug} (${app.appId}) is registered. ${file} holds its key; nobody else has it, so keep a copy.

Next:
  1. install it on repositories: ${app.htmlUrl}/installations/new
  2. start the server:           ${serve.join(' ')}
${app.publicUrl === null ? '\nWithout a public address its webhooks are off: deliveries are found by polling, within minutes.\n' : ''}`);
}
