import { RE2JS } from 're2js';
import type { VersionRule } from '../../model/version.ts';
import type { Fault } from '../schema/scalars.ts';
import { compilePattern } from './compile-pattern.ts';

export type VersionRuleOutcome =
  | { readonly kind: 'rule'; readonly rule: VersionRule }
  | ({ readonly kind: 'fault' } & Fault);

const known = ['major', 'minor', 'patch', 'prerelease'];
const example = '(?P<major>[0-9]+)\\.(?P<minor>[0-9]+)';

/** Compiles a project's own expression of a version, linear in time like every pattern. */
export function compileVersionRule(regex: string): VersionRuleOutcome {
  const outcome = compilePattern({ regex });
  if (outcome.kind === 'fault') return outcome;
  const expression = RE2JS.compile(regex);
  const names = Object.keys(expression.namedGroups());
  const foreign = names.find((name) => !known.includes(name));
  if (foreign !== undefined)
    return {
      kind: 'fault',
      message: `has a group ${foreign}, which means nothing here`,
      hint: `groups are ${known.join(', ')}`,
    };
  if (!names.includes('major'))
    return {
      kind: 'fault',
      message: 'has no group major, so that two versions could not be compared',
      hint: `write it as ${example}`,
    };
  const groups: VersionRule['groups'] = (text) => {
    const found = expression.matcher(text);
    if (!found.matches()) return null;
    return Object.fromEntries(known.map((name) => [name, names.includes(name) ? (found.group(name) ?? null) : null]));
  };
  return { kind: 'rule', rule: { regex, groups } };
}
