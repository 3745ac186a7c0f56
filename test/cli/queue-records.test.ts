import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDocumentStore } from '../../src/adapters/redis/document-store.ts';
import { createSignals } from '../../src/adapters/redis/signals.ts';
import { auditHere, readReason } from '../../src/audit-queues.ts';
import type { QueueWord } from '../../src/cli/queue-view.ts';
import { tellQueue } from '../../src/command-queue.ts';
import { emptyQueue } from '../../src/core/gate/empty-queue.ts';
import { explainChange } from '../../src/explain-change.ts';
import { listQueues } from '../../src/list-queues.ts';
import type { Machine } from '../../src/machine.ts';
import type { PresubmitRecord } from '../../src/model/presubmit.ts';
import type { Project } from '../../src/model/project.ts';
import type { PullRequest } from '../../src/model/pull-request.ts';
import { branchKeyOf, type QueueItem, type QueueRecord } from '../../src/model/queue.ts';
import { type SubjectId, subjectIdOf } from '../../src/model/subject.ts';
import type { Decision, DocumentStore } from '../../src/ports/store.ts';
import { pointsOf } from '../../src/told-reports.ts';
import { view } from '../core/gate/entry/entry-fixture.ts';
import { aProject, aPullRequest, people, sha } from '../fakes/model-data.ts';
import { keepingLog, startTestRedis, type TestRedis } from '../harness/redis.ts';
import { machineWith } from '../main/local-repository.ts';

const api = aProject();
const web = aProject({ id: 4712, name: 'web' });
let redis: TestRedis;
let documents: DocumentStore;

async function save(subject: SubjectId, document: unknown, decision: Decision | null = null): Promise<void> {
  const { version } = await documents.load(subject);
  const index = { line: [], wakeAt: null, settled: false };
  const request = { subject, expected: version, document, index, decision, taken: [] };
  expect(await documents.save(request)).toBe('saved');
}

async function savePull(project: Project, number: number, over: Partial<PullRequest> | null = {}): Promise<void> {
  const record: PresubmitRecord = {
    schema: 1,
    project,
    number,
    pull: over && aPullRequest({ number, ...over }),
    awake: true,
    change: null,
    retired: [],
    approvals: [],
    comments: { since: 0, handled: [] },
    outbox: [],
  };
  await save(subjectIdOf({ kind: 'presubmit', repository: project.id, number }), record);
}

function queueSubject(project: Project, branch = 'main'): SubjectId {
  return subjectIdOf({ kind: 'queue', repository: project.id, branch });
}

async function saveQueue(project: Project, over: Partial<QueueRecord> = {}, branch = 'main'): Promise<void> {
  const place = { key: branchKeyOf(project.id, branch), project, branch, tip: sha('f'), ledger: null, landed: [] };
  await save(queueSubject(project, branch), { ...emptyQueue([place], 2), ...over });
}

function item(number: number, over: Partial<QueueItem> = {}): QueueItem {
  return {
    number,
    branch: branchKeyOf(api.id, 'main'),
    request: { head: sha('a'), by: people.boss, permission: 'admin', at: 1 },
    overrides: [],
    view: view({}, { number }),
    seenAt: 1,
    lane: 'normal',
    entry: 1,
    message: '',
    enteredAt: 1,
    candidate: null,
    makes: 0,
    parked: null,
    overtaken: 0,
    ...over,
  };
}

const machine = () => machineWith({ REDIS_URL: redis.address });
let tokens = 0;
const tell = (word: QueueWord) => {
  tokens += 1;
  return tellQueue(word, machine(), { newToken: () => `token-${tokens}` });
};
const enqueue = (number: number, repository: string | null = null) => tell({ command: 'enqueue', number, repository });
const freeze = (branch: string | null, reason = '') => tell({ command: 'freeze', branch, repository: null, reason });

beforeAll(async () => {
  redis = await startTestRedis();
  documents = createDocumentStore(redis.open());
  await savePull(api, 5, { title: 'Ash' });
  await savePull(api, 6);
  await savePull(web, 6, { baseRef: 'release' });
  await savePull(api, 7, { state: 'closed' });
  await savePull(api, 8, null);
}, 20_000);
afterAll(() => redis.stop());

describe('while no queue is there yet', () => {
  it('a branch that pull requests go to can be frozen before anything enters, and a misspelt one cannot', async () => {
    expect(await freeze('release')).toMatchObject({ repository: 'acme/web', branch: 'release', note: null });
    const [event] = await documents.inbox(queueSubject(web, 'release'));
    expect(event?.detail).toMatchObject({ command: 'freeze', number: 0, words: `${userInfo().username} froze it` });
    await expect(freeze('relase')).rejects.toMatchObject({
      kind: 'usage',
      message: 'there is no queue of relase, did you mean release? There is: acme/api main, acme/web release',
    });
  });

  it('an enqueued head goes to the queue of its base branch in the name of the operator, who is nobody there', async () => {
    await enqueue(5);
    const [event] = await documents.inbox(queueSubject(api));
    const pull = subjectIdOf({ kind: 'presubmit', repository: api.id, number: 5 });
    expect(await documents.inbox(pull)).toEqual([event]);
    expect(event).toMatchObject({
      delivery: `operator-token-${tokens}`,
      name: 'gate.gate',
      installation: api.installation,
      repository: { id: api.id, owner: 'acme', name: 'api' },
      detail: {
        kind: 'gate',
        command: 'gate',
        number: 5,
        head: sha('a'),
        by: { id: 0, login: userInfo().username, kind: 'user' },
        permission: 'operator',
      },
    });
    expect(await documents.due(0)).toContain(queueSubject(api));
    expect((await explainChange(5, null, machine())).queue.says).toMatch(
      new RegExp(`Not taken up by the server yet: gate by ${userInfo().username}\\.$`),
    );
  });

  it.each`
    number | repository    | kind        | says
    ${6}   | ${null}       | ${'usage'}  | ${'#6 is a pull request of acme/api, acme/web; say which by --repository OWNER/NAME'}
    ${5}   | ${'acme/web'} | ${'usage'}  | ${'#5 in acme/web is not known to this server'}
    ${7}   | ${null}       | ${'failed'} | ${'#7 of acme/api is closed: there is nothing to land'}
    ${8}   | ${null}       | ${'failed'} | ${'#8 of acme/api was not read yet, or is gone'}
  `('enqueueing $number of $repository says: $says', async ({ number, repository, kind, says }) => {
    await expect(enqueue(number, repository)).rejects.toMatchObject({ kind, message: expect.stringContaining(says) });
  });

  it('who works on queues is woken at once', async () => {
    const signals = createSignals(redis.open(), undefined, { log: keepingLog() });
    const heard: SubjectId[] = [];
    const stop = signals.listen(async (subject) => void heard.push(subject), 1);
    await freeze('main');
    await vi.waitFor(() => expect(heard).toContain(queueSubject(api)), 5_000);
    await stop();
    await signals.close();
  });

  it('a number of two repositories is taken with the repository named, in any case', async () => {
    expect(await enqueue(6, 'Acme/WEB')).toMatchObject({ repository: 'acme/web', branch: 'release' });
  });
});

describe('with queues', () => {
  beforeAll(async () => {
    await saveQueue(web, { frozen: { by: null, because: 'its ledger cannot be trusted', at: 1 } }, 'release');
    await saveQueue(api, {
      items: [
        item(5, { request: { head: sha('b'), by: people.boss, permission: 'admin', at: 1 } }),
        item(11, { parked: 'lint could not be run' }),
        item(12, { view: view({}, { number: 12, labels: ['sluice/hold'] }) }),
        item(13),
        item(14, { candidate: { kind: 'conflict', parents: {}, paths: ['a.go', 'b.go'], with: 5 } }),
      ],
      landing: { number: 5, branch: branchKeyOf(api.id, 'main'), from: sha('f'), to: sha('e'), since: 1 },
    });
  });

  it('each item says how it stands', async () => {
    const [queue] = await listQueues(machine());
    expect(queue?.items.map(({ place, number, stands }) => `${place} #${number} ${stands}`)).toEqual([
      '1 #5 landing',
      '2 #11 parked: lint could not be run',
      '3 #12 held until /unhold',
      '4 #13 beyond the window of 2',
      '5 #14 conflicts with #5 in a.go, b.go',
    ]);
  });

  it.each`
    word                                                  | note
    ${{ command: 'enqueue', number: 5 }}                  | ${'at place 1, with an older head.'}
    ${{ command: 'dequeue', number: 5 }}                  | ${'It is being landed: this may come too late.'}
    ${{ command: 'thaw', branch: 'main', reason: '' }}    | ${'It was not frozen.'}
    ${{ command: 'thaw', branch: 'release', reason: '' }} | ${'Sluice froze it by itself, and only the end of this ends it: its ledger cannot be trusted.'}
  `('$word is answered with "$note"', async ({ word, note }) => {
    expect((await tell({ repository: null, ...word })).note).toContain(note);
  });

  it('freezing without saying which names the queues there are', async () => {
    await expect(freeze(null)).rejects.toMatchObject({
      kind: 'usage',
      message: '2 queues are meant: acme/api main, acme/web release; say which by --branch NAME',
    });
  });

  it('one that nobody asked for is told how to', async () => {
    expect((await explainChange(6, 'acme/api', machine())).queue).toEqual({
      branch: 'main',
      says: 'Nobody asks for its landing: "/gate" on the pull request does, or "sluice queue enqueue 6".',
      frozen: null,
      change: null,
    });
  });

  it('the history of a change is its own, and of the queue only what speaks of it', async () => {
    const presubmit = subjectIdOf({ kind: 'presubmit', repository: api.id, number: 5 });
    const { document } = await documents.load(presubmit);
    await save(presubmit, document, { at: 30, reasons: ['`unit` passed'], effects: ['report unit'] });
    const queue = await documents.load(queueSubject(api));
    const reasons = ['main is at 0123456789ab', '#5: entered the queue', '#55: entered the queue', '#15: landed'];
    await save(queueSubject(api), queue.document, { at: 20, reasons, effects: ['#55: start x', '#5: start unit'] });
    await save(queueSubject(api), queue.document, { at: 40, reasons: ['#55: rejected'], effects: [] });
    expect((await explainChange(5, null, machine())).history).toEqual([
      { at: 20, of: 'queue', reasons: ['#5: entered the queue'], effects: ['#5: start unit'] },
      { at: 30, of: 'presubmit', reasons: ['`unit` passed'], effects: ['report unit'] },
    ]);
  });

  it('a document of another version is left out and ends nothing', async () => {
    await save(queueSubject(api, 'later'), { schema: 2 });
    expect((await listQueues(machine())).map(({ branch }) => branch)).toEqual(['main', 'release']);
  });
});

const verbs: Readonly<Record<string, (away: Machine) => Promise<unknown>>> = {
  list: listQueues,
  why: (away) => explainChange(5, null, away),
  enqueue: (away) => tellQueue({ command: 'enqueue', number: 5, repository: null }, away, { newToken: () => 'x' }),
  audit: (away) => auditHere({ repository: null, branch: null, since: null }, away),
};

describe.each(Object.keys(verbs))('%s without Redis', (verb) => {
  it.each`
    more                                            | says
    ${{}}                                           | ${'REDIS_URL is not set'}
    ${{ REDIS_URL: 'redis://:secret@127.0.0.1:1' }} | ${'Redis at redis://:***@127.0.0.1:1 gives no answer'}
  `('says: $says', async ({ more, says }) => {
    const message = expect.stringContaining(says);
    await expect(verbs[verb]?.(machineWith(more))).rejects.toMatchObject({ kind: 'unreachable', message });
  });
});

it.each`
  reason                                      | said
  ${'#5: ada asked for 0123456789ab'}         | ${{ what: 'asked', who: 'ada', number: 5, commit: '0123456789ab' }}
  ${'#5: withdrawn, ada took it out'}         | ${{ what: 'dequeued', who: 'ada', number: 5 }}
  ${'#5: withdrawn, an operator took it out'} | ${{ what: 'dequeued', who: null, number: 5 }}
  ${'#5: withdrawn, it is closed'}            | ${null}
  ${'#5: entered the queue'}                  | ${null}
  ${'main is at 0123456789ab'}                | ${null}
`('"$reason" is read as $said', ({ reason, said }) => {
  if (said === null) expect(readReason(reason)).toBe(null);
  else expect(readReason(reason)).toMatchObject(said);
});

it('the points of what was told are plain text', () => {
  const summary =
    'Asked for by boss.\n\n* `ci \\ x` is missing: a\\_b &lt;c&gt; #\u20605.\n* Held.\n\n| job |\n* not `reached';
  expect(pointsOf(summary).slice(0, 2)).toEqual(['ci \\ x is missing: a_b <c> #5.', 'Held.']);
});
