import type { AppCredentials } from './app-credentials.ts';
import type { Clock } from './ports/clock.ts';
import type { Log } from './ports/log.ts';

/** How long after a change the new webhook secrets count at the latest. */
export const secretsAgeMs = 10_000;

export interface SecretKeeping {
  /** Reads the App's credentials as they stand now. */
  readonly read: () => Promise<AppCredentials>;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the reading. */
  readonly signal: AbortSignal;
}

/**
 * The webhook secrets that count now, read anew again and again, so that a rotation needs no restart. What cannot be read,
 * or is another App's, changes nothing.
 */
export function keepSecrets(first: AppCredentials, keeping: SecretKeeping): () => readonly string[] {
  let current = first.webhookSecrets;
  const readAnew = async (): Promise<void> => {
    const { appId, webhookSecrets } = await keeping.read();
    if (appId !== first.appId)
      throw new Error(`the file is of App ${appId} now, and this server is App ${first.appId}`);
    if (JSON.stringify(webhookSecrets) === JSON.stringify(current)) return;
    current = webhookSecrets;
    keeping.log.info({ secrets: current.length }, 'webhook secrets changed');
  };
  const keep = async (): Promise<void> => {
    for (;;) {
      await keeping.clock.sleep(secretsAgeMs, keeping.signal);
      if (keeping.signal.aborted) return;
      await readAnew().catch((cause: unknown) => keeping.log.warn({ err: cause }, 'webhook secrets not read anew'));
    }
  };
  void keep();
  return () => current;
}
