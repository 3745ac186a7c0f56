/** How many items are tested at once after a landing (gate.md §3). */
export function windowAfterLanding(window: number): number {
  return window + 1;
}

/** And after a rejection for failed builds: half, never below the floor. */
export function windowAfterRejection(window: number, floor: number): number {
  return Math.max(floor, Math.floor(window / 2));
}
