/** What was started and must be ended, the latest first, also when the bench is interrupted. */
const endings = new Set<() => Promise<unknown>>();

/** Gives a function that ends it, once, whoever asks first. */
export function endLater(end: () => Promise<unknown>): () => Promise<void> {
  let ended: Promise<unknown> | null = null;
  const once = (): Promise<unknown> => {
    ended ??= end().finally(() => endings.delete(once));
    return ended;
  };
  endings.add(once);
  return async () => void (await once());
}

/** Ends what has not ended yet, and waits for what is ending. */
export async function endAll(): Promise<void> {
  for (const end of [...endings].reverse()) {
    try {
      await end();
    } catch (error) {
      process.stderr.write(`could not be ended: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}

/** Ends everything that was started when the bench is told to stop, and when it fails where nobody waits. */
export function endAtAnyEnd(): void {
  process.once('uncaughtException', (error) => {
    process.stderr.write(`bench: ${error.stack ?? error.message}\n`);
    void endAll().then(() => process.exit(1));
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      process.stderr.write('\ninterrupted: ending what was started …\n');
      void endAll().then(() => process.exit(130));
    });
  }
}
