import type { PoolSettings } from '../../model/order.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Executor } from '../../ports/executor.ts';
import type { Log } from '../../ports/log.ts';

/** What the demo asks of the process that is being shown; `main` hands in how it is started. */
export interface SluicePort {
  start(options: {
    readonly redis: string;
    /** Before every key, so that a Redis that others use as well is left as it was. */
    readonly prefix: string;
    readonly data: string;
    readonly host: string;
    readonly executor: Executor;
    readonly pool: PoolSettings;
    readonly github: {
      readonly appId: number;
      readonly privateKey: string;
      readonly webhookSecret: string;
      readonly apiUrl: string;
    };
    readonly log: Log;
  }): Promise<RunningSluice>;
}

export interface RunningSluice {
  readonly url: string;
  /** Reads every repository anew, as it does by itself every ten minutes. */
  resync(): Promise<void>;
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
