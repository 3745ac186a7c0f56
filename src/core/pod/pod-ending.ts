import type { ObservedContainer } from '../../model/pod.ts';
import type { PodJudgement } from '../presubmit/judgement.ts';
import { plainLog } from '../text/clean-log.ts';
import { inlineCode } from '../text/safe-markdown.ts';

/** How a pod ended, without its times. */
export type Ending = Omit<Extract<PodJudgement, { kind: 'ended' }>, 'kind' | 'startedAt' | 'finishedAt'>;

export interface Terminated {
  readonly name: string;
  readonly state: Extract<ObservedContainer['state'], { kind: 'terminated' }>;
}

/** Not the change's fault: another attempt may do better, unless `retry` says that it would end the same way. */
export function ourFault(because: string, retry = true): Ending {
  return { result: 'error', because, retry, image: null };
}

export function changesFault(because: string): Ending {
  return { result: 'failure', because, retry: false, image: null };
}

/** `: ` and the words of a runtime or a log, one line of at most 300 characters, harmless in markdown; empty for none. */
export function quoted(words: string | null): string {
  const line = plainLog(words ?? '')
    .replace(/\s+/g, ' ')
    .trim();
  if (line === '') return '';
  return `: ${inlineCode(line.length > 300 ? `${line.slice(0, 299).replace(/[\ud800-\udbff]$/, '')}…` : line)}`;
}
