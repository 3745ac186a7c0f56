import type { BuiltImage } from '../../model/build.ts';
import { isDigest } from '../../model/sha.ts';

/** As much as Kubernetes keeps of a termination message. */
const messageBytes = 4096;

/** What the step `measure` left; null for anything else, however it is written (intake-faults-attacks.md A31). */
export function readMeasured(message: string): BuiltImage | null {
  if (new TextEncoder().encode(message).length > messageBytes) return null;
  const said = parse(message);
  if (typeof said !== 'object' || said === null) return null;
  const { digest, bytes, layers } = said as { digest?: unknown; bytes?: unknown; layers?: unknown };
  if (typeof digest !== 'string' || !isDigest(digest) || !isCount(bytes) || !isCount(layers)) return null;
  return { digest, bytes, layers };
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    // Not JSON: whatever wrote it was not our step, and the caller says so.
    return null;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
