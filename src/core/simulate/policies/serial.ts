import { policyOf, startBatch } from '../field.ts';

/** One build after another, of the oldest change on the tip. */
export const serial = policyOf<null>({
  name: 'serial',
  about: 'one build at a time, of the oldest change on the tip',
  begin: () => null,
  decide: (state, { waiting, builds }) => {
    const [head] = waiting;
    if (!head) return { state, moves: [] };
    const { number } = head;
    const key = `${number}`;
    const build = builds.get(key);
    if (!build) return { state, moves: [startBatch(key, [number])] };
    if (build.state === 'passed') return { state, moves: [{ kind: 'land', changes: [number] }] };
    return { state, moves: build.state === 'failed' ? [{ kind: 'reject', change: number }] : [] };
  },
});
