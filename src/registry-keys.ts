import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { cliError } from './cli/exit-codes.ts';
import { parseRegistries } from './config/registries/parse-registries.ts';
import { chooseCredential } from './core/registry/choose-credential.ts';
import { narrowDockerConfig } from './core/registry/narrow-config.ts';
import type { Machine } from './machine.ts';
import type { ConfigProblem } from './model/config.ts';
import { RegistryTrouble } from './model/registry.ts';
import type { KnownRegistry, RegistryRule, RegistrySource } from './model/registry-rule.ts';
import type { Log } from './ports/log.ts';
import type { RegistryKeys } from './ports/registry-keys.ts';

/** Where credentials are read from, each time one is used. */
export interface KeySources {
  /** Against which relative paths of files count. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `config.json` of a Kubernetes secret in our own namespace. */
  readonly readSecret: (name: string) => Promise<string>;
  readonly log: Pick<Log, 'warn'>;
}

/** The operator's credentials and who may use them: from the rules the decision, from the sources what is secret. */
export function createRegistryKeys(rules: readonly RegistryRule[], sources: KeySources): RegistryKeys {
  const fileAt = (path: string): Promise<string> => readFile(resolve(sources.folder, path), 'utf8');
  return {
    whyNot(repository, caller) {
      const choice = chooseCredential(rules, repository, caller);
      return choice.kind === 'none' ? choice.because : null;
    },
    async filesFor(repository, caller) {
      const choice = chooseCredential(rules, repository, caller);
      if (choice.kind === 'none') throw new RegistryTrouble('denied', choice.because);
      const { host, from, ca } = choice.rule;
      try {
        const config = await readConfig(from, repository, host, sources, fileAt);
        return { 'config.json': config, ...(ca === null ? {} : { 'ca.crt': await fileAt(ca) }) };
      } catch (cause) {
        // Where it lies is told to the operator alone.
        sources.log.warn({ err: cause, registry: host, source: nameOf(from) }, 'credential of a registry not readable');
        const because = `the credential for ${host} cannot be read now; why is in the log of this server`;
        throw new RegistryTrouble('denied', because);
      }
    },
  };
}

function nameOf(from: RegistrySource): string {
  if (from.kind === 'file') return from.path;
  return from.kind === 'secret' ? `secret ${from.name}` : from.kind;
}

async function readConfig(
  from: RegistrySource,
  repository: string,
  host: string,
  { environment, readSecret }: KeySources,
  fileAt: (path: string) => Promise<string>,
): Promise<string> {
  if (from.kind === 'anonymous') return JSON.stringify({ auths: {} });
  if (from.kind === 'env') return JSON.stringify({ auths: { [host]: { auth: loginOf(from, environment) } } });
  const text = from.kind === 'file' ? await fileAt(from.path) : await readSecret(from.name);
  const outcome = narrowDockerConfig(text, repository);
  if (outcome.kind === 'narrowed') return outcome.config;
  throw new Error(outcome.because);
}

function loginOf(
  { user, password }: Extract<RegistrySource, { kind: 'env' }>,
  environment: KeySources['environment'],
): string {
  const values = [user, password].map((name) => {
    const value = environment[name];
    if (!value) throw new Error(`the variable ${name} is not set`);
    return value;
  });
  if (values[0]?.includes(':')) throw new Error(`the variable ${user} has a colon, which no name of an account has`);
  return Buffer.from(values.join(':')).toString('base64');
}

/** One line each, without the line of the file: what stands there may be a secret that was written in the wrong place. */
export function tellProblem({ file, line, column, path, message, hint }: ConfigProblem): string {
  const where = path === '' ? '' : ` (${path})`;
  return `${file}:${line}:${column}: ${message}${where}${hint === null ? '' : `: ${hint}`}`;
}

/** Credentials for registries as SLUICE_REGISTRIES names them. */
export interface OpenedRegistries {
  readonly keys: RegistryKeys;
  /** Hosts that are spoken to without TLS. */
  readonly insecureHosts: readonly string[];
  /** What the registries of these hosts are, where their names do not tell. */
  readonly known: Readonly<Record<string, KnownRegistry>>;
}

async function rulesIn(file: string): Promise<readonly RegistryRule[]> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw cliError('usage', `SLUICE_REGISTRIES names ${file}, which cannot be read (${cause.code})`, cause);
  });
  const reading = parseRegistries(text, file);
  if (reading.kind === 'rules') return reading.rules;
  const [count, problems] = [reading.problems.length, reading.problems.map(tellProblem).join('\n')];
  throw cliError('usage', `SLUICE_REGISTRIES has ${count === 1 ? 'a mistake' : `${count} mistakes`}:\n${problems}`);
}

/** What of a machine it takes to open them. */
type RegistriesPlace = Pick<Machine, 'userEnvironment' | 'kubeconfig'> & {
  readonly server: Pick<Machine['server'], 'registries'>;
};

/** Reads who may use what, once; null: nothing was named. Throws `usage` with every mistake of the file. */
export async function openRegistries(machine: RegistriesPlace, log: Log): Promise<OpenedRegistries | null> {
  const { registries: file } = machine.server;
  if (file === null) return null;
  const rules = await rulesIn(file);
  const access = rules.some(({ from }) => from.kind === 'secret') ? await clusterOf(machine, file) : null;
  const keys = createRegistryKeys(rules, {
    folder: dirname(file),
    environment: machine.userEnvironment,
    readSecret: access ?? (() => Promise.reject(new Error('no cluster is named'))),
    log,
  });
  const known = Object.fromEntries(rules.flatMap((rule) => (rule.known === null ? [] : [[rule.host, rule.known]])));
  return { keys, insecureHosts: rules.filter(({ insecure }) => insecure).map(({ host }) => host), known };
}

async function clusterOf(machine: RegistriesPlace, file: string): Promise<KeySources['readSecret']> {
  const { openKubeconfig } = await import('./adapters/kubernetes/cluster-access.ts');
  const { readRegistrySecret } = await import('./adapters/kubernetes/registry-secret.ts');
  try {
    const access = openKubeconfig({ files: machine.kubeconfig, context: null });
    return (name) => readRegistrySecret(access, name);
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw cliError('usage', `${file} reads credentials from secrets of a cluster, and ${words}`, cause);
  }
}
