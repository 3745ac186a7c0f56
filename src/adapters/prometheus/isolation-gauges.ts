import { Gauge, type Registry } from 'prom-client';
import type { Metrics } from '../../ports/metrics.ts';

const verdicts = ['passed', 'failed', 'unknown'] as const;

/** What this worker last knew of the canaries; absent before it has looked, and where nothing is to be proved. */
export function createIsolationGauges(registry: Registry): Metrics['isolationJudged'] {
  let seen: { readonly verdict: (typeof verdicts)[number]; readonly provedAt: number | null } | null = null;
  new Gauge({
    name: 'sluice_isolation_verdict',
    help: 'Whether the canary found builds of unapproved code shut in. 1 for failed or unknown: such builds wait; the log line "isolation is not proved" says what was reached or in the way.',
    labelNames: ['verdict'],
    registers: [registry],
    collect() {
      this.reset();
      if (seen !== null) for (const verdict of verdicts) this.set({ verdict }, seen.verdict === verdict ? 1 : 0);
    },
  });
  new Gauge({
    name: 'sluice_isolation_last_canary_age_seconds',
    help: 'Since the last canary whose result counts. Over a day: canaries cannot be started; over two, builds of unapproved code wait.',
    registers: [registry],
    collect() {
      this.reset();
      if (seen?.provedAt) this.set((Date.now() - seen.provedAt) / 1000);
      else this.remove();
    },
  });
  return (verdict, provedAt) => {
    seen = { verdict, provedAt };
  };
}
