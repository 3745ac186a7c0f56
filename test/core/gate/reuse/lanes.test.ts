import { describe, expect, it } from 'vitest';
import type { QueueFacts } from '../../../../src/core/gate/facts.ts';
import { differenceKey } from '../../../../src/core/gate/facts.ts';
import { lookKey } from '../../../../src/core/promote/facts.ts';
import type { GateSettings } from '../../../../src/model/gate-settings.ts';
import type { ChangedFiles } from '../../../../src/model/matcher.ts';
import type { MadeCandidate } from '../../../../src/model/queue.ts';
import { anImage, matchers, sha } from '../../../fakes/model-data.ts';
import { headOf, main, now } from '../gate-fixture.ts';
import { after, begin, closed, digest, outcomeOf, place, stage, type Tried } from './reuse-fixture.ts';

const scheduler = { kind: 'best-first', slots: 4, prefixes: false } as const;
const inLanes: Partial<GateSettings> = { scheduler: { ...scheduler, lanes: 'closure' } };
const left = closed('left', { selection: { onlyIf: matchers('left/**') } });
const changed: ChangedFiles = { known: true, paths: ['left/a'] };
const first: Tried = { jobs: [left], settings: inLanes, over: { changed } };
const anew = sha('5');
const guess = { under: [], excluded: [], onto: 1, make: 2, moved: headOf(1) };

function differing(found: ChangedFiles | null): QueueFacts['differences'] {
  return new Map([[differenceKey({ branch: main, from: headOf(1), to: anew }), found]]);
}

const elsewhere: ChangedFiles = { known: true, paths: ['right/b', 'docs/c'] };

/** What passed is made anew on a tip on which these files are others. */
function moved(differences: QueueFacts['differences'], over: Tried = {}, before: Tried = first): MadeCandidate {
  const tried = { ...before, tree: sha('8'), differences, ...over };
  return begin(after(before), 1, { ...tried, over: { changed, commit: anew, guess, ...over.over } });
}

describe('in lanes, a change that passed and is made anew where others have landed', () => {
  it('is not tested again where none of the files differs that its jobs read, and says so', () => {
    const taken = moved(differing(elsewhere));
    expect(outcomeOf(taken)).toBe('taken');
    const [job] = taken.jobs ?? [];
    expect(job?.because).toMatch(
      /^passed as 000100010001 of #1 \(.* UTC\), and none of the files that its jobs read differs: not built again$/,
    );
    expect(taken.verdict).toMatchObject({
      commit: anew,
      tree: sha('8'),
      reused: { commit: headOf(1), at: now, tree: sha('7') },
    });
  });

  it('is compared first', () => {
    const draft = after(first);
    const candidate = begin(draft, 1, { ...first, tree: sha('8'), over: { changed, commit: anew, guess } });
    expect(outcomeOf(candidate)).toBe('undecided');
    expect(draft.wants.differences).toEqual([{ branch: main, from: headOf(1), to: anew }]);
  });

  it.each<[string, ChangedFiles | null]>([
    ['a file differs that its job reads', { known: true, paths: ['docs/c', 'left/b'] }],
    ['a lock file differs', { known: true, paths: ['right/go.sum'] }],
    ['the configuration differs', { known: true, paths: ['.sluice.yaml'] }],
    ['it is not known which files differ', { known: false, because: 'too many' }],
    ['which files differ could not be read', null],
  ])('is tested anew where %s, and why is told', (_, difference) => {
    const draft = after(first);
    const tried = { ...first, tree: sha('8'), differences: differing(difference) };
    expect(outcomeOf(begin(draft, 1, { ...tried, over: { changed, commit: anew, guess } }))).toBe('built');
    expect(draft.reasons.join()).toMatch(/#1: tested anew, though it passed as 000100010001: /);
  });

  it.each<[string, Tried]>([
    ['its job does something else by now', { jobs: [{ ...left, content: closed('other').content }] }],
    ['one more job is run for it', { jobs: [left, closed('more', { selection: { onlyIf: matchers('left/**') } })] }],
    ['the server builds with something else', { environment: 'f' }],
    ['that is too old', { at: now + 25 * 3_600_000 }],
  ])('is tested anew where %s', (_, over) => {
    expect(outcomeOf(moved(differing(elsewhere), over))).toBe('built');
  });

  it('is tested anew where a job may read every file', () => {
    const wide = { ...first, jobs: [left, closed('wide')] };
    expect(outcomeOf(moved(differing(elsewhere), {}, wide))).toBe('built');
  });

  it.each<[string, Partial<GateSettings>]>([
    ['whole trees are tested', { scheduler }],
    ['the window schedules', { scheduler: { kind: 'window' } }],
  ])('is tested anew where %s', (_, settings) => {
    expect(outcomeOf(moved(differing(elsewhere), { settings }))).toBe('built');
  });

  it('is tested anew on the strength of no other change', () => {
    const draft = after(first);
    const over = { changed, commit: anew };
    const tried = { ...first, tree: sha('8'), differences: differing(elsewhere), over };
    expect(outcomeOf(begin(draft, 2, tried))).toBe('built');
  });
});

describe('its images', () => {
  const there = new Map([[lookKey(place, digest), { kind: 'found', digest } as const]]);

  function staging(context: string): Tried {
    const image = anImage('api', { context, onlyIf: matchers('left/**') });
    const content = { template: 'upload-image', images: [image], publish: 'promote' } as const;
    return { ...first, jobs: [{ ...stage, content }], looks: there };
  }

  it('are promoted for what lands where nothing differs of what they are built of', () => {
    const taken = moved(differing(elsewhere), {}, staging('left'));
    expect(outcomeOf(taken)).toBe('taken');
    expect(taken.verdict?.images).toMatchObject([{ name: 'api', digest, staged: { repository: place } }]);
  });

  it.each(['.', 'right'])('are built anew where a file differs that is sent to their builder: %s', (context) => {
    expect(outcomeOf(moved(differing(elsewhere), {}, staging(context)))).toBe('built');
  });
});
