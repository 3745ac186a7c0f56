import type { BranchReading } from '../../model/landing.ts';
import type { GateSettings, QueueBranch } from '../../model/queue.ts';
import type { ConfigReader } from '../read-config.ts';

/** Far enough for a branch whose file was broken lately; what is older is no longer what people expect. */
const mostLooks = 20;

/** From the branch's own file; where that is invalid, from the last valid one of what landed, so that a change can repair it. */
export async function branchSettings(
  reader: ConfigReader,
  { project }: QueueBranch,
  { tip, ledger }: BranchReading,
  standing: number,
): Promise<GateSettings | null> {
  if (tip === null) return null;
  const entries = ledger.kind === 'whole' ? ledger.entries : [];
  const earlier = entries
    .filter(({ sequence }) => sequence <= standing)
    .flatMap(({ detail }) => (detail.kind === 'landed' ? [detail.from, detail.commit] : []))
    .toReversed();
  for (const at of [tip, ...earlier].slice(0, mostLooks)) {
    const config = await reader.configAt(project, at);
    if (config.kind === 'valid') return config.config.gate;
    if (config.kind !== 'invalid') return null;
  }
  return null;
}
