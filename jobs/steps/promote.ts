import { writeFile } from 'node:fs/promises';
import { fewAtOnce } from '../../src/adapters/oci/few-at-once.ts';
import { machineClock } from '../../src/adapters/oci/machine-clock.ts';
import { createRegistry } from '../../src/adapters/oci/registry.ts';
import type { PromoteInput } from '../../src/core/pod/step-input.ts';
import type { PromotedImage } from '../../src/model/promotion.ts';
import type { Copied, RegistryCaller } from '../../src/model/registry.ts';
import type { Registry } from '../../src/ports/registry.ts';
import type { InputReader } from './read-input.ts';
import { readKeys } from './read-keys.ts';
import { registryFailure } from './registry-failure.ts';
import { exitCodes, StepFailure } from './step-failure.ts';

const tries = 3;

/**
 * Promotes the images of one landing: none of their tags is set before every digest is where it is pulled from, and each tag is
 * read back. Leaves in the termination message how many images and tags there are and what was copied. Doing it again is doing it
 * once. Credentials are read from their files alone.
 */
export async function promote(reader: InputReader): Promise<void> {
  const input = readPromoteInput(reader);
  const registry = await openRegistry(input);
  try {
    const copied: Copied[] = [];
    await fewAtOnce(input.images, async (image) => void copied.push(await bring(registry, image)));
    const set = await setTags(registry, input.images);
    const sum = (of: (one: Copied) => number): number => copied.reduce((all, one) => all + of(one), 0);
    const sums = {
      bytes: sum(({ bytes }) => bytes),
      blobs: sum(({ blobs }) => blobs),
      mounted: sum((one) => one.mounted),
    };
    await writeFile(input.result, JSON.stringify({ images: input.images.length, ...set, copied: sums }));
  } catch (cause) {
    if (cause instanceof StepFailure) throw cause;
    throw registryFailure(
      cause,
      "the server's credentials must allow pulling from the one place and pushing to the other",
    );
  } finally {
    registry.close();
  }
}

function readPromoteInput(reader: InputReader): PromoteInput {
  return {
    images: reader.list('images').map((image) => ({
      from: { repository: image.inside('from').text('repository'), digest: image.inside('from').digest('digest') },
      to: image.text('to'),
      tags: image.texts('tags'),
    })),
    keys: reader.text('keys'),
    insecure: reader.texts('insecure'),
    result: reader.text('result'),
  };
}

async function openRegistry({ keys, insecure }: PromoteInput) {
  const files = await readKeys(keys);
  return createRegistry({
    keys: { whyNot: () => null, filesFor: async () => files },
    clock: machineClock,
    insecure,
    tries,
  });
}

/** For whom it is was decided by whoever gave us the credentials. */
const promoter: RegistryCaller = { project: 0, fullName: '', branch: '', use: 'promote' };

async function bring(registry: Registry, { from, to }: PromotedImage): Promise<Copied> {
  const nothing: Copied = { bytes: 0, blobs: 0, mounted: 0 };
  if ((await registry.find(to, from.digest, promoter)) !== null) {
    console.log(`${to}@${from.digest} is there`);
    return nothing;
  }
  if (from.repository === to)
    throw new StepFailure(exitCodes.registryRefused, `${from.digest} is not in ${to} any more: no tag was set`);
  const copied = await registry.copy(from, to, { from: promoter, to: promoter }, new AbortController().signal);
  const { bytes, blobs, mounted } = copied;
  console.log(`${to}@${from.digest} was copied: ${blobs} blobs, ${bytes} bytes; ${mounted} blobs mounted`);
  return copied;
}

async function setTags(registry: Registry, images: readonly PromotedImage[]) {
  const refused: string[] = [];
  const counts = { set: 0, same: 0 };
  for (const { from, to, tags } of images)
    for (const tag of tags) {
      const outcome = await registry.tag({ repository: to, digest: from.digest }, tag, promoter);
      console.log(`${to}:${tag}: ${outcome.kind}`);
      if (outcome.kind === 'immutable') refused.push(outcome.because);
      else counts[outcome.kind] += 1;
    }
  if (refused.length === 0) return counts;
  const all = counts.set + counts.same + refused.length;
  throw new StepFailure(
    exitCodes.registryRefused,
    `${refused.length} of ${all} tags cannot move: ${refused.join('; ')}`,
  );
}
