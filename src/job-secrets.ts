import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { cliError } from './cli/exit-codes.ts';
import { parseSecrets } from './config/secrets/parse-secrets.ts';
import { chooseSecret } from './core/job-secrets/choose-secret.ts';
import type { Machine } from './machine.ts';
import type { SecretRule, SecretSource } from './model/job-secret.ts';
import type { JobSecrets } from './ports/job-secrets.ts';
import type { Log } from './ports/log.ts';
import { tellProblem } from './registry-keys.ts';

/** As much as a pod's secret may hold. */
const mostBytes = 256 * 1024;
/** What is shorter cannot be masked in a log without showing where it stands. */
const leastLength = 8;

/** Where secrets are read from, each time one is used. */
export interface SecretSources {
  /** Against which relative paths of files count. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Pick<Log, 'warn'>;
}

/** The operator's secrets and who may have them: from the rules the decision, from the sources what is secret. */
export function createJobSecrets(rules: readonly SecretRule[], sources: SecretSources): JobSecrets {
  async function textOf(from: SecretSource): Promise<string> {
    const text =
      from.kind === 'file'
        ? await readFile(resolve(sources.folder, from.path), 'utf8')
        : sources.environment[from.name];
    if (!text) throw new Error(from.kind === 'env' ? `the variable ${from.name} is not set` : 'the file is empty');
    if (Buffer.byteLength(text) > mostBytes) throw new Error(`it holds more than ${mostBytes / 1024} KiB`);
    if (text.trim().length < leastLength)
      throw new Error(`it is shorter than ${leastLength} characters, and could not be masked in a log`);
    return text;
  }
  async function held({ name, from }: SecretRule): Promise<string> {
    try {
      return await textOf(from);
    } catch (cause) {
      // Where it lies is told to the operator alone.
      const source = from.kind === 'file' ? from.path : from.name;
      sources.log.warn({ err: cause, secret: name, source }, 'secret for jobs not readable');
      throw new Error(`the secret ${name} cannot be read now; why is in the log of this server`);
    }
  }
  return {
    whyNot(name, caller) {
      const choice = chooseSecret(rules, name, caller);
      return choice.kind === 'none' ? choice.because : null;
    },
    async read(name, caller) {
      const choice = chooseSecret(rules, name, caller);
      if (choice.kind === 'none') throw new Error(choice.because);
      return held(choice.rule);
    },
    valuesOf: (names) => Promise.all(rules.filter(({ name }) => names.includes(name)).map(held)),
  };
}

/** Of a server that was given no secrets for jobs. */
export const noJobSecrets: JobSecrets = createJobSecrets([], {
  folder: '/',
  environment: {},
  log: { warn: () => undefined },
});

async function rulesIn(file: string): Promise<readonly SecretRule[]> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw cliError('usage', `SLUICE_SECRETS names ${file}, which cannot be read (${cause.code})`, cause);
  });
  const reading = parseSecrets(text, file);
  if (reading.kind === 'rules') return reading.rules;
  const [count, problems] = [reading.problems.length, reading.problems.map(tellProblem).join('\n')];
  throw cliError('usage', `SLUICE_SECRETS has ${count === 1 ? 'a mistake' : `${count} mistakes`}:\n${problems}`);
}

/** Reads who may have which secret, once; null: nothing was named. Throws `usage` with every mistake of the file. */
export async function openJobSecrets(
  {
    server,
    userEnvironment,
  }: Pick<Machine, 'userEnvironment'> & { readonly server: Pick<Machine['server'], 'secrets'> },
  log: Log,
): Promise<JobSecrets | null> {
  const { secrets: file } = server;
  if (file === null) return null;
  return createJobSecrets(await rulesIn(file), { folder: dirname(file), environment: userEnvironment, log });
}
