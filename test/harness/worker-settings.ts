import type { SluiceOptions } from '../../src/start-sluice.ts';

/** What `worker-process.ts` is told by its first argument, as JSON. */
export interface WorkerSettings extends Pick<SluiceOptions, 'redis' | 'data' | 'worker' | 'limits'> {
  readonly github: { readonly appId: number; readonly privateKey: string; readonly apiUrl: string };
}
