import { afterEach, describe, expect, it } from 'vitest';
import type { QueueBoards } from '../../src/http/queue-board.ts';
import { queuePicture } from '../../src/http/queue-picture.ts';
import { statusPage } from '../../src/http/status-page.ts';
import { board, boardChange, busyBoard } from './board-fixture.ts';
import { startWeb } from './web-fixture.ts';

let web: Awaited<ReturnType<typeof startWeb>> | null = null;

afterEach(async () => {
  await web?.server.close();
  web = null;
});

function page(...shown: QueueBoards['shown']): string {
  return statusPage([], { shown, hidden: 0 });
}

/** The words of each row of the tables, cells parted by `|`. */
function rowsOf(html: string): string[] {
  return [...html.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    row
      .replace(/<\/td>(?=<td>)/g, '|')
      .replace(/<li>|<br>/g, ' ')
      .replace(/<[^>]*>/g, '')
      .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))),
  );
}

it('says where more is asked for than can be tested', () => {
  const html = page(board({ short: 'More is asked for than can be tested <in 2 slots>.' }));
  expect(html).toContain('<p class="q-held">More is asked for than can be tested &#60;in 2 slots&#62;.</p>');
});

it('names each change in order with how it stands, what it is tested on, and what it waits for', () => {
  expect(rowsOf(page(busyBoard()))).toEqual([
    'placechangelanestandstested onjobs',
    '1|#1 Change 1 by ada · checks|normal|landing|main| unit: passed · log',
    '2|#2 Change 2 by ada · checks|normal|passed, waits for #1 to land|main + #1|–',
    '3|#3 Change 3 by ada · checks|normal|held until /unhold It waits: it is held.|–|–',
    '4|#4 Change 4 by ada · checks|bulk|being tested It may land at about 17:35 UTC.|main + #1 + #2| unit: running · log lint (optional): passed',
    '5|#5 Change 5 by ada · checks|normal|failed together with #1, #2, #4, waits for their end|main + #1 + #2 + #4| unit: failed · log',
    '6|#6 Change 6 by ada · checks|normal|beyond the window of 5|–|–',
    'asked for, not in the queue yet',
    '–|#7 Change 7 by ada · checks|normal|not in the queue yet It needs 1 approval.|–|–',
  ]);
});

it('what keeps a queue from landing stands above its picture, and is counted as to be looked at', () => {
  const html = page(board({ alarms: ['Frozen 5 min ago by boss: release day', 'main is red'] }), busyBoard());
  expect(html).toContain('<span class="bad">2 to look at</span>');
  expect(html).toMatch(/<p class="bad">Frozen 5 min ago by boss: release day<\/p><p class="bad">main is red<\/p><div/);
  expect(html).toMatch(/<p class="q-landing">Landing #1 as 0123456789ab, since 3 s<\/p><div class="picture">/);
  expect(html).toContain('Nothing is queued.');
});

it('links lead to the pull request, its checks and the logs, and to nothing that is no address', () => {
  const bad = boardChange(8, { url: 'javascript:alert(1)', jobs: [] });
  const html = page(busyBoard({ asked: [bad] }));
  const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, to]) => to);
  const pull = 'https://github.example/acme/api/pull/1';
  expect(links.slice(0, 3)).toEqual([pull, `${pull}/checks`, '/logs/sluice-1?key=k']);
  expect(links.filter((to) => !/^(?:https:\/\/github\.example\/|\/logs\/)/.test(to ?? ''))).toEqual([]);
});

describe('the picture', () => {
  const textsOf = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text = '']) => text);

  it('says in words what it shows: who stands on whom, and who is stepped over', () => {
    const svg = queuePicture(busyBoard());
    const label = /aria-label="([^"]*)"/.exec(svg)?.[1]?.replaceAll('&#35;', '#');
    expect(label).toBe(
      'The queue of acme/api: main, then #1 landing, #2 passed, #4 being tested, each on the one before; beside it #3 held, #5 failed, #6 waits',
    );
    expect(svg).toContain('role="img"');
    expect(textsOf(svg)).toEqual(
      ['main', 'aaaaaaaaaaaa', '#1', 'landing', '#2', 'passed', '#3', 'held', '#4', 'being tested'].concat([
        '#5',
        'failed',
        '#6',
        'waits',
      ]),
    );
  });

  it('draws what is stepped over beneath, and an arrow only from what stands on something', () => {
    const svg = queuePicture(busyBoard());
    const rows = [...svg.matchAll(/<rect [^>]*y="(\d+)"/g)].map(([, y]) => (y === '26' ? 'chain' : 'beside'));
    expect(rows).toEqual(['chain', 'chain', 'chain', 'beside', 'chain', 'beside', 'beside']);
    expect(svg.match(/marker-end/g)).toHaveLength(3);
  });

  it('an arrow goes around a box that its candidate does not stand on', () => {
    const testing = { state: 'testing', stands: 'being tested' } as const;
    const items = [1, 2].map((number) => boardChange(number, { ...testing, testedOn: ['main'] }));
    expect(queuePicture(board({ items })).match(/ d="M\d+ \d+[HC]/g)).toEqual([
      expect.stringMatching(/H$/),
      expect.stringMatching(/C$/),
    ]);
  });

  it('draws beneath a change what else is tested of it, three at most, and the table names all', () => {
    const besides = [
      { testedOn: ['main'], state: 'testing' },
      { testedOn: ['main', '#1'], state: 'passed' },
      { testedOn: ['main', '#3'], state: 'failed' },
      { testedOn: ['main', '#1', '#3'], state: 'testing' },
    ] as const;
    const testing = { state: 'testing', stands: 'being tested' } as const;
    const items = [
      boardChange(1, { ...testing, testedOn: ['main'] }),
      boardChange(2, { ...testing, testedOn: ['main', '#3'], besides }),
      boardChange(3, { state: 'held', stands: 'held until /unhold', besides: besides.slice(0, 1) }),
    ];
    const svg = queuePicture(board({ items }));
    const tops = [...svg.matchAll(/<g class="q-(\w+) q-besides">.*?<rect x="(\d+)" y="(\d+)"/g)].map((each) =>
      each.slice(1).join(' '),
    );
    expect(tops).toEqual(['testing 298 104', 'passed 298 160', 'failed 298 216', 'testing 446 160']);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['on main', 'on #1', 'on #3']));
    expect(svg).toMatch(/viewBox="0 0 \d+ 266"/);
    expect(svg).toContain('#2 being tested, each on what the table names');
    expect(rowsOf(page(board({ items })))[2]).toContain(
      'main + #3 besides on main: being tested besides on main + #1: passed besides on main + #3: failed besides on main + #1 + #3: being tested',
    );
  });

  it('draws seven and says how many more there are', () => {
    const items = Array.from({ length: 11 }, (_, index) => boardChange(index + 1));
    expect(textsOf(queuePicture(board({ items }))).slice(-3)).toEqual(['#7', 'waits', '+4']);
  });
});

const long = '"><script>alert(1)</script>\u202e\x1b[31m\n<img src=x onerror=alert(1)>';

// The short one fits into a box of the picture as it is.
it.each([long, '<img src=x>'])(
  '%j as a name, title or branch is no markup, and neither steers the page nor breaks a line',
  (nasty) => {
    const change = boardChange(1, {
      name: nasty,
      title: nasty,
      author: nasty,
      lane: nasty,
      url: `https://x.example/${nasty}`,
      stands: nasty,
      state: 'testing',
      testedOn: [nasty, nasty],
      jobs: [{ name: nasty, state: nasty, required: true, log: `/logs/${nasty}` }],
      missing: [nasty],
      eta: nasty,
    });
    const parts = { repository: nasty, branch: nasty, tip: nasty, alarms: [nasty], landing: nasty };
    const html = page(board({ ...parts, items: [change, { ...change, state: 'failed' }], asked: [change] }));
    expect(html).toMatch(/&#60;(?:script&#62;alert\(1\)|img src=x&#62;)/);
    expect(html).not.toMatch(/<script|<img|\u202e|\x1b/);
    expect(html.match(/onerror=(?!alert\(1\)&#62;)/g)).toBeNull();
    const tags = new Set([...html.matchAll(/<(\w+)/g)].map(([, tag]) => tag));
    const known =
      'html head meta title style body header strong span main svg defs marker path g rect text div section h2 p table tr th td a br ul li';
    expect([...tags].filter((tag) => !known.split(' ').includes(tag ?? ''))).toEqual([]);
  },
);

it('queues of private repositories are counted, and only that', () => {
  const html = statusPage([], { shown: [], hidden: 2 });
  expect(html).toContain('2 queues of private repositories not shown');
  expect(html).toContain('<code>sluice queue</code>');
});

it('queues that cannot be read are something to look at, and the rest of the page is there', async () => {
  web = await startWeb({ status: async () => [{ name: 'Redis', value: 'answers' }], queues: async () => null });
  const html = await (await fetch(web.url)).text();
  expect(html).toContain('1 to look at');
  expect(html).toContain('could not be read now');
  expect(html).toContain('answers');
});
