import type { IsolationNote, IsolationSettings, IsolationStanding } from '../../model/isolation.ts';
import { inlineCode } from '../text/safe-markdown.ts';
import { judgeIsolation } from './judge-isolation.ts';

function namesOf(names: readonly string[]): string {
  return names.map(inlineCode).join(', ');
}

function minute(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

const wayOut =
  'An approval of exactly this head, as `/ok-to-test` with its full SHA, has it built before; what is approved or has landed goes on.';

function heldFor(reasons: readonly string[]): IsolationStanding {
  return { kind: 'held', because: [...reasons, wayOut].join(' ') };
}

/**
 * Whether builds of code that nobody approved may start, and what their check runs say of it: off until a canary has passed, and
 * loud about what the operator accepts (issue 8; intake-faults-attacks.md §4).
 */
export function judgeStart(settings: IsolationSettings, note: IsolationNote | null, now: number): IsolationStanding {
  if (settings.kind === 'unproved') return { kind: 'open', said: settings.said };
  const verdict = judgeIsolation(settings, note, now);
  const since = note === null ? '' : `, since ${minute(note.since)}`;
  if (verdict.kind === 'passed') return { kind: 'open', said: acceptedWords(settings.accepted) };
  if (verdict.kind === 'failed') {
    const reached = verdict.reached.map(({ name, detail }) => `${inlineCode(name)} (${inlineCode(detail)})`).join(', ');
    const accept = inlineCode(`SLUICE_ISOLATION_ACCEPTED=${verdict.reached.map(({ name }) => name).join(',')}`);
    return heldFor([
      `Code that nobody approved is not built here${since}: a canary, a pod like those of such builds, reached what it must not: ${reached}.`,
      `The operator can have the cluster enforce its network policies, which is then tried again within minutes, or accept what it cannot do by ${accept}, which every such check run then says.`,
    ]);
  }
  return heldFor([
    `Code that nobody approved is not built here until a canary, a pod like those of such builds, has proved that it is shut in${since}.`,
    `Not proved yet: ${inlineCode(verdict.because)}. It is tried again every minute; the operator finds more in the server's log.`,
  ]);
}

function acceptedWords(accepted: readonly string[]): string | null {
  if (accepted.length === 0) return null;
  return `**Not shut in:** the operator accepts that code which nobody approved reaches from this build: ${namesOf(accepted)}.`;
}
