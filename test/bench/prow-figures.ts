/** What Prow's hook and controller need on a machine like this one, from the delivery to the pod; nothing is durable when they accept. */
export const prow: Readonly<Record<string, { readonly p50: number; readonly p95: number | null }>> = {
  1: { p50: 17, p95: 31 },
  5: { p50: 1_200, p95: 11_000 },
  20: { p50: 31_000, p95: null },
};

export const prowBurstPodsPerSecond = 2.9;
