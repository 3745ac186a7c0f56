import { once } from 'node:events';
import { toPort } from './arguments.ts';
import type { DevGithub } from './deps.ts';
import type { AddVerb } from './program.ts';

interface DevOptions {
  readonly port: number;
  readonly folder?: string;
}

export const addDevGithub: AddVerb = (program, deps) => {
  program
    .command('dev')
    .description('parts of Sluice that are useful alone')
    .command('github')
    .description('a GitHub that runs on this machine over real git repositories, to point any client at (until Ctrl-C)')
    .option('--port <port>', 'port to listen on; 0 takes a free one', toPort, 0)
    .option('--folder <folder>', 'keep its repositories there (default: a temporary folder that goes with it)')
    .action(async ({ port, folder }: DevOptions) => {
      const { out, interrupted } = deps.io;
      const github = await deps.devGithub({ port, folder: folder ?? null });
      try {
        out(describe(github));
        if (!interrupted.aborted) await once(interrupted, 'abort');
      } finally {
        await github.close();
      }
    });
};

function describe({ url, apiUrl, login, token, repository }: DevGithub): string {
  const { host } = new URL(url);
  return `A GitHub for trying things out, on this machine only.

  web and git   ${url}
  REST          ${apiUrl}
  you are       ${login}, with the token ${token}
  repository    ${url}/${repository}

  curl   curl -H 'authorization: Bearer ${token}' ${apiUrl}/repos/${repository}
  git    git clone http://${login}:${token}@${host}/${repository}.git
  node   new Octokit({ baseUrl: '${apiUrl}', auth: '${token}' })

Ctrl-C ends it.
`;
}
