import { writeFile } from 'node:fs/promises';
import { BrokenLayout } from '../../src/adapters/oci/layout.ts';
import { buildWithBuildah } from './build-with-buildah.ts';
import { canary } from './canary.ts';
import { checkout } from './checkout.ts';
import { keep } from './keep.ts';
import { measure } from './measure.ts';
import { own } from './own.ts';
import { promote } from './promote.ts';
import { type InputReader, readInput } from './read-input.ts';
import { endPrograms } from './run-program.ts';
import { exitCodes, StepFailure } from './step-failure.ts';
import { take } from './take.ts';
import { upload } from './upload.ts';

const steps: Readonly<Record<string, (reader: InputReader) => Promise<void>>> = {
  checkout,
  own,
  measure,
  upload,
  promote,
  keep,
  take,
  'build-with-buildah': buildWithBuildah,
  canary,
};

/** Runs one step; gives its exit code. Why it failed goes into the result file, too. */
async function runStep(name: string): Promise<number> {
  let result: string | null = null;
  try {
    const step = Object.hasOwn(steps, name) ? steps[name] : undefined;
    if (step === undefined)
      throw new StepFailure(
        exitCodes.badInput,
        `There is no step ${JSON.stringify(name)}; there are ${Object.keys(steps).join(', ')}`,
      );
    const reader = readInput(process.env.SLUICE_STEP);
    result = reader.text('result');
    await step(reader);
    return 0;
  } catch (thrown) {
    const cause = thrown instanceof BrokenLayout ? new StepFailure(exitCodes.brokenImage, thrown.message) : thrown;
    if (!(cause instanceof StepFailure)) throw cause;
    console.error(cause.message);
    if (result !== null) await writeFile(result, cause.message.slice(0, 1000));
    return cause.exitCode;
  }
}

// As process 1 of a container nothing ends us unless we do it.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    endPrograms();
    process.exit(143);
  });
}

process.exitCode = await runStep(process.argv[2] ?? '');
