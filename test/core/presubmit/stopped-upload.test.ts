import { expect, it } from 'vitest';
import { advanceBuild } from '../../../src/core/presubmit/advance-build.ts';
import type { Build } from '../../../src/model/build.ts';
import type { ObservedPod } from '../../../src/model/pod.ts';
import { exited, podOf } from '../pod/observed-pod.ts';
import { uploadOrder } from '../pod/order-fixture.ts';

const digest = `sha256:${'d'.repeat(64)}`;
const uploaded = {
  repository: 'quay.io/acme/api',
  tag: 'change_6_e809e554fb13_',
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  manifestBytes: 7,
};
const { build } = uploadOrder();
const stopping: Build = {
  ...build,
  state: { phase: 'stopping', since: 1, startedAt: 1, result: 'aborted', because: 'it was withdrawn' },
};

function ended(pod: ObservedPod): Build {
  const facts = { now: 9, pods: [{ ...pod, name: build.id }], line: new Map(), logs: new Map(), starts: new Map() };
  const draft = { effects: [], reasons: [] };
  return advanceBuild({ facts, draft } as never, stopping);
}

it('what one that was stopped had uploaded all the same is remembered, so that it is taken away; its result is no other', () => {
  const message = JSON.stringify({ digest, bytes: 1, layers: 1, uploaded });
  const pod = podOf({ build: exited(0), upload: exited(0, { message }) }, { phase: 'succeeded' });
  expect(ended(pod).state).toMatchObject({ result: 'aborted', outcome: { image: { digest, uploaded } } });
  const failed = podOf({ build: exited(1), upload: exited(0, { message }) }, { phase: 'failed' });
  expect(ended(failed).state).toMatchObject({ result: 'aborted', outcome: { image: null } });
});
