import type { PromoteRecord } from '../../model/promotion.ts';
import { parseSubjectId } from '../../model/subject.ts';
import type { AppContext } from '../context.ts';

/** The promote lines that are stored, of all projects or of one. */
export async function readLines(
  { ports: { documents } }: Pick<AppContext, 'ports'>,
  project?: number,
): Promise<readonly PromoteRecord[]> {
  const lines = (await documents.subjects()).filter((id) => {
    const subject = parseSubjectId(id);
    return subject?.kind === 'promote' && (project === undefined || subject.repository === project);
  });
  const found = await Promise.all(lines.map((id) => documents.load(id)));
  return found.flatMap(({ document }) => (document === null ? [] : [document as PromoteRecord]));
}

/** Long enough that many pull requests at a time cost one reading. */
const goodForMs = 10_000;

/** The same as they were within the last ten seconds: for what tells people, never for what sets a tag. */
export type LineMemory = () => Promise<readonly PromoteRecord[]>;

export function createLineMemory({ ports }: Pick<AppContext, 'ports'>): LineMemory {
  let last: { readonly at: number; readonly lines: Promise<readonly PromoteRecord[]> } | null = null;
  return () => {
    const now = ports.clock.now();
    if (last !== null && now - last.at < goodForMs) return last.lines;
    const lines = readLines({ ports });
    last = { at: now, lines };
    lines.catch(() => {
      last = null;
    });
    return lines;
  };
}
