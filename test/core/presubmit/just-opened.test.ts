import { describe, expect, it } from 'vitest';
import { justOpened } from '../../../src/core/presubmit/just-opened.ts';
import { emptyRecord } from '../../../src/core/presubmit/take-facts.ts';
import type { ForgeEvent } from '../../../src/model/forge-event.ts';
import type { PullRequest } from '../../../src/model/pull-request.ts';
import { aProject, aPullRequest, people } from '../../fakes/model-data.ts';

const second = 1_000;
const now = 1_800_000_000_000;
const project = aProject();
const pull = aPullRequest({ createdAt: now - 3 * second, updatedAt: now - 3 * second });

function opening(over: Partial<ForgeEvent> = {}, opened: Partial<PullRequest> | null = {}): ForgeEvent {
  const told = opened === null ? {} : { opened: { ...pull, ...opened } };
  return {
    delivery: 'd-1',
    name: 'pull_request.opened',
    installation: 7,
    repository: { id: project.id, owner: 'acme', name: 'api' },
    sender: people.ada,
    receivedAt: now - second,
    detail: { kind: 'pull-request', number: pull.number, head: pull.head, ...told },
    ...over,
  };
}

const fresh = emptyRecord(project, pull.number);

describe('an opening stands for an answer of the forge', () => {
  it('when it is fresh, the first we hear of it, and our state is older than it', () => {
    expect(justOpened(fresh, [opening()], now, now - 60 * second)).toEqual(pull);
  });

  it.each`
    not                                           | record                       | inbox                                                                             | since
    ${'when something is known of it already'}    | ${{ ...fresh, pull }}        | ${[opening()]}                                                                    | ${60}
    ${'when it is another one'}                   | ${{ ...fresh, number: 999 }} | ${[opening()]}                                                                    | ${60}
    ${'when something else was told as well'}     | ${fresh}                     | ${[opening(), opening({ delivery: 'd-2' })]}                                      | ${60}
    ${'when nothing was told'}                    | ${fresh}                     | ${[]}                                                                             | ${60}
    ${'when the event holds no opening'}          | ${fresh}                     | ${[opening({}, null)]}                                                            | ${60}
    ${'when it was delivered long after (again)'} | ${fresh}                     | ${[opening({}, { createdAt: now - 40 * second })]}                                | ${600}
    ${'when the clocks are too far apart'}        | ${fresh}                     | ${[opening({}, { createdAt: now + 40 * second })]}                                | ${600}
    ${'when it waited too long'}                  | ${fresh}                     | ${[opening({ receivedAt: now - 20 * second }, { createdAt: now - 21 * second })]} | ${600}
    ${'when our state may have been lost since'}  | ${fresh}                     | ${[opening()]}                                                                    | ${17}
    ${'when it is not open'}                      | ${fresh}                     | ${[opening({}, { state: 'closed' })]}                                             | ${60}
  `('not $not', ({ record, inbox, since }) => {
    expect(justOpened(record, inbox, now, now - since * second)).toBeNull();
  });
});
