/**
 * Nothing of the machine's or the user's configuration, no prompts, no hooks, no filters, no transport but HTTP(S),
 * no redirect to another host (attacks A17, A18).
 */
const settings: Readonly<Record<string, string>> = {
  'protocol.allow': 'never',
  'protocol.http.allow': 'always',
  'protocol.https.allow': 'always',
  'http.followRedirects': 'false',
  'credential.helper': '',
  'core.hooksPath': '/dev/null',
  'core.attributesFile': '/dev/null',
  'core.fsmonitor': 'false',
  // Two processes may store the same ref at once: wait instead of failing.
  'core.filesRefLockTimeout': '10000',
  'core.packedRefsTimeout': '10000',
  'submodule.recurse': 'false',
  'fetch.recurseSubmodules': 'false',
  // Fetched commits are not all held by refs, so nothing may be pruned; `tidyClone` only gathers.
  'gc.auto': '0',
  // Always one pack per fetch, whose size can be watched.
  'fetch.unpackLimit': '1',
  'maintenance.auto': 'false',
};

/** What every git command of ours sees. `machine` holds PATH and, where needed, proxy and CA variables. */
export function gitEnvironment(machine: Readonly<Record<string, string>>): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    ...machine,
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    ...configVariables(Object.entries(settings)),
  };
}

function configVariables(entries: readonly (readonly [string, string])[], start = 0): Record<string, string> {
  const variables: Record<string, string> = { GIT_CONFIG_COUNT: String(start + entries.length) };
  entries.forEach(([key, value], index) => {
    variables[`GIT_CONFIG_KEY_${start + index}`] = key;
    variables[`GIT_CONFIG_VALUE_${start + index}`] = value;
  });
  return variables;
}

/** Lets one command authenticate at this URL's origin, out of sight of its arguments; null: nothing to add. */
export function credentialVariables(url: URL, token: string | null): Record<string, string> {
  if (token === null) return {};
  const entry = [`http.${url.origin}/.extraHeader`, `Authorization: ${basicAuthorization(token)}`] as const;
  return configVariables([entry], Object.keys(settings).length);
}

/** As GitHub takes the token of an installation from git. */
export function basicAuthorization(token: string): string {
  return `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
}

/** Throws on a clone URL that is not plain http(s), or that carries credentials. */
export function toCloneUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new TypeError(`not an http(s) clone URL: ${JSON.stringify(text)}`);
  if (url.username !== '' || url.password !== '') throw new TypeError(`clone URL of ${url.host} carries credentials`);
  return url;
}
