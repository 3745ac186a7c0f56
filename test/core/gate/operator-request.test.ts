import { expect, it } from 'vitest';
import { type QueueFacts, rightsKey } from '../../../src/core/gate/facts.ts';
import { judgeChange } from '../../../src/core/gate/judge-change.ts';
import type { GateSettings } from '../../../src/model/gate-settings.ts';
import type { GateView } from '../../../src/model/gate-view.ts';
import type { Person } from '../../../src/model/person.ts';
import { type AskedChange, branchKeyOf, type QueueRecord } from '../../../src/model/queue.ts';
import { aProject, rights, unreadable } from '../../fakes/model-data.ts';
import { request, settings, view } from './entry/entry-fixture.ts';

const project = aProject();
const key = branchKeyOf(project.id, 'main');
const nobody: Person = { id: 0, login: 'root', kind: 'user' };

const record: QueueRecord = {
  schema: 1,
  branches: [{ key, project, branch: 'main', tip: null, ledger: null, landed: [] }],
  window: 20,
  frozen: null,
  items: [],
  asked: [],
  landing: null,
  wish: null,
  stopping: [],
  leaving: [],
};

interface Asked {
  readonly by: Person;
  readonly permission: string;
  readonly view?: GateView;
  readonly settings?: Partial<GateSettings>;
}

function judge(asked: Asked, stage: 'entering' | 'queued' = 'entering'): string {
  const change: AskedChange = {
    number: 5,
    branch: key,
    request: request({ by: asked.by, permission: asked.permission }),
    overrides: [],
    view: asked.view ?? view(),
    seenAt: 0,
    lane: 'normal',
    entry: 1,
  };
  const branch = {
    reading: null,
    standing: new Set<number>(),
    rules: { rules: [] },
    settings: settings(asked.settings),
  };
  // The forge was asked about the operator's login as about anybody's, and knows nobody of it; `mallory` may only read.
  const known = new Map([
    [rightsKey(key, { id: 0 }), unreadable],
    [rightsKey(key, { id: 13 }), rights('read')],
  ]);
  const facts = { now: 1, app: 77, branches: new Map([[key, branch]]), rights: known, elsewhere: new Map() };
  const draft = {
    record,
    effects: [],
    reasons: [],
    wants: { candidates: [], trees: [], roots: [], differences: [], views: [], indexes: [], looks: [], tags: [] },
  };
  const judged = judgeChange(draft, facts as unknown as QueueFacts, change, stage);
  return judged.kind === 'missing' ? judged.missing.map(({ what }) => what).join(' ') : judged.kind;
}

it.each(['entering', 'queued'] as const)("an operator's request needs no rights on the forge while %s", (stage) => {
  expect(judge({ by: nobody, permission: 'operator' }, stage)).toBe('ready');
});

it.each`
  missing        | asked
  ${'draft'}     | ${{ view: view({}, { draft: true }) }}
  ${'approvals'} | ${{ settings: { approvals: 1 } }}
  ${'held'}      | ${{ view: view({}, { labels: ['sluice/hold'] }) }}
`("$missing is missing for an operator's request as for any other", ({ missing, asked }) => {
  expect(judge({ by: nobody, permission: 'operator', ...asked })).toBe(missing);
});

it.each`
  by                                            | permission    | why
  ${{ id: 13, login: 'mallory', kind: 'user' }} | ${'operator'} | ${'an account of the forge is judged by its rights there'}
  ${{ id: 9, login: 'somebody', kind: 'user' }} | ${'operator'} | ${'an account whose rights were not read is no operator'}
  ${nobody}                                     | ${'admin'}    | ${'a request without an account needs that permission'}
`('$why', ({ by, permission }) => {
  expect(judge({ by, permission })).toBe('requester');
});
