/** Every key this program writes, without its prefix; the table in README.md says who writes it and how long it lives. */
export const keyPatterns = {
  document: 'doc:<subject>',
  history: 'history:<subject>',
  subjects: 'subjects',
  wake: 'wake',
  topicsOf: 'topics-of:<subject>',
  hearers: 'hearers:<topic>',
  inboxes: 'inboxes',
  inbox: 'inbox:<subject>',
  pools: 'pools',
  lineVersions: 'line-versions',
  line: 'line:<pool>',
  lineChanges: 'line-changes:<pool>',
  lineOf: 'line-of:<subject>',
  delivery: 'delivery:<guid>',
  diskMark: 'disk-mark',
  intake: 'intake',
  quarantine: 'quarantine',
  note: 'note:<name>',
  lease: 'lease:<name>',
  pass: 'pass:<subject>',
  check: 'check:<external id>',
  checkInstallations: 'check-installations',
  checkFinals: 'check-finals:<installation>',
  checkProgress: 'check-progress:<installation>',
  checkBudget: 'check-budget:<installation>',
  checkLimit: 'check-limit:<installation>',
  bullmq: 'bull',
} as const;

type KeyName = keyof typeof keyPatterns;
type Part<Name extends KeyName> = (typeof keyPatterns)[Name] extends `${string}<${string}>`
  ? [part: string | number]
  : [];

/** Spells a key; an empty part gives what all keys of that name start with. */
export type Keys = <Name extends KeyName>(name: Name, ...part: Part<Name>) => string;

/** `prefix` lets several servers share one Redis. */
export function keysFor(prefix = 'sluice:'): Keys {
  return (name, ...part) => prefix + keyPatterns[name].replace(/<[^>]+>$/, () => String(part[0] ?? ''));
}
