import { cleanLog } from '../core/text/clean-log.ts';
import { createMasker } from '../core/text/mask-secrets.ts';
import { type BuildId, toBuildId } from '../model/build.ts';
import type { Executor, LogChunk, PodSecrets } from '../ports/executor.ts';

/** Far more than run at once; beyond it the oldest are forgotten, which nobody followed to their end. */
const mostBuilds = 10_000;
/** What is shorter cannot be masked: that would show where it stands. */
const shortest = 8;

/**
 * The same executor, whose output is clean text in which nothing of what a pod was given to keep secret comes out, whichever
 * container prints it (intake A24, A45). What a pod was given is known to the process that started it.
 */
export function hideSecrets(executor: Executor): Executor {
  const given = new Map<BuildId, ReadonlySet<string>>();
  const remember = (build: BuildId, secrets: PodSecrets): void => {
    const texts = Object.values(secrets).flatMap((files) => Object.entries(files).flatMap(textsIn));
    if (texts.length === 0) return;
    given.set(build, new Set([...(given.get(build) ?? []), ...texts]));
    const [oldest] = given.keys();
    if (given.size > mostBuilds && oldest !== undefined) given.delete(oldest);
  };
  return {
    kind: executor.kind,
    builders: executor.builders,
    start(manifest, secrets) {
      // Before it is started: it may write at once.
      remember(toBuildId(manifest.metadata.name), secrets);
      return executor.start(manifest, secrets);
    },
    list: () => executor.list(),
    ...(executor.listSeen === undefined ? {} : { listSeen: executor.listSeen }),
    observe: (build) => executor.observe(build),
    stop: (build) => executor.stop(build),
    async remove(build) {
      await executor.remove(build);
      given.delete(build);
    },
    async follow(build, onChunk, signal) {
      const masking = maskChunks([...(given.get(build) ?? [])], onChunk);
      await executor.follow(build, masking.take, signal);
      masking.end();
    },
    watch: (onChange) => executor.watch(onChange),
  };
}

/** Hands cleaned and masked pieces on; what is held back of one container is told before the next one's. */
function maskChunks(secrets: readonly string[], onChunk: (chunk: LogChunk) => void) {
  const masker = createMasker(secrets);
  let container = '';
  const end = (): void => {
    const text = masker.flush();
    if (text !== '') onChunk({ container, text });
  };
  return {
    take(chunk: LogChunk): void {
      if (chunk.container !== container) end();
      container = chunk.container;
      onChunk({ container, text: masker.push(cleanLog(chunk.text)) });
    },
    end,
  };
}

/** The file of a token is the token; of a registry's file only logins are secret, and certificates are public. */
function textsIn([file, text]: readonly [string, string]): string[] {
  if (file === 'ca.crt') return [];
  const texts = file === 'config.json' ? loginsIn(text) : [text];
  return texts.filter((each) => each.trim().length >= shortest);
}

/** What is no file of logins is a secret as a whole: it must keep no pod from starting. */
function loginsIn(text: string): string[] {
  let auths: Readonly<Record<string, object>>;
  try {
    ({ auths = {} } = JSON.parse(text) as { readonly auths?: Readonly<Record<string, object>> });
  } catch {
    return [text];
  }
  return Object.values(auths).flatMap((login) =>
    Object.entries(login).flatMap(([key, value]: [string, unknown]) => {
      if (typeof value !== 'string' || key === 'username' || key === 'email') return [];
      return key === 'auth' ? [value, passwordIn(value)] : [value];
    }),
  );
}

function passwordIn(auth: string): string {
  const login = Buffer.from(auth, 'base64').toString();
  return login.slice(login.indexOf(':') + 1);
}
