import { writeFile } from 'node:fs/promises';
import { buildWithBuildah } from './build-with-buildah.ts';
import { checkout } from './checkout.ts';
import { measure } from './measure.ts';
import { type InputReader, readInput } from './read-input.ts';
import { endPrograms } from './run-program.ts';
import { exitCodes, type FailureDetail, StepFailure } from './step-failure.ts';

const steps: Readonly<Record<string, (reader: InputReader) => Promise<void>>> = {
  checkout,
  measure,
  'build-with-buildah': buildWithBuildah,
};

/** Runs one step; gives its exit code. What it has to say besides goes into the result file as JSON. */
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
  } catch (cause) {
    if (!(cause instanceof StepFailure)) throw cause;
    console.error(cause.message);
    if (result !== null) await writeFile(result, JSON.stringify(cut(cause.detail)));
    return cause.exitCode;
  }
}

// A termination message has at most 4,096 bytes.
function cut(detail: FailureDetail): FailureDetail {
  const short = Object.entries(detail).map(([name, value]) => {
    if (typeof value === 'number') return [name, value] as const;
    if (typeof value === 'string') return [name, value.slice(0, 250)] as const;
    return [name, value.slice(0, 8).map((each) => each.slice(0, 100))] as const;
  });
  return Object.fromEntries(short);
}

// As process 1 of a container nothing ends us unless we do it.
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    endPrograms();
    process.exit(143);
  });
}

process.exitCode = await runStep(process.argv[2] ?? '');
