import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeTrust } from '../../../src/core/may-run.ts';
import type { Job } from '../../../src/model/job.ts';
import type { Person, Rights } from '../../../src/model/person.ts';
import { commentKey } from '../../../src/model/pull-request.ts';
import type { Sha } from '../../../src/model/sha.ts';
import {
  aConfig,
  aJob,
  anImage,
  anImageJob,
  matchers,
  people,
  rights,
  sha,
  unreadable,
} from '../../fakes/model-data.ts';
import { type Story, startStory } from '../../fakes/story.ts';
import { change, press, push, say, tell } from '../../fakes/story-events.ts';
import { finish, forgetAll, grant, lose, pass, settle, shown } from '../../fakes/story-pass.ts';

const heads: readonly Sha[] = [sha('a'), sha('b'), sha('c')];
const jobs: readonly Job[] = [
  anImageJob('build-image', [anImage('api', { onlyIf: matchers('src/**') }), anImage('web')]),
  aJob('unit'),
  aJob('e2e', { needs: [{ job: 'unit', soft: false }] }),
  aJob('bench', { selection: { trigger: 'manual' } }),
  aJob('docs', { selection: { onlyIf: matchers('docs/**') } }),
];

const anotherUnit = aJob('unit', { definition: 'another' });

interface Step {
  readonly name: string;
  readonly take: (story: Story) => void;
}

function step(name: string, take: (story: Story) => void): Step {
  return { name, take };
}

function toggled(what: 'pods' | 'code' | 'config'): Step {
  return step(`${what} can be read or not`, ({ reads }) => {
    reads[what] = !reads[what];
  });
}

function adaMay(what: Rights): Step {
  return step(`ada's rights: ${JSON.stringify(what)}`, (story) => story.rights.set(people.ada.id, what));
}

function later(milliseconds: number): Step {
  return step(`${milliseconds} ms later`, (story) => {
    story.now += milliseconds;
  });
}

function comment(text: string, author: Person): Step {
  return step(`${author.login}: ${text}`, (story) => say(story, text.replace('HEAD', story.pull?.head ?? ''), author));
}

const slots = step('slots are given', grant);
const look = step('a pass', (story) => pass(story));
const crash = step('a pass that dies', (story) => pass(story, { perform: false }));

const ordinary: readonly Step[] = [
  look,
  look,
  look,
  slots,
  slots,
  later(45_000),
  later(3_000_000),
  ...['build-image', 'unit', 'e2e', 'bench'].map((job) => step(`${job} passes`, (story) => finish(story, job, 0))),
  step('unit fails', (story) => finish(story, 'unit', 1)),
  ...heads.map((head) => step(`push of ${head}`, (story) => push(story, head))),
  step('closed', (story) => change(story, 'pull_request.closed', { state: 'closed' })),
  step('reopened', (story) => change(story, 'pull_request.reopened', { state: 'open' })),
  step('a draft', (story) => change(story, 'pull_request.converted_to_draft', { draft: true })),
  step('ready', (story) => change(story, 'pull_request.ready_for_review', { draft: false })),
  step('onto main', (story) => change(story, 'pull_request.edited', { baseRef: 'main' })),
  step('onto release', (story) => change(story, 'pull_request.edited', { baseRef: 'release' })),
  step('main moves on', (story) => {
    story.baseTip = sha(story.baseTip.startsWith('0') ? '1' : '0');
  }),
  step('main defines unit anew', (story) => {
    story.base = { kind: 'valid', config: aConfig(jobs.map((job) => (job.name === 'unit' ? anotherUnit : job))) };
  }),
  step('main defines unit as before', (story) => {
    story.base = { kind: 'valid', config: aConfig(jobs) };
  }),
  step('main only tries it out', (story) => {
    story.base = { kind: 'valid', config: aConfig(jobs, { mode: 'shadow' }) };
  }),
  step('main is broken', (story) => {
    story.head ??= story.base;
    story.base = { kind: 'invalid', problems: [] };
  }),
  comment('/test unit bench', people.ada),
  comment('/test all', people.ada),
  comment('/retest', people.mallory),
  comment('/retest', people.boss),
  comment('/cancel unit', people.boss),
  comment('/ok-to-test HEAD', people.boss),
  comment('/ok-to-test HEAD', people.mallory),
  step('ada re-runs e2e', (story) => press(story, people.ada, { check: 'e2e' })),
  step('ada re-runs all', (story) => press(story, people.ada, { button: 'rerun-all', check: '' })),
  step('mallory presses approve', (story) =>
    press(story, people.mallory, { button: 'action', identifier: 'approve', check: 'sluice' }),
  ),
];

const faults: readonly Step[] = [
  crash,
  crash,
  step('unit is lost', (story) => lose(story, 'unit')),
  step('build-image is lost', (story) => lose(story, 'build-image')),
  toggled('pods'),
  toggled('code'),
  toggled('config'),
  adaMay(unreadable),
  adaMay(rights('read')),
  adaMay(rights('write')),
  step('no room for pods', (story) => {
    story.startAnswer = { kind: 'unavailable', because: 'no room' };
  }),
  step('room for pods', (story) => {
    story.startAnswer = null;
  }),
  step('conflict', (story) => {
    story.conflict = story.conflict ? null : ['go.mod'];
  }),
];

const loss = step('Redis is lost', forgetAll);

/** Notes every start of what may not be built at that moment. */
function watchStarts(story: Story, wrong: string[]): void {
  const keep = story.started.push.bind(story.started);
  story.started.push = (...orders) => {
    for (const { build } of orders) {
      const { commit } = build.parts;
      const { trusted } = judgeTrust(people.ada, story.rights.get(people.ada.id) ?? rights('none'), someTrust);
      const approved = story.record.approvals.some((approval) => approval.head === commit);
      if (commit !== story.pull?.head) wrong.push(`started ${commit} while the head is ${story.pull?.head}`);
      if (!trusted && !approved) wrong.push(`started ${commit}, which nobody approved`);
      if (build.trust === 'approved' && !approved) wrong.push(`started ${commit} as approved`);
      if (story.pull?.state !== 'open') wrong.push(`started ${commit} of a pull request that is ${story.pull?.state}`);
    }
    return keep(...orders);
  };
}

const someTrust = { trust: 'members', trustedApps: [] } as const;

/** Every fault is over and every pod succeeds. */
function recover(story: Story): void {
  Object.assign(story.reads, { forge: true, code: true, config: true, pods: true });
  story.rights.set(people.ada.id, rights('write'));
  story.startAnswer = null;
  story.conflict = null;
  story.base = { kind: 'valid', config: aConfig(jobs) };
  story.head = null;
  story.fate = () => 0;
  // The log of a pod that ended is followed to its end, which wakes whom it concerns.
  story.server.nudged = true;
}

function unfinished(story: Story, names: readonly string[]): string[] {
  const { pull } = story;
  if (pull?.state !== 'open' || pull.draft) return [];
  return names.filter((name) => ['queued', 'in_progress', undefined].includes(shown(story, name)));
}

function unanswered(story: Story): string[] {
  return story.comments.filter((each) => !story.reactions.has(commentKey(each))).map(({ text }) => text);
}

function play(taken: readonly Step[], draft: boolean): { story: Story; wrong: string[] } {
  const story = startStory({ jobs, pull: { draft } });
  const wrong: string[] = [];
  watchStarts(story, wrong);
  tell(story, 'pull_request.opened');
  for (const { take } of taken) {
    take(story);
    story.now += 1000;
  }
  recover(story);
  return { story, wrong };
}

function expectRest(story: Story): void {
  expect(story.checks.violations).toEqual([]);
  expect([...story.pods.keys()]).toEqual([]);
  expect(story.record.outbox).toEqual([]);
  expect(story.record.retired).toEqual([]);
}

function anything(all: readonly Step[]) {
  const byName = fc.array(fc.constantFrom(...all), { maxLength: 40 });
  return fc.record({
    steps: byName.map((taken) => ({ taken, toString: () => taken.map(({ name }) => name).join('; ') })),
    draft: fc.boolean(),
  });
}

const numRuns = 1000;

describe('whatever happens, in whatever order, once the faults are over', () => {
  it('nothing was started that may not run, no final check run changed, all of the head are concluded, no pod is left', () => {
    fc.assert(
      fc.property(anything([...ordinary, ...faults, loss]), ({ steps, draft }) => {
        const { story, wrong } = play(steps.taken, draft);
        // After a loss the resync looks at everything again.
        tell(story, 'resync');
        settle(story);
        expect(wrong).toEqual([]);
        expectRest(story);
        expect(unfinished(story, ['sluice', ...jobs.map(({ name }) => name)])).toEqual([]);
      }),
      { numRuns },
    );
  });

  it('no event is needed for the end that a saved record still owes', () => {
    fc.assert(
      fc.property(anything([...ordinary, ...faults]), ({ steps, draft }) => {
        const { story, wrong } = play(steps.taken, draft);
        settle(story);
        expect(wrong).toEqual([]);
        expectRest(story);
        if (!steps.taken.some(({ name }) => name === 'closed')) expect(unanswered(story)).toEqual([]);
        expect(
          unfinished(
            story,
            jobs.map(({ name }) => name),
          ),
        ).toEqual([]);
      }),
      { numRuns },
    );
  });
});
