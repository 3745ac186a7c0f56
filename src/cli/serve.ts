import { Option } from 'commander';
import { executorOption, toBaseUrl, toPort } from './arguments.ts';
import type { ServeOptions } from './deps.ts';
import type { AddVerb } from './program.ts';

type Parsed = Pick<ServeOptions, 'role' | 'host' | 'port' | 'data'> & Partial<ServeOptions>;

export const addServe: AddVerb = (program, deps) => {
  program
    .command('serve')
    .description('serve webhooks and logs, and do the work (until Ctrl-C)')
    .addOption(new Option('--role <role>', 'what this process does').choices(['web', 'worker', 'all']).default('all'))
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <port>', 'port to listen on; 0 takes a free one', toPort, 3000)
    .option('--data <folder>', 'the App file of "sluice setup", clones and logs', '.sluice')
    .option('--redis <url>', 'Redis to keep state in (default: REDIS_URL, else a private one in the data folder)')
    .option(
      '--public-url <url>',
      'where GitHub and people reach this server; without it deliveries are polled',
      toBaseUrl,
    )
    .addOption(executorOption('anywhere'))
    .action(async (parsed: Parsed) => {
      const { role, host, port, data, redis = null, publicUrl = null, executor = null } = parsed;
      await deps.serve({ role, host, port, data, redis, publicUrl, executor });
    });
};
