import { type AppFile, refuseSecondApp, writeAppFile } from './app-file.ts';
import type { CliDeps } from './deps.ts';
import { cliError, isCliError } from './exit-codes.ts';
import { openManifestPage } from './manifest-page.ts';

export interface SetupOptions {
  /** Web address of GitHub, GitHub Enterprise Server or the stand-in. */
  readonly github: string;
  /** Null: the App belongs to the person. */
  readonly organisation: string | null;
  readonly publicUrl: string | null;
  readonly name: string;
  /** Folder for the App file. */
  readonly out: string;
}

export interface RegistrationInProgress {
  /** The page that the person opens. */
  readonly url: string;
  /** The App once it is registered and its file written; rejects with a `cliError` when interrupted. */
  readonly registered: Promise<{ readonly file: string; readonly app: AppFile }>;
}

type RegistrationDeps = Pick<CliDeps, 'manifestFor' | 'creationUrl' | 'exchangeCode'> & {
  readonly io: Pick<CliDeps['io'], 'newToken' | 'interrupted'>;
};

/**
 * GitHub's manifest flow: a page here posts the manifest, GitHub sends the person back with a code, the code is traded
 * for the App's credentials. Refuses to start where an App file is; a code that does not work can be followed by another.
 */
export async function registerApp(options: SetupOptions, deps: RegistrationDeps): Promise<RegistrationInProgress> {
  await refuseSecondApp(options.out);
  const { github, organisation, publicUrl, name, out } = options;
  const webhookUrl = publicUrl === null ? null : `${publicUrl}/api/github/webhooks`;
  const { promise, resolve, reject } = Promise.withResolvers<{ file: string; app: AppFile }>();
  const state = deps.io.newToken();
  const page = await openManifestPage({
    action: deps.creationUrl(github, organisation, state),
    state,
    manifest: (redirectUrl) => deps.manifestFor({ name, redirectUrl, url: publicUrl ?? github, webhookUrl }),
    onCode: async (code) => {
      const registered = await exchange(github, code, deps);
      const app: AppFile = { schema: 1, github, publicUrl, ...registered };
      const written = writeAppFile(out, app).then((file) => ({ file, app }));
      resolve(written);
      await written;
      return `The App ${app.slug} is registered. Go on in the terminal; this page can be closed.`;
    },
  });
  const stop = () => reject(cliError('failed', 'interrupted before the App was registered'));
  deps.io.interrupted.addEventListener('abort', stop, { once: true });
  if (deps.io.interrupted.aborted) stop();
  return { url: page.url, registered: promise.finally(page.close) };
}

async function exchange(github: string, code: string, deps: RegistrationDeps) {
  if (!/^[\w-]{1,200}$/.test(code)) throw cliError('failed', 'GitHub sent no usable code; start again from the page');
  try {
    return await deps.exchangeCode(github, code);
  } catch (error) {
    if (isCliError(error)) throw error;
    throw cliError('unreachable', `${github} did not give the App for the code; start again from the page`, error);
  }
}
