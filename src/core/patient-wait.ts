/** So seldom at most, ms. */
const longestMs = 5 * 60_000;

/**
 * What has waited for long waits for people or for the forge, whose word comes by itself. Looking again is for a word that got
 * lost: the longer it has waited the seldomer, as every look asks the forge. All in ms.
 */
export function patientWait(waitedMs: number, atLeastMs: number): number {
  return Math.min(longestMs, Math.max(atLeastMs, Math.round(waitedMs / 6)));
}
