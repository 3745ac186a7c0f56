import type { BuildId } from '../../src/model/build.ts';
import type { ForgeEvent } from '../../src/model/forge-event.ts';
import type { LineEntry } from '../../src/model/line.ts';
import type { SubjectId } from '../../src/model/subject.ts';
import { subjectIdOf } from '../../src/model/subject.ts';
import type { DocumentStore, Intake, Notes, SaveRequest, WantedLine } from '../../src/ports/store.ts';

/** The four ports over one empty store. */
export interface StorePorts {
  readonly store: DocumentStore;
  readonly line: WantedLine;
  readonly intake: Intake;
  readonly notes: Notes;
}

export type WaitingEntry = Omit<LineEntry, 'subject'>;

export function pullRequest(number: number): SubjectId {
  return subjectIdOf({ kind: 'presubmit', repository: 7, number });
}

export function saveOf(subject: SubjectId, expected: number, rest: Partial<SaveRequest> = {}): SaveRequest {
  const index = { line: [], wakeAt: null, settled: false };
  return { subject, expected, document: { at: expected }, index, decision: null, taken: [], ...rest };
}

/** A save that only changes the line. */
export function lineOf(subject: SubjectId, expected: number, line: readonly WaitingEntry[]): SaveRequest {
  return saveOf(subject, expected, { index: { line, wakeAt: null, settled: false } });
}

export function entry(build: string, rest: Partial<WaitingEntry> = {}): WaitingEntry {
  const place = { pool: 'default', priority: 5, since: 1_700_000_000_123, repository: 123_456_789_012_345, author: 9 };
  return { build: build as BuildId, ...place, state: 'waiting', ...rest };
}

export function event(delivery: string, rest: Partial<ForgeEvent> = {}): ForgeEvent {
  return {
    delivery,
    name: 'pull_request.synchronize',
    installation: 5,
    repository: { id: 7, owner: 'octo', name: 'images' },
    sender: null,
    receivedAt: 1_700_000_000_000,
    detail: { kind: 'pull-request', number: 12, head: null },
    ...rest,
  };
}

/** Hands an event through to these subjects' inboxes. */
export async function deliver({ intake }: StorePorts, told: ForgeEvent, subjects: readonly SubjectId[]): Promise<void> {
  await intake.accept(told);
  for (const taken of await intake.take(100, 50)) await intake.finish(taken.entry, taken.event, subjects);
}
