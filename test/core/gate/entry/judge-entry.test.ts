import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeMissing } from '../../../../src/core/gate/entry/describe-missing.ts';
import { judgeEntry } from '../../../../src/core/gate/entry/judge-entry.ts';
import type { EntryJudgement, EntryQuestion } from '../../../../src/core/gate/entry/question.ts';
import type { BranchRule } from '../../../../src/model/gate-view.ts';
import { check, checkRule, head, pullRule, question, request, review, settings, view } from './entry-fixture.ts';
import { approvals, hostile, questions } from './random-questions.ts';

const runs = { numRuns: 1000 };

function withReviews(asked: EntryQuestion, reviews: EntryQuestion['view']['reviews']): EntryQuestion {
  return { ...asked, view: { ...asked.view, reviews } };
}

describe('whatever is asked', () => {
  it('one more approval never keeps out what was ready', () => {
    let ready = 0;
    fc.assert(
      fc.property(questions, approvals, fc.nat(), (asked, approval, at) => {
        if (judgeEntry(asked).kind !== 'ready') return;
        ready++;
        const reviews = asked.view.reviews.toSpliced(at % (asked.view.reviews.length + 1), 0, approval);
        expect(judgeEntry(withReviews(asked, reviews)).kind).toBe('ready');
      }),
      { numRuns: 4000 },
    );
    expect(ready).toBeGreaterThan(100);
  });

  it('the order in which reviews, checks, rules and dependencies are given changes nothing', () => {
    const shuffle = <T>(list: readonly T[]) => fc.shuffledSubarray([...list], { minLength: list.length });
    const pairs = questions.chain((asked) =>
      fc
        .record({
          reviews: shuffle(asked.view.reviews),
          checks: shuffle(asked.view.checks),
          rules: shuffle(asked.rules?.rules ?? []),
          dependencies: shuffle(asked.dependencies),
        })
        .map(({ reviews, checks, rules, dependencies }) => ({
          asked,
          other: {
            ...asked,
            view: { ...asked.view, reviews, checks },
            rules: asked.rules && { rules },
            dependencies,
          },
        })),
    );
    fc.assert(
      fc.property(pairs, ({ asked, other }) => {
        expect(judgeEntry(other)).toEqual(judgeEntry(asked));
      }),
      runs,
    );
  });

  it('what may enter may stay', () => {
    fc.assert(
      fc.property(questions, (asked) => {
        if (judgeEntry({ ...asked, stage: 'entering' }).kind !== 'ready') return;
        expect(judgeEntry({ ...asked, stage: 'queued' }).kind).toBe('ready');
      }),
      runs,
    );
  });

  it('a no has its reasons, and is a veto in the queue exactly where one of them does not postpone', () => {
    fc.assert(
      fc.property(questions, (asked) => {
        const judgement = judgeEntry({ ...asked, stage: 'queued' });
        expect(sentences(judgement).length).toBeGreaterThan(0);
        if (judgement.kind === 'ready') return;
        expect(judgement.kind).toBe(judgement.missing.every(({ postpones }) => postpones) ? 'missing' : 'vetoed');
        if (judgement.kind === 'vetoed') expect(judgement.missing.map(({ text }) => text)).toContain(judgement.because);
      }),
      runs,
    );
  });

  it('what could not be read is never a yes', () => {
    fc.assert(
      fc.property(questions, (asked) => {
        expect(judgeEntry({ ...asked, rules: null }).kind).not.toBe('ready');
        expect(judgeEntry({ ...asked, rights: { known: false, because: 'away' } }).kind).not.toBe('ready');
        const nobody = asked.view.reviews.map((each) => ({ ...each, permission: null }));
        const needy = { ...asked, settings: { ...asked.settings, approvals: 1 } };
        expect(judgeEntry(withReviews(needy, nobody)).kind).not.toBe('ready');
      }),
      runs,
    );
  });

  it('nothing that is judged is changed', () => {
    fc.assert(
      fc.property(questions, (asked) => {
        const before = structuredClone(asked);
        judgeEntry(asked);
        expect(asked).toEqual(before);
      }),
    );
  });
});

/** What is left of markdown when its code spans are taken out, as CommonMark reads them. */
function outsideCode(markdown: string): string {
  let out = '';
  for (let at = 0; at < markdown.length; ) {
    const run = /^`+/.exec(markdown.slice(at))?.[0];
    if (run === undefined) {
      const taken = markdown[at] === '\\' ? 2 : 1;
      out += markdown.slice(at, at + taken);
      at += taken;
      continue;
    }
    const closing = [...markdown.matchAll(/`+/g)].find((match) => match.index > at && match[0] === run);
    out += closing ? '' : run;
    at = closing ? closing.index + run.length : at + run.length;
  }
  return out;
}

function sentences(judgement: EntryJudgement): readonly string[] {
  if (judgement.kind === 'ready') return judgement.reasons;
  return judgement.missing.map(({ text }) => text);
}

function expectHarmless(text: string): void {
  expect(text).not.toMatch(/[\n\r\u2028\u202e]/);
  expect(text.isWellFormed()).toBe(true);
  const outside = outsideCode(text);
  expect(outside).not.toMatch(/(?<!\\)[`*_[\]<>#|~]|@\w|https?:\/\//);
}

/** Everything that others may name, named by them. */
function hostileQuestion(text: string, over: Partial<EntryQuestion> = {}): EntryQuestion {
  const by = { id: 99, login: text, kind: 'user' as const };
  const named = (login: string, state: 'approved' | 'changes-requested') => ({ ...review(login, { state }), by });
  const rules: readonly BranchRule[] = [
    { ...pullRule({ approvals: 3, lastPushApproval: true, methods: [] }), source: text },
    { ...checkRule([], true), source: text },
    {
      source: text,
      pass: 'none',
      type: 'required_status_checks',
      strict: false,
      checks: [
        { name: text, app: null },
        { name: text, app: 9 },
      ],
    },
    { source: text, pass: null, type: 'other', name: text },
    { source: text, pass: null, type: 'lock_branch' },
  ];
  return question({
    view: view(
      {
        reviews: [named('x', 'approved'), { ...named('y', 'changes-requested'), by: { ...by, id: 98 } }],
        checks: [check(text, 'failure'), check(text, null, { app: 6 })],
        lastPusher: { ...by, id: 97 },
      },
      { baseRef: text },
    ),
    request: request({ by }),
    rules: { rules },
    dependencies: [{ number: 1, project: text, state: 'closed' }],
    refusedDependencies: [{ line: text, because: 'write `#12`' }],
    ownRequired: [text],
    overrides: [{ check: text, head, by, at: 1 }],
    settings: settings({ approvals: 1 }),
    ...over,
  });
}

describe('words of others', () => {
  it('come out of every reason as code and nothing else', () => {
    let told = 0;
    fc.assert(
      fc.property(hostile, fc.boolean(), (text, isReady) => {
        const relaxed = { rules: { rules: [] }, ownRequired: [], refusedDependencies: [], branch: text };
        const judgement = judgeEntry(hostileQuestion(text, isReady ? relaxed : {}));
        for (const sentence of sentences(judgement)) {
          expectHarmless(sentence);
          expect(outsideCode(sentence)).not.toContain('ZQ');
          told += sentence.includes('ZQ') ? 1 : 0;
        }
        if (judgement.kind === 'ready') return;
        for (const line of describeMissing(judgement.missing).split('\n')) expect(line).toMatch(/^\* [A-Z]/);
      }),
      runs,
    );
    expect(told).toBeGreaterThan(5000);
  });

  it('come out escaped where they are a sentence of the forge', () => {
    fc.assert(
      fc.property(hostile, (because) => {
        const judgement = judgeEntry(question({ rights: { known: false, because } }));
        for (const sentence of sentences(judgement)) expectHarmless(sentence);
      }),
      runs,
    );
  });

  it('are cut where they are long, and many of them are counted', () => {
    const long = 'x'.repeat(10_000);
    const reviews = Array.from({ length: 300 }, (_, id) => ({
      ...review(long, { state: 'changes-requested' }),
      by: { id: 1000 + id, login: `${id}${long}`, kind: 'user' as const },
    }));
    const judgement = judgeEntry(hostileQuestion(long, { view: view({ reviews }) }));
    for (const sentence of sentences(judgement)) expect(sentence.length).toBeLessThan(2000);
    expect(sentences(judgement).join()).toContain('290 more');
  });
});
