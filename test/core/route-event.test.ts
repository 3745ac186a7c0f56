import { describe, expect, it } from 'vitest';
import { routeEvent } from '../../src/core/route-event.ts';
import type { EventDetail, ForgeEvent } from '../../src/model/forge-event.ts';
import { headTopic } from '../../src/model/topic.ts';
import { people, sha } from '../fakes/model-data.ts';

function event(detail: EventDetail, repository: ForgeEvent['repository'] = { id: 4711, owner: 'acme', name: 'api' }) {
  const name = 'some.event';
  return { delivery: 'd', name, installation: 7, repository, sender: people.ada, receivedAt: 1, detail };
}

function button(numbers: readonly number[]): EventDetail {
  const head = sha('a');
  return { kind: 'check-button', button: 'rerun', head, check: 'unit', externalId: 'x/1', identifier: null, numbers };
}

const asked = { kind: 'find-owner', repository: 4711, head: sha('a'), externalId: 'x/1' };

describe('an event only says which subjects to look at', () => {
  it.each`
    what                               | detail                                                                                        | expected
    ${'a pull request'}                | ${{ kind: 'pull-request', number: 5, head: sha('a') }}                                        | ${{ kind: 'presubmit', repository: 4711, numbers: [5] }}
    ${'a button, the event names two'} | ${button([5, 6])}                                                                             | ${{ ...asked, numbers: [5, 6] }}
    ${'a button on a fork’s head'}     | ${button([])}                                                                                 | ${{ ...asked, numbers: [] }}
    ${'all of a commit again'}         | ${{ ...button([5]), button: 'rerun-all', check: '', externalId: '' }}                         | ${{ ...asked, externalId: null, numbers: [5] }}
    ${'an action of two'}              | ${{ ...button([5, 6]), button: 'action' }}                                                    | ${{ kind: 'presubmit', repository: 4711, numbers: [5, 6] }}
    ${'an action on a fork’s head'}    | ${{ ...button([]), button: 'action' }}                                                        | ${{ kind: 'find-by-head', repository: 4711, head: sha('a') }}
    ${'a button of a release'}         | ${{ ...button([]), check: 'sluice/release/api/v1.2.3' }}                                      | ${{ kind: 'release', repository: 4711, name: 'api/1.2.3' }}
    ${'a button of a plain tag'}       | ${{ ...button([]), check: 'sluice/tag/v1' }}                                                  | ${{ kind: 'release', repository: 4711, name: 'refs/tags/v1' }}
    ${'a word on a tagged commit'}     | ${{ ...button([]), check: 'sluice/tag/v1', externalId: 'sluice-tag-ab/1' }}                   | ${{ kind: 'tags', repository: 4711 }}
    ${'an installation that changed'}  | ${{ kind: 'repositories' }}                                                                   | ${{ kind: 'resync' }}
    ${'something that is not ours'}    | ${{ kind: 'ignored', because: 'not ours' }}                                                   | ${{ kind: 'ignored', because: 'not ours' }}
    ${'a push'}                        | ${{ kind: 'push', ref: 'refs/heads/main', before: sha('a'), after: sha('b'), forced: false }} | ${{ kind: 'branch-moved', repository: 4711, branch: 'main', before: sha('a'), after: sha('b') }}
    ${'a report of another App'}       | ${{ kind: 'head', head: sha('a') }}                                                           | ${{ kind: 'heard', topic: headTopic(4711, sha('a')) }}
    ${'a push of a tag'}               | ${{ kind: 'push', ref: 'refs/tags/v1', before: sha('a'), after: sha('b'), forced: false }}    | ${{ kind: 'tags', repository: 4711 }}
  `('$what', ({ detail, expected }) => {
    expect(routeEvent(event(detail))).toEqual(expected);
  });

  it('reads everything anew for an installation event, which names no repository', () => {
    expect(routeEvent(event({ kind: 'repositories' }, null))).toEqual({ kind: 'resync' });
  });

  it('says so when an event names no repository', () => {
    const detail: EventDetail = { kind: 'pull-request', number: 5, head: null };
    expect(routeEvent(event(detail, null))).toEqual({ kind: 'ignored', because: 'some.event names no repository' });
  });
});
