import { describe, expect, it } from 'vitest';
import type { QueueReceipt, QueueWord } from '../../src/cli/queue-view.ts';
import { sluice } from './cli-fixture.ts';
import { change, job, now, queue } from './queue-fixture.ts';

const busy = queue({
  frozen: { by: 'boss', because: 'release day', at: now - 120_000 },
  landing: { number: 1, commit: 'b'.repeat(40), since: now - 3_000 },
  items: [
    change(1, 'Ash', { jobs: [job('unit', 'passed'), job('lint', 'failed', { required: false })], stands: 'landing' }),
    change(2, 'Birch', {
      testedWith: [1],
      jobs: [job('unit', 'running')],
      besides: [
        { testedWith: [], state: 'passed' },
        { testedWith: [1, 3], state: 'testing' },
      ],
      missing: ['It is held. /unhold lets it go on.'],
    }),
    change(3, `Cedar\u001b[31m${'!'.repeat(60)}`, { testedWith: null, stands: 'beyond the window of 2' }),
  ],
  asked: [change(4, 'Dogwood', { place: null, missing: ['One approval is missing.'] })],
});

describe('queue list', () => {
  it('prints one line for each queue, with "queue" alone too', async () => {
    const queues = async () => [busy, queue({ repository: 'acme/web', window: 0 })];
    const { out } = await sluice(['queue'], { queues });
    expect(out).toBe(
      [
        'REPOSITORY  BRANCH  ITEMS           WINDOW  LANDING                        FROZEN',
        'acme/api    main    3, 1 asked for  20      #1 as bbbbbbbbbbbb, since 3 s  2 min 00 s ago by boss: release day',
        'acme/web    main    0               –',
        '',
      ].join('\n'),
    );
    expect((await sluice(['queue', 'list'], { queues })).out).toBe(out);
    expect(JSON.parse((await sluice(['queue', '--json'], { queues })).out)).toEqual({ queues: await queues() });
  });

  it('says below where more is asked for than can be tested, and so does the picture', async () => {
    const says = 'More is asked for than can be tested in 2 slots, since then.';
    const queues = async () => [queue({ short: { since: now, says } })];
    expect((await sluice(['queue'], { queues })).out.split('\n').at(-2)).toBe(`acme/api main: ${says}`);
    expect((await sluice(['queue', 'show'], { queues })).out.split('\n')[1]).toBe(says);
  });

  it('says how a queue begins where there is none', async () => {
    expect((await sluice(['queue'], { queues: async () => [] })).out).toContain('the first "/gate"');
  });

  it.each`
    wish                                      | frozen   | says
    ${{ kind: 'frozen', by: 'ops', at: now }} | ${false} | ${'asked for by ops, not in its ledger yet'}
    ${{ kind: 'thawed', by: null, at: now }}  | ${true}  | ${'release day; somebody thaws it'}
  `('a wish to have it $wish.kind is shown before the ledger has it', async ({ wish, frozen, says }) => {
    const queues = async () => [queue({ wish, frozen: frozen ? busy.frozen : null })];
    expect((await sluice(['queue'], { queues })).out).toContain(says);
  });
});

describe('queue show', () => {
  it('draws what is ahead of what, what each waits for, and who is not in it yet', async () => {
    const { out } = await sluice(['queue', 'show', 'main'], { queues: async () => [busy] });
    expect(out.split('\n')).toEqual([
      'acme/api main: 3 changes in the queue, window 20',
      'frozen 2 min 00 s ago by boss: release day',
      'landing #1 as bbbbbbbbbbbb, since 3 s',
      '',
      'main aaaaaaaaaaaa',
      expect.stringMatching(/^│ {2}PLACE +CHANGE +TITLE +HEAD +TESTED ON +JOBS +STANDS$/),
      expect.stringMatching(/^├─ 1 +#1 +Ash +1{12} +main +unit passed, lint\? failed +landing$/),
      expect.stringMatching(/^├─ 2 +#2 +Birch +2{12} +main \+ #1 +unit running +being tested$/),
      '│       · besides on main: passed',
      '│       · besides on main + #1 + #3: testing',
      '│       · It is held. /unhold lets it go on.',
      expect.stringMatching(/^└─ 3 +#3 +Cedar\\u001b\[31m!{29}… +3{12} +– +– +beyond the window of 2$/),
      '',
      'asked for, not in the queue yet',
      expect.stringMatching(/^│ {2}CHANGE +TITLE +HEAD +ASKED FOR BY +SINCE$/),
      expect.stringMatching(/^└─ #4 +Dogwood +4{12} +boss +1 min 05 s ago$/),
      '        · One approval is missing.',
      '',
    ]);
  });

  it('needs no branch where there is one queue, and the repository where two have it', async () => {
    const one = { queues: async () => [queue()] };
    expect((await sluice(['queue', 'show'], one)).out).toContain('└─ nothing is queued');
    const two = { queues: async () => [queue(), queue({ repository: 'acme/web' })] };
    const { code, err } = await sluice(['queue', 'show', 'main'], two);
    expect([code, err]).toEqual([
      2,
      'sluice: 2 queues are meant by main: acme/api main, acme/web main; say which by --repository OWNER/NAME\n',
    ]);
    const { out } = await sluice(['queue', 'show', 'main', '--repository', 'Acme/Web', '--json'], two);
    expect(JSON.parse(out)).toEqual({ queue: queue({ repository: 'acme/web' }) });
  });

  it('says how a queue begins where there is none', async () => {
    const { code, err } = await sluice(['queue', 'show', 'main'], { queues: async () => [] });
    expect([code, err]).toEqual([2, expect.stringContaining('sluice queue enqueue NUMBER')]);
  });
});

describe('a word to a queue', () => {
  async function told(words: readonly string[], over: Partial<QueueReceipt> = {}) {
    const heard: QueueWord[] = [];
    const tellQueue = async (word: QueueWord): Promise<QueueReceipt> => {
      heard.push(word);
      const { command } = word;
      return { command, repository: 'acme/api', branch: 'main', change: null, by: 'ops', note: null, ...over };
    };
    return { ...(await sluice(words, { tellQueue })), heard };
  }
  const ash = { number: 5, title: 'Ash', head: 'c'.repeat(40) };

  it.each`
    words                                                         | word
    ${['queue', 'enqueue', '5']}                                  | ${{ command: 'enqueue', number: 5, repository: null }}
    ${['queue', 'dequeue', '5', '--repository', 'acme/api']}      | ${{ command: 'dequeue', number: 5, repository: 'acme/api' }}
    ${['queue', 'freeze']}                                        | ${{ command: 'freeze', branch: null, repository: null, reason: '' }}
    ${['queue', 'freeze', 'release', 'day', '--branch', 'main']}  | ${{ command: 'freeze', branch: 'main', repository: null, reason: 'release day' }}
    ${['queue', 'thaw', '--branch', 'v1', '--repository', 'a/b']} | ${{ command: 'thaw', branch: 'v1', repository: 'a/b', reason: '' }}
  `('$words is heard', async ({ words, word }) => {
    expect((await told(words)).heard).toEqual([word]);
  });

  it('the answer says what will happen, what was so before, and how to watch it', async () => {
    const { out } = await told(['queue', 'enqueue', '5'], { change: ash, note: 'It is in the queue already.' });
    expect(out).toBe(
      [
        '#5 "Ash": ops asks for the landing of cccccccccccc on main.',
        'It enters the queue as soon as nothing is missing: approvals, required checks and the rules of the branch hold as ever.',
        'It is in the queue already.',
        'The server takes it up with its next pass. To watch it:',
        '  sluice queue show main --repository acme/api',
        '  sluice why 5 --repository acme/api',
        '',
      ].join('\n'),
    );
  });

  it.each`
    words                        | over               | says
    ${['queue', 'dequeue', '5']} | ${{ change: ash }} | ${'#5 "Ash": ops takes it out of the queue of main.'}
    ${['queue', 'freeze', 'x']}  | ${{}}              | ${'lands nothing until "sluice queue thaw"'}
    ${['queue', 'thaw']}         | ${{}}              | ${'ops thaws the queue of main: what is green lands, in order.'}
  `('$words says "$says"', async ({ words, over, says }) => {
    expect((await told(words, over)).out).toContain(says);
    const { told: receipt } = JSON.parse((await told([...words, '--json'], over)).out);
    expect(receipt).toMatchObject({ by: 'ops', branch: 'main' });
  });
});
