import type { LogStore } from '../../src/ports/logs.ts';
import type { Calls } from './calls.ts';
import type { Process } from './sim.ts';

export type LogFiles = Map<string, { text: string; ended: boolean }>;

/** Logs on a disk that outlives the processes. */
export function logPort(calls: Calls, files: LogFiles, process: Process): LogStore {
  return {
    begin: (build) =>
      calls.call(process, 'logs.begin', () => {
        const file = { text: '', ended: false };
        files.set(build, file);
        return {
          write: (text: string) =>
            calls.call(process, 'logs.write', () => {
              file.text += text;
            }),
          end: () =>
            calls.call(process, 'logs.end', () => {
              file.ended = true;
            }),
          leave: async () => undefined,
        };
      }),
    read: (build, offset) =>
      calls.call(process, 'logs.read', () => {
        const file = files.get(build);
        return file ? { text: file.text.slice(offset), next: file.text.length, ended: file.ended } : null;
      }),
    tail: (build, bytes) => calls.call(process, 'logs.tail', () => (files.get(build)?.text ?? '').slice(-bytes)),
  };
}
