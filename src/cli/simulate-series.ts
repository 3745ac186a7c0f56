import type { Policy } from '../core/simulate/field.ts';
import { type Regime, wishOfRegime } from '../core/simulate/regimes.ts';
import type { SimulationWish } from '../core/simulate/simulate.ts';
import type { CliIo } from './deps.ts';
import { cliError } from './exit-codes.ts';
import type { Series } from './play-series.ts';

/** What is played more than once, or by more than the usual policies. */
export interface SeriesOptions {
  readonly seed: number;
  readonly seeds?: number;
  readonly regime?: readonly Regime[];
  readonly regimes?: readonly Regime[];
  readonly policies?: string;
  readonly ablation?: true;
  readonly robustness?: true;
  readonly keep?: string;
  readonly svg?: string;
  readonly json?: true;
}

/** What a regime says itself. */
const ofWorld = ['rate', 'fail', 'conflict', 'modules', 'hours', 'slots', 'flake', 'arrivals'] as const;

export function wantsSeries({ seeds, regime, regimes, policies, ablation, robustness, keep }: SeriesOptions): boolean {
  return [seeds, regime, regimes, policies, ablation, robustness, keep].some((given) => given !== undefined);
}

function named(all: readonly Policy[], names: string | undefined): readonly Policy[] {
  if (names === undefined) return all;
  return names.split(',').map((name) => {
    const found = all.find((policy) => policy.name === name);
    if (found) return found;
    throw cliError('usage', `there is no policy ${name}; there are ${all.map((policy) => policy.name).join(', ')}`);
  });
}

async function policiesFor(options: SeriesOptions, flake: number, conflict: number): Promise<readonly Policy[]> {
  const { policies } = await import('../core/simulate/policies/all.ts');
  const { ablations, misbeliefs } = await import('../core/simulate/policies/variants.ts');
  const variants = [...(options.ablation ? ablations : []), ...(options.robustness ? misbeliefs(flake, conflict) : [])];
  return named(variants.length > 0 ? variants : policies, options.policies);
}

/** A series for each regime that was asked for, else one of what the other options say. */
async function seriesOf(
  options: SeriesOptions,
  isGiven: (name: string) => boolean,
  wishOf: () => Promise<SimulationWish>,
): Promise<readonly Series[]> {
  const { seed, seeds = 1, regime = [], regimes = [] } = options;
  if (options.svg !== undefined)
    throw cliError(
      'usage',
      '--svg draws one run of the usual policies: leave out --seeds and the like, or the picture',
    );
  const all = Array.from({ length: seeds }, (_, at) => seed + at);
  const chosen = [...regime, ...regimes];
  const idle = ofWorld.find(isGiven);
  if (chosen.length > 0 && idle !== undefined)
    throw cliError('usage', `--${idle} is not of a regime, which says all of that itself: leave one out`);
  if (chosen.length === 0) {
    const wish = await wishOf();
    if (wish.arrivals.kind === 'listed' && options.robustness)
      throw cliError(
        'usage',
        '--robustness needs to know the true rates, which a list does not say: leave out --arrivals',
      );
    const conflict = wish.arrivals.kind === 'listed' ? 0 : wish.arrivals.settings.conflict;
    const policies = await policiesFor(options, wish.flake, conflict);
    const wishes = all.map((each) => ({ ...wish, seed: each }));
    return [{ name: '', about: 'made-up or listed changes', wishes, policies }];
  }
  return Promise.all(
    chosen.map(async (one) => ({
      name: one.name,
      about: one.about,
      wishes: all.map((each) => wishOfRegime(one, each)),
      policies: await policiesFor(options, one.flake, one.settings.conflict),
    })),
  );
}

/** Plays what the options ask for, and gives it as tables or JSON. */
export async function playOptions(
  io: CliIo,
  options: SeriesOptions,
  isGiven: (name: string) => boolean,
  wishOf: () => Promise<SimulationWish>,
): Promise<string> {
  const all = await seriesOf(options, isGiven, wishOf);
  const { playSeries } = await import('./play-series.ts');
  const results = await playSeries(io, all, options.keep ?? null);
  if (options.json) return `${JSON.stringify(options.regimes ? { regimes: results } : results[0], null, 2)}\n`;
  const { seriesTables } = await import('./draw-series.ts');
  return `${seriesTables(results)}\nIn brackets: where 95 of 100 means of such seeds lie. \`sluice simulate\` says what is left out.\n`;
}
