import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { knobsOf, type WorldKind } from './knobs.ts';
import type { Mutant } from './mutant.ts';
import { patchModules } from './patch-modules.ts';
import { mutants } from './planted.ts';
import { loadProduct, type Product } from './product.ts';
import type { Violation } from './sim.ts';
import { storyOf } from './story.ts';
import { playWorld } from './world.ts';

const { values } = parseArgs({
  options: {
    worlds: { type: 'string', default: '2000' },
    only: { type: 'string' },
    // Of this kind of worlds.
    kind: { type: 'string' },
    // Plays the seeds that caught them when last asked, and the plain product on the same seeds.
    replay: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
  },
});

const file = join(import.meta.dirname, 'caught.json');
const recorded: Record<string, number> = JSON.parse(readFileSync(file, 'utf8'));

function productOf(mutant: Mutant): Promise<Product> {
  return loadProduct(mutant.planted, mutant.patches.length > 0 ? `?mutant=${mutant.name}` : '');
}

async function play(seed: number, kind: WorldKind, product: Product): Promise<Violation | null> {
  const knobs = knobsOf(seed, kind);
  return (await playWorld({ knobs, story: storyOf(knobs), faults: null }, product)).violation;
}

function row(name: string, seed: string, said: string): void {
  console.log(`${name.padEnd(22)}${seed.padStart(7)}  ${said.replace(/\s+/g, ' ').slice(0, 160)}`);
}

function canShow(mutant: Mutant, seed: number): boolean {
  const knobs = knobsOf(seed, mutant.kind);
  return mutant.shows(knobs, storyOf(knobs));
}

/** The seed that caught it when last asked, else the first one, from 1, with which a world notices the fault. */
async function search(mutant: Mutant, plain: Product, most: number): Promise<boolean> {
  const product = await productOf(mutant);
  const known = recorded[mutant.name];
  const all = Array.from({ length: most }, (_, index) => index + 1).filter((seed) => canShow(mutant, seed));
  for (const seed of known === undefined ? all : [known, ...all]) {
    const violation = await play(seed, mutant.kind, product);
    if (!violation) continue;
    const wrong = await play(seed, mutant.kind, plain);
    if (wrong) {
      row(mutant.name, String(seed), `left out: the product itself breaks ${wrong.invariant}`);
      continue;
    }
    recorded[mutant.name] = seed;
    row(mutant.name, String(seed), `${violation.invariant}: ${violation.what}`);
    return true;
  }
  row(mutant.name, '–', `not caught in ${most} worlds: ${mutant.what}`);
  return false;
}

async function replay(mutant: Mutant, plain: Product): Promise<boolean> {
  const seed = recorded[mutant.name];
  if (seed === undefined) {
    row(mutant.name, '–', 'no seed is recorded');
    return false;
  }
  const caught = await play(seed, mutant.kind, await productOf(mutant));
  const wrong = await play(seed, mutant.kind, plain);
  // The product has changed since: its worlds go another way, and the fault shows in another one.
  if (!caught && !wrong) return search(mutant, plain, 2000);
  if (wrong) row(mutant.name, String(seed), `the product itself breaks ${wrong.invariant}: ${wrong.what}`);
  else if (caught) row(mutant.name, String(seed), `${caught.invariant}: ${caught.what}`);
  return caught !== null && wrong === null;
}

patchModules(mutants);
const plain = await loadProduct();
let allCaught = true;
const isWanted = ({ name, kind }: Mutant): boolean =>
  (values.only === undefined || values.only === name) && (values.kind === undefined || values.kind === kind);
for (const mutant of mutants.filter(isWanted)) {
  const isCaught = values.replay ? await replay(mutant, plain) : await search(mutant, plain, Number(values.worlds));
  allCaught &&= isCaught;
  if (values.record) writeFileSync(file, `${JSON.stringify(recorded, null, 2)}\n`);
}
process.exitCode = allCaught ? 0 : 1;
