import { type BuildParts, buildIdFor, definitionDigest } from '../../model/build.ts';
import type { CanaryOrder } from '../../model/isolation.ts';
import type { Job } from '../../model/job.ts';
import type { BuildOrder } from '../../model/order.ts';
import { toSha } from '../../model/sha.ts';

/** Subject of all canaries: not one that a pass is made over, so their pods are nobody else's. */
export const canarySubject = 'isolation';

const noCommit = toSha('0'.repeat(40));

/** Much more than it needs: a pod that hangs is ended by its node. */
const timeoutSeconds = 600;

function jobOf(canary: CanaryOrder): Job {
  return {
    name: canary.kind === 'listen' ? 'canary-listener' : 'canary',
    pipelines: ['presubmit'],
    selection: { trigger: 'auto', branches: [], skipBranches: [], onlyIf: null, skipIf: null, optional: false },
    content: { template: 'canary' },
    needs: [],
    pool: 'default',
    resources: { cpu: '100m', memory: '256Mi', ephemeralStorage: '1Gi' },
    timeoutSeconds,
    allowPrivilegeEscalation: false,
    definition: definitionDigest(canary),
  };
}

/**
 * The pod of a canary as an order like any other of code that nobody approved: the same rendering, labels, rights and pool
 * (intake-faults-attacks.md §4 "Isolation self-test"). `begun`, the time of its turn, tells those of one turn from others.
 */
export function canaryOrder(canary: CanaryOrder, begun: number): BuildOrder {
  const job = jobOf(canary);
  const parts: BuildParts = {
    subject: canarySubject,
    entry: 'canary',
    commit: noCommit,
    job: job.name,
    point: {},
    definition: job.definition,
    request: begun,
    attempt: 1,
  };
  return {
    build: { id: buildIdFor(parts), parts, trust: 'untrusted', state: { phase: 'wanted', since: begun } },
    project: {
      id: 0,
      installation: 0,
      owner: 'sluice',
      name: 'isolation',
      private: false,
      defaultBranch: 'main',
      cloneUrl: 'https://sluice.invalid/isolation',
    },
    job,
    checkout: { cloneUrl: 'https://sluice.invalid/isolation', base: noCommit, heads: [], tree: noCommit },
    image: null,
    canary,
  };
}
