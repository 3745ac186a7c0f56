import type { BuildId } from '../model/build.ts';

/** Build logs, kept after the pod is gone. What is written is masked and capped already. */
export interface LogStore {
  /** Starts a log from empty, dropping an earlier one of this Build. */
  begin(build: BuildId): Promise<LogWriter>;
  /** Text from `offset` bytes on, and whether more may come; null when there is no such log. */
  read(
    build: BuildId,
    offset: number,
  ): Promise<{ readonly text: string; readonly next: number; readonly ended: boolean } | null>;
  /** The last `bytes` bytes, from the start of a line; empty when there is none. */
  tail(build: BuildId, bytes: number): Promise<string>;
}

export interface LogWriter {
  write(text: string): Promise<void>;
  /** No more will come. */
  end(): Promise<void>;
  /** Lets go of it as it is, without an end: somebody will begin it anew. */
  leave(): Promise<void>;
}
