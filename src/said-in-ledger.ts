import type { AuditLine } from './cli/queue-view.ts';
import type { LedgerDetail, LedgerEntry } from './model/ledger.ts';

/** A line of the audit without its time and place. */
export type Said = Pick<AuditLine, 'what' | 'who' | 'number' | 'commit' | 'detail'>;

/** What a landing stands on: its own builds, those of a commit that holds it, or a pass of before (gate.md §6, scheduling.md §5). */
function howTested({ verdict, within }: Extract<LedgerDetail, { kind: 'landed' }>): string {
  const { checks, reused } = verdict;
  const passed = checks.map(({ name, conclusion }) => `${name} ${conclusion}`).join(', ');
  const inside = within ? `inside of #${within.number}, tested as ${within.commit.slice(0, 12)}` : null;
  if (passed === '') return inside ?? 'no job applied';
  const other = reused?.tree ? ', a tree of which no job reads a file that differs' : '';
  const before = reused ? `as it passed on ${reused.commit.slice(0, 12)}${other}` : null;
  return [passed, before, inside].filter((part) => part !== null).join('; ');
}

/** What an entry of a ledger says, for people. */
export function saidInLedger({ detail }: LedgerEntry): Said {
  switch (detail.kind) {
    case 'owner':
      return { what: 'owned', who: null, number: null, commit: null, detail: `the ledger begins: App ${detail.app}` };
    case 'landed': {
      const { number, by, commit, method } = detail;
      return { what: 'landed', who: by.login, number, commit, detail: `${method}; ${howTested(detail)}` };
    }
    case 'frozen':
      return { what: 'frozen', who: detail.by?.login ?? null, number: null, commit: null, detail: detail.because };
    case 'thawed':
      return { what: 'thawed', who: detail.by?.login ?? null, number: null, commit: null, detail: '' };
    case 'published': {
      const { number, commit, because, images } = detail;
      const what = images.map(({ name, digest }) => `${name} ${digest}`).join(', ');
      return { what: 'published', who: null, number, commit, detail: `${because}: ${what}` };
    }
    case 'pushed': {
      const { by, commit, images } = detail;
      const what = images.map(({ name, digest }) => `${name} ${digest}`).join(', ');
      return { what: 'pushed', who: by?.login ?? null, number: null, commit, detail: `built after a push: ${what}` };
    }
    case 'releasing':
    case 'released': {
      const { kind, by, commit, version, images } = detail;
      const what = images.map(({ name, digest }) => `${name} ${digest}`).join(', ');
      return { what: kind, who: by?.login ?? null, number: null, commit, detail: `${version}: ${what}` };
    }
    case 'reset': {
      const { tip, standing } = detail;
      return {
        what: 'reset',
        who: null,
        number: null,
        commit: tip,
        detail: `it holds landings up to number ${standing}`,
      };
    }
  }
}
