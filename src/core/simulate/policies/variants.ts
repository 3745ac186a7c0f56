import { boundedSettings, fastSettings, type ScheduleSettings } from '../../gate/schedule/schedule-view.ts';
import type { Policy } from '../field.ts';
import { asItIs, bestFirst, type Sight } from './best-first.ts';

function variant(name: string, settings: Partial<ScheduleSettings>, sight: Partial<Sight> = {}): Policy {
  return bestFirst(name, `best-first: ${name}`, { ...boundedSettings, ...settings }, { ...asItIs, ...sight });
}

/** The scheduler whole, and with each of its ideas switched off alone (scheduling.md §4 Ablation). */
export const ablations: readonly Policy[] = [
  variant('whole', {}),
  bestFirst('whole, preempting', 'best-first-fast', fastSettings),
  variant('same prior for all', {}, { prior: () => 0.93 }),
  variant('no probation', { probation: false }),
  variant('no prefix landing', { landsPrefixes: false }),
  variant('carries nothing', { carries: 1 }),
  variant('no batches', { batches: false }),
  variant('one τ for every load', { lessUnderLoad: false }),
  variant('no scouts', { scouts: false }),
  variant('sheds load', { sheds: true }),
  variant('no lanes', {}, { touches: () => 'everything' }),
  variant('supersets count twice', { minimalSets: false }),
];

/** Priors that expect so many times as many bad changes. */
function worse(factor: number): (prior: number) => number {
  return (prior) => Math.max(0.05, 1 - (1 - prior) * factor);
}

/** The scheduler whole, and believing one thing wrongly by a factor of three, in a world of these rates. */
export function misbeliefs(flake: number, conflict: number): readonly Policy[] {
  return [
    variant('as measured', {}),
    variant('knows both rates', { flake, conflict }),
    variant('flakes believed 3×', { flake: flake * 3 }),
    variant('flakes believed ⅓', { flake: flake / 3 }),
    variant('conflicts believed 3×', { conflict: conflict * 3 }),
    variant('conflicts believed ⅓', { conflict: conflict / 3 }),
    variant('bad believed 3×', {}, { prior: worse(3) }),
    variant('bad believed ⅓', {}, { prior: worse(1 / 3) }),
  ];
}
