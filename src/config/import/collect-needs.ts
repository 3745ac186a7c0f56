import { printable, quote } from '../problems/finding.ts';
import type { ImportedJob } from './translate-jobs.ts';
import { entriesOf, flagOf, isMapping, itemsOf, type Tell, textOf, type Written } from './written.ts';

export type Need = string | { readonly job: string; readonly soft: true };

interface Wish {
  readonly name: string;
  readonly soft: boolean;
  readonly at: Written;
}

/** What each job waits for, by its name; none that leads back, and soft where the other does not always run beside it. */
export function collectNeeds(jobs: readonly ImportedJob[], tell: Tell): ReadonlyMap<string, readonly Need[]> {
  const needs = new Map<string, Need[]>();
  const nameOf = (need: Need) => (typeof need === 'string' ? need : need.job);
  const leadsTo = (from: string, to: string): boolean => {
    const seen = new Set<string>();
    for (const waiting = [from]; waiting.length > 0; ) {
      const name = waiting.pop() ?? '';
      if (name === to) return true;
      if (!seen.has(name)) waiting.push(...(needs.get(name) ?? []).map(nameOf));
      seen.add(name);
    }
    return false;
  };
  for (const job of jobs) {
    const own: Need[] = [];
    needs.set(job.name, own);
    for (const wish of wishesOf(job)) {
      const others = jobs.filter((other) => other.from === wish.name && other.on.some((each) => includes(job, each)));
      if (others.length === 0)
        tell(
          wish.at,
          `dependencies: ${quote(printable(wish.name))} is not imported, or runs at other times: not waited for`,
        );
      for (const other of others) {
        if (own.some((need) => nameOf(need) === other.name)) continue;
        if (leadsTo(other.name, job.name))
          tell(wish.at, `dependencies: ${quote(printable(wish.name))} waits for this one already: not waited for`);
        else own.push(toNeed(job, other, wish, tell));
      }
    }
  }
  return needs;
}

function includes({ on }: ImportedJob, trigger: ImportedJob['on'][number]): boolean {
  return on.some((each) => JSON.stringify(each) === JSON.stringify(trigger));
}

function toNeed(job: ImportedJob, other: ImportedJob, { soft, at }: Wish, tell: Tell): Need {
  const always = job.on.every((trigger) => includes(other, trigger));
  if (!always && !soft)
    tell(
      at,
      `dependencies: ${quote(other.name)} does not run everywhere where ${quote(job.name)} does: waited for only where it does`,
    );
  return always && !soft ? other.name : { job: other.name, soft: true };
}

function wishesOf({ uses }: ImportedJob): readonly Wish[] {
  return uses.flatMap(({ job }) =>
    itemsOf(job.attributes.get('dependencies')).flatMap((at) => {
      const entries = entriesOf(at);
      const name = textOf(isMapping(at) ? entries.get('name') : at);
      return name === null ? [] : [{ name, soft: flagOf(entries.get('soft')) === true, at }];
    }),
  );
}
