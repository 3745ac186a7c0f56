import { describe, expect, it } from 'vitest';
import { judgeEntry } from '../../../../src/core/gate/entry/judge-entry.ts';
import { isHeld } from '../../../../src/core/gate/entry/judge-request.ts';
import { people, rights, unreadable } from '../../../fakes/model-data.ts';
import { bothStages, head, olderHead, question, request, settings, texts, view } from './entry-fixture.ts';

describe('a change that is asked for', () => {
  it.each`
    what                               | over                                                                                      | entering                 | queued
    ${'with nothing else demanded'}    | ${{}}                                                                                     | ${'ready'}               | ${'ready'}
    ${'but closed'}                    | ${{ view: view({}, { state: 'closed' }) }}                                                | ${'vetoed closed'}       | ${'vetoed closed'}
    ${'but merged'}                    | ${{ view: view({}, { state: 'merged' }) }}                                                | ${'vetoed merged'}       | ${'vetoed merged'}
    ${'but retargeted'}                | ${{ view: view({}, { baseRef: 'next' }) }}                                                | ${'missing retargeted'}  | ${'vetoed retargeted'}
    ${'but a draft'}                   | ${{ view: view({}, { draft: true }) }}                                                    | ${'missing draft'}       | ${'vetoed draft'}
    ${'at another head'}               | ${{ request: request({ head: olderHead }) }}                                              | ${'vetoed head-moved'}   | ${'vetoed head-moved'}
    ${'no more'}                       | ${{ request: null }}                                                                      | ${'missing not-asked'}   | ${'vetoed not-asked'}
    ${'by an administrator'}           | ${{ rights: rights('admin') }}                                                            | ${'ready'}               | ${'ready'}
    ${'by a maintainer'}               | ${{ rights: rights('maintain') }}                                                         | ${'ready'}               | ${'ready'}
    ${'by somebody who may triage'}    | ${{ rights: rights('triage') }}                                                           | ${'missing requester'}   | ${'vetoed requester'}
    ${'by a member who may only read'} | ${{ rights: rights('read', true) }}                                                       | ${'missing requester'}   | ${'vetoed requester'}
    ${'by a stranger'}                 | ${{ rights: rights('none') }}                                                             | ${'missing requester'}   | ${'vetoed requester'}
    ${'with rights nobody can read'}   | ${{ rights: unreadable }}                                                                 | ${'missing requester+'}  | ${'missing requester+'}
    ${'and held'}                      | ${{ held: true }}                                                                         | ${'missing held+'}       | ${'missing held+'}
    ${'with auto-merge on a push'}     | ${{ view: view({ autoMerge: true }) }}                                                    | ${'ready'}               | ${'ready'}
    ${'with auto-merge on a merge'}    | ${{ view: view({ autoMerge: true }), settings: settings({ landing: 'merge-endpoint' }) }} | ${'missing auto-merge+'} | ${'missing auto-merge+'}
    ${'as a held draft'}               | ${{ view: view({}, { draft: true }), held: true }}                                        | ${'missing draft held+'} | ${'vetoed draft held+'}
    ${'as a closed draft'}             | ${{ view: view({}, { state: 'closed', draft: true }) }}                                   | ${'vetoed closed draft'} | ${'vetoed closed draft'}
  `('$what: $entering; in the queue $queued', ({ over, entering, queued }) => {
    expect(bothStages(over)).toEqual({ entering, queued });
  });

  it('that nobody asks for is told the whole command', () => {
    expect(texts({ request: null })).toBe(
      `Nobody asks for the landing of this head. Somebody who may merge can write \`/gate ${head}\`.`,
    );
  });

  it('whose head moved is told both heads', () => {
    const text = texts({ request: request({ head: olderHead }) });
    expect(text).toContain(olderHead);
    expect(text).toContain(`/gate ${head}`);
  });

  it('is taken out for the first reason of the list, and every other one is named too', () => {
    const judgement = judgeEntry(
      question({ view: view({}, { draft: true, baseRef: 'next' }), request: null, stage: 'queued', held: true }),
    );
    expect(judgement).toMatchObject({
      kind: 'vetoed',
      because: expect.stringContaining('`next`'),
      missing: [{ what: 'retargeted' }, { what: 'not-asked' }, { what: 'draft' }, { what: 'held' }],
    });
  });

  it('that is ready says why, with who asked', () => {
    expect(texts({})).toBe(
      [
        'It is open and goes to `main`.',
        `It was asked for at exactly this head, \`${head}\`.`,
        '`boss` asked for it and may merge (write).',
        'It is not a draft.',
      ].join('\n'),
    );
  });

  it('by somebody who lost permission is told whom to turn to', () => {
    expect(texts({ request: request({ by: people.mia }), rights: rights('none') })).toBe(
      '`mia`, who asked for it, has no permission here. Somebody with write permission can ask with `/gate`.',
    );
  });
});

it.each`
  labels                    | held
  ${[]}                     | ${false}
  ${['sluice/hold']}        | ${true}
  ${['bug', 'Sluice/Hold']} | ${true}
  ${['sluice/holdover']}    | ${false}
  ${['hold']}               | ${false}
`('labels $labels: held is $held', ({ labels, held }) => {
  expect(isHeld(labels)).toBe(held);
});
