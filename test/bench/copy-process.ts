import { pushLayout } from '../../src/adapters/oci/push-layout.ts';
import { createRegistry } from '../../src/adapters/oci/registry.ts';
import type { ImageRef } from '../../src/model/registry.ts';
import { promoter, realClock } from '../harness/registry-client.ts';
import { answerCalls, settingsOfThis } from './channel.ts';

/** The registry client as a process of its own, so that its memory is only its own. */
const { hosts } = settingsOfThis<{ readonly hosts: readonly string[] }>();
const keys = { whyNot: () => null, filesFor: async () => ({}) };
const registry = createRegistry({ keys, clock: realClock, insecure: hosts });
const callers = { from: promoter, to: promoter };

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

answerCalls({
  /** Bytes that were in memory at most, ever. */
  peak: () => process.resourceUsage().maxRSS * 1024,
  /** As the uploader's step does it. */
  upload: (layout: string, repository: string, tag: string) =>
    pushLayout({ layout, repository, tag, files: {}, insecure: true }),
  /** Milliseconds. */
  copy: (from: ImageRef, to: string) => timed(() => registry.copy(from, to, callers, new AbortController().signal)),
  /** A landing's images, as a pass promotes them: all copied before the first tag is set. */
  promote: (images: readonly { readonly from: ImageRef; readonly to: string }[], tag: string) =>
    timed(async () => {
      for (const { from, to } of images)
        if (from.repository !== to) await registry.copy(from, to, callers, new AbortController().signal);
      for (const { from, to } of images) await registry.tag({ repository: to, digest: from.digest }, tag, promoter);
    }),
});
