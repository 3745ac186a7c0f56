import { describe, expect, it } from 'vitest';
import type { Sha } from '../../../src/model/sha.ts';
import { type LandingRig, landingRig, made, request } from './landing-rig.ts';

const digits = (commit: Sha): string => commit.slice(0, 12);
const ours = 'Change: acme/shop#4';

/** A candidate of change 4, made by one worker and shown to the others. */
async function candidateOf(rig: LandingRig, method: 'merge' | 'squash' | 'rebase'): Promise<Sha> {
  const head = rig.open(4, rig.upstream.commit({ on: rig.start, files: { 'a.txt': `${method}\n` } }));
  const wish = { number: 4, message: `Four (#4)\n\n${ours}`, trailers: [ours] };
  const { landing } = rig.worker();
  const tip = rig.upstream.commit({ on: rig.start, files: { 'b.txt': 'tip\n' } });
  rig.upstream.setRef('refs/heads/main', tip);
  const commit = await made(landing, rig.project, request(method, tip, head, wish));
  await landing.publish(rig.project, [commit]);
  expect(await landing.knowsCandidate(rig.project, 4, digits(commit))).toBe(true);
  return commit;
}

describe('whose candidate a change tag names', () => {
  it.each(['merge', 'squash', 'rebase'] as const)(
    'is read from the commit that was made by %s: its project and its number, wherever it was made',
    async (method) => {
      const rig = await landingRig();
      const commit = await candidateOf(rig, method);
      const knows = (number: number, of = digits(commit), project = rig.project) =>
        rig.worker().landing.knowsCandidate(project, number, of);
      expect(await knows(4)).toBe(true);
      expect(await knows(5)).toBe(false);
      expect(await knows(4, '0123456789ab')).toBe(false);
      expect(await knows(4, digits(commit), { ...rig.project, owner: 'ACME', name: 'Shop' })).toBe(true);
      // The same commit, where somebody pushed another project's landings to this one.
      expect(await knows(4, digits(commit), { ...rig.project, name: 'fork' })).toBe(false);
    },
  );

  it('is anybody’s where the commit names no change, as one that was pushed', async () => {
    const rig = await landingRig();
    const { landing } = rig.worker();
    await landing.read(rig.project, 'main');
    expect(await landing.knowsCandidate(rig.project, 0, digits(rig.start))).toBe(true);
    expect(await landing.knowsCandidate(rig.project, 0, '0123456789ab')).toBe(false);
  });

  it.each(['', 'main', '--help', 'abcdef', '0123456789AB', '0123456789abc'])('is nobody’s of %j', async (text) => {
    const rig = await landingRig();
    expect(await rig.worker().landing.knowsCandidate(rig.project, 4, text)).toBe(false);
  });
});
