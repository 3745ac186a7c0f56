import { sharesModule } from '../arrival.ts';
import { type Move, policyOf, startBatch } from '../field.ts';

/** What no policy can beat by knowing more: one build for each change, and the truth when it ends. */
export const oracle = policyOf<null>({
  name: 'oracle',
  about: 'knows the truth: one build for each change as it arrives, never flaky; no real queue can do this',
  begin: () => null,
  decide: (state, { waiting, builds, wouldPass }) => {
    const missing = waiting.filter(({ number }) => !builds.has(`${number}`));
    if (missing.length > 0) return { state, moves: missing.map(({ number }) => startBatch(`${number}`, [number])) };
    const decided = waiting.find((change, at) => {
      const result = builds.get(`${change.number}`)?.state;
      const ended = result === 'passed' || result === 'failed';
      return ended && !waiting.slice(0, at).some((ahead) => sharesModule(ahead, change));
    });
    if (!decided) return { state, moves: [] };
    const { number } = decided;
    const end: Move = wouldPass(number) ? { kind: 'land', changes: [number] } : { kind: 'reject', change: number };
    return { state, moves: [{ kind: 'drop', key: `${number}` }, end] };
  },
});
