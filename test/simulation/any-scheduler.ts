import { familyNames, knobsOf, type WorldKind, without } from './knobs.ts';
import type { Mutant } from './mutant.ts';
import { patchModules } from './patch-modules.ts';
import { loadProduct } from './product.ts';
import { storyOf } from './story.ts';
import { playWorld } from './world.ts';

const wanted = 'const plan = schedule(memoryFrom(stored), look.view, settingsOf(stored));';
const lands = 'const { landBy } = schedule(memoryFrom(stored), { ...look.view, slots: 0 }, settingsOf(stored));';
const dice = 'const dice = (count) => Math.floor((NOW * 7919 + look.view.units.length * 104729) % 1e9) % count;';

/** A scheduler of which nothing can be expected, in the place of ours. */
function instead(name: string, plan: string): Mutant {
  const ours = dice.replace('NOW', 'look.view.now');
  const honest =
    'const honest = schedule(memoryFrom(stored), look.view, settingsOf(stored)); const { units, builds } = look.view;';
  return {
    name,
    what: name,
    kind: 'schedules',
    shows: () => true,
    planted: {},
    patches: [
      {
        file: 'core/gate/best-first/follow.ts',
        from: wanted,
        to: `${ours} ${honest} const plan = dice(3) === 0 ? { ...honest, ${plan} } : honest;`,
      },
      { file: 'core/gate/best-first/steps.ts', from: lands, to: `${ours} ${anyBuild}` },
      // In lanes, what is made anew where others have landed.
      { file: 'core/gate/best-first/follow.ts', from: lands, to: `${ours} ${anyBuild}` },
    ],
  };
}

const start = (order: string) =>
  `start: units.map(({ id }, at) => ({ heads: [id], included: [...units.${order}.filter((_, place) => (place + at) % 2 === 0).map((unit) => unit.id).filter((other) => other !== id), id], excluded: [] }))`;
// Whatever build there is, be it green or not.
const anyBuild =
  "const keys = [...look.builds.keys()]; const landBy = dice(4) === 0 ? 'nothing' : (keys[dice(keys.length || 1)] ?? null);";

/** They stop what runs, build what nobody needs in any order, would reject everybody, and name any build to land by. */
const schedulers: readonly Mutant[] = [
  instead('at-random', `drop: builds.filter(() => dice(3) === 0).map(({ key }) => key), ${start('toReversed()')}`),
  instead('backwards', start('toReversed()')),
  instead(
    'with-malice',
    `drop: ['nothing', ...builds.slice(0, dice(2)).map(({ key }) => key)], reject: [{ unit: 'nobody', because: 'x' }, ...units.map(({ id }) => ({ unit: id, because: 'malice' }))], ${start('slice()')}.concat([{ heads: ['nobody'], included: ['nobody'], excluded: [] }, { heads: units.map(({ id }) => id), included: [], excluded: [] }])`,
  ),
];

/** What no scheduler can be held to: that things get done, in time, and that nobody is rejected too early. */
const ofTime = /^(?:L\d|I4|storm|blame)/;

/** One of them in so many worlds of a kind; what is broken besides is told. */
async function play({ name, planted }: Mutant, kind: WorldKind, worlds: number): Promise<readonly string[]> {
  const product = await loadProduct(planted, `?mutant=${name}`);
  const broken: string[] = [];
  let landings = 0;
  for (let seed = 1; seed <= worlds; seed += 1) {
    const drawn = knobsOf(seed, kind);
    const knobs = without(drawn, new Set(familyNames));
    const { violation, situations } = await playWorld({ knobs, story: storyOf(knobs), faults: null }, product, false);
    const landed = [...situations].filter(([what]) => what.startsWith('landed: '));
    landings += landed.reduce((sum, [, times]) => sum + times, 0);
    if (violation && !ofTime.test(violation.invariant))
      broken.push(`${name}, ${kind} ${seed}: ${violation.invariant}: ${violation.what}`);
  }
  console.log(`${name}: ${landings} landings in ${worlds} worlds of ${kind}`);
  return landings === 0 ? [...broken, `${name}: nothing landed, so nothing was tried`] : broken;
}

patchModules(schedulers);
const worlds = Number(process.argv[2] ?? 100);
const broken: string[] = [];
for (const each of schedulers)
  for (const kind of ['schedules', 'lanes'] as const) broken.push(...(await play(each, kind, worlds)));
for (const line of broken) console.error(line);
process.exitCode = broken.length === 0 ? 0 : 1;
