import type { PoolSettings } from '../../model/order.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Executor } from '../../ports/executor.ts';
import type { Log } from '../../ports/log.ts';
import type { ExecutorRecipe } from './executor-recipe.ts';

/** What a Sluice is started with, as plain data. */
export interface SluiceWishes {
  readonly redis: string;
  /** Before every key, so that a Redis that others use as well is left as it was. */
  readonly prefix: string;
  readonly data: string;
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  readonly pool: PoolSettings;
  /** The file of credentials for registries. */
  readonly registries: string;
  /** Signs addresses of logs: they stay good where it stays the same. */
  readonly logKey: string;
  readonly github: {
    readonly appId: number;
    readonly privateKey: string;
    readonly webhookSecret: string;
    readonly apiUrl: string;
  };
}

/** What a process of its own is told. */
export interface ServedWishes extends SluiceWishes {
  readonly executor: ExecutorRecipe;
  readonly logFile: string;
}

/** What the demo asks of the process that is being shown; `main` hands in how it is started. */
export interface SluicePort {
  /** Within this process. */
  start(options: SluiceWishes & { readonly executor: Executor; readonly log: Log }): Promise<RunningSluice>;
  /** As a process of its own, which ends with this one. */
  serve(wishes: ServedWishes): Promise<ServedSluice>;
}

export interface ServedSluice {
  readonly pid: number;
  readonly url: string;
  /** With SIGKILL; resolves when it is gone, also when it was gone before. */
  kill(): Promise<void>;
}

export interface RunningSluice {
  readonly url: string;
  /** Reads every repository anew, as it does by itself every ten minutes. */
  resync(): Promise<void>;
  /** Again changes nothing. */
  close(): Promise<void>;
}

export interface DemoDeps {
  readonly sluice: SluicePort;
  readonly clock: Clock;
  /** A Redis that is to be used; null: a private one is started. */
  readonly redisUrl: string | null;
  /** Kubeconfig files of the cluster that `--executor kubernetes` means; null: where clients look otherwise. */
  readonly kubeconfig: string | null;
  /** PATH of the machine. */
  readonly path: string;
  /** Images that are kept between demos: `~/.cache/sluice`. */
  readonly cache: string;
  /** Archives of kaniko and busybox, as `test/cluster/cluster build kaniko` leaves them. */
  readonly archives: string;
  readonly jobsFolder: string;
  readonly appYml: string;
  readonly root: boolean;
  /** Where a person sits: colours and spinners. */
  readonly terminal: boolean;
  readonly out: (text: string) => void;
  readonly interrupted: AbortSignal;
  readonly newToken: () => string;
}
