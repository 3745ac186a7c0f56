import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadJobLibrary } from '../../../src/config/job-library.ts';
import { canaryOrder } from '../../../src/core/isolation/canary-order.ts';
import { renderPod } from '../../../src/core/pod/render-pod.ts';
import { whyNotRender } from '../../../src/core/pod/why-not-render.ts';
import type { PodManifest } from '../../../src/model/pod.ts';
import { commandOrder, pool } from '../pod/order-fixture.ts';

const library = await loadJobLibrary(resolve(import.meta.dirname, '../../../jobs'));
const server = { ...pool, hostUsers: false, runtimeClassName: 'gvisor', nodeSelector: { pool: 'untrusted' } };

/** What of a pod decides which policies hold for it, and what it can reach. */
function placeOf({ spec, metadata }: PodManifest) {
  const {
    initContainers: _init,
    containers: _main,
    volumes: _volumes,
    activeDeadlineSeconds: _deadline,
    ...place
  } = spec;
  return { place, trust: metadata.labels['sluice.dev/trust'], owner: metadata.labels['sluice.dev/owner'] };
}

describe('the pod of a canary', () => {
  const targets = [{ name: 'api', kind: 'connect', host: '10.0.0.1', port: 443 }] as const;
  const control = { name: 'control', kind: 'connect', host: 'github.com', port: 443 } as const;
  const order = canaryOrder({ kind: 'try', control, targets, attemptMs: 5000 }, 7);

  it('is where a build of unapproved code is, and as little as that', () => {
    const canary = renderPod(order, server, library);
    expect(placeOf(canary)).toEqual(placeOf(renderPod(commandOrder({ trust: 'untrusted' }), server, library)));
    expect(canary.spec.volumes).toEqual([]);
    expect(canary.metadata.labels['sluice.dev/trust']).toBe('untrusted');
  });

  it('gives its step what it tries, and the one that listens its port', () => {
    const inputOf = (manifest: PodManifest) => JSON.parse(manifest.spec.containers[0]?.env[0]?.value ?? 'null');
    const result = '/dev/termination-log';
    const tried = { listens: false, listen: null, control, targets, attemptMs: 5000, result };
    expect(inputOf(renderPod(order, server, library))).toEqual(tried);
    const listener = renderPod(canaryOrder({ kind: 'listen', port: 8099 }, 7), server, library);
    expect(inputOf(listener)).toEqual({ listens: true, listen: 8099, result });
  });

  it('is of no repository', () => {
    const { canary: _, ...without } = order;
    expect(whyNotRender(without, pool, library)).toBe('a canary is of no repository');
  });
});
