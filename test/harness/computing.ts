/** How much this process computes for `work`, ms: unlike the time that passes, no more where others keep the machine busy. */
export function computingMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
