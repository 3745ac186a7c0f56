import { type ProgramCall, type ProgramResult, runProgram } from './run-program.ts';
import { exitCodes, StepFailure } from './step-failure.ts';

/** Runs git on the checkout's repository. */
export type Git = (args: readonly string[], call?: GitCall) => Promise<ProgramResult>;

export interface GitCall extends Pick<ProgramCall, 'input' | 'signal'> {
  /** Folder into which files are written; absent: the repository counts as bare. */
  readonly workTree?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** No configuration but this, no hooks, no filters, no helpers, no transport but HTTP(S), no other host (intake A17, A18). */
const settings: Readonly<Record<string, string>> = {
  'protocol.allow': 'never',
  'protocol.http.allow': 'always',
  'protocol.https.allow': 'always',
  'http.followRedirects': 'false',
  'http.lowSpeedLimit': '1000',
  'http.lowSpeedTime': '60',
  'credential.helper': '',
  'core.hooksPath': '/dev/null',
  'core.attributesFile': '/dev/null',
  'core.fsmonitor': 'false',
  'core.symlinks': 'true',
  'submodule.recurse': 'false',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  // One pack for each fetch, whose size can be watched.
  'fetch.unpackLimit': '1',
  // The volume may belong to root, the repository in it is ours.
  'safe.directory': '*',
};

/** What the operator's image may set for git; nothing of a repository reaches this environment. */
const handedOn = [
  'PATH',
  'GIT_SSL_CAINFO',
  'HTTPS_PROXY',
  'https_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'NO_PROXY',
  'no_proxy',
];

export function createGit(gitDir: string, environment: Readonly<Record<string, string | undefined>>): Git {
  const machine = handedOn.flatMap((name) =>
    environment[name] === undefined ? [] : [[name, environment[name]] as const],
  );
  return (args, call = {}) => {
    const env = {
      ...Object.fromEntries(machine),
      HOME: '/nonexistent',
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      GIT_LITERAL_PATHSPECS: '1',
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_DIR: gitDir,
      ...(call.workTree === undefined ? {} : { GIT_WORK_TREE: call.workTree }),
      ...configVariables(Object.entries(settings), 0),
      ...call.env,
    };
    const { input, signal, workTree } = call;
    return runProgram('git', args, {
      env,
      ...(workTree === undefined ? {} : { cwd: workTree }),
      ...(input === undefined ? {} : { input }),
      ...(signal === undefined ? {} : { signal }),
    });
  };
}

function configVariables(entries: readonly (readonly [string, string])[], start: number): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(start + entries.length) };
  for (const [index, [key, value]] of entries.entries()) {
    variables[`GIT_CONFIG_KEY_${start + index}`] = key;
    variables[`GIT_CONFIG_VALUE_${start + index}`] = value;
  }
  return variables;
}

/** Lets one call authenticate at this URL's origin and nowhere else; never in an argument or a file. */
export function credential(url: URL, token: string | null): Record<string, string> {
  if (token === null) return {};
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  const header = [`http.${url.origin}/.extraHeader`, `Authorization: Basic ${basic}`] as const;
  return configVariables([header], Object.keys(settings).length);
}

/** The output of a git command that has no business failing. */
export async function demandGit(git: Git, args: readonly string[], call?: GitCall): Promise<Buffer> {
  const { code, stdout, stderr } = await git(args, call);
  if (code !== 0) throw new StepFailure(exitCodes.badInput, `git ${args[0]} ended with ${code}: ${lastWords(stderr)}`);
  return stdout;
}

export function lastWords(stderr: string): string {
  return stderr.trim().split('\n').slice(-3).join('; ').slice(-500);
}
