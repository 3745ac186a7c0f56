import type { SluiceOptions } from '../../src/start-sluice.ts';

/** What `worker-process.ts` is told by its first argument, as JSON. */
export interface WorkerSettings extends Pick<SluiceOptions, 'redis' | 'data' | 'worker' | 'limits'> {
  /** How far its clock is ahead of the machine's, ms; left out: not at all. */
  readonly ahead?: number;
  /** File of credentials for registries, as SLUICE_REGISTRIES names it; left out: none is written to. */
  readonly registries?: string;
  /** Left out: those of a server. */
  readonly reporter?: SluiceOptions['reporter'];
  readonly github: { readonly appId: number; readonly privateKey: string; readonly apiUrl: string };
}
