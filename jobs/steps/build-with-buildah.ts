import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BuildInput } from '../../src/core/pod/step-input.ts';
import type { InputReader } from './read-input.ts';
import { type ProgramResult, runProgram } from './run-program.ts';
import { exitCodes, StepFailure } from './step-failure.ts';

const anySignature = JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] });

/** Builds one image with buildah into an OCI layout. Its storage lies beside it and is removed whatever happens. */
export async function buildWithBuildah(reader: InputReader): Promise<void> {
  const input: BuildInput = {
    arguments: reader.texts('arguments'),
    registries: reader.text('registries'),
    layout: reader.text('layout'),
    storage: reader.text('storage'),
    environment: reader.map('environment'),
    result: reader.text('result'),
  };
  try {
    await build(input);
  } finally {
    await rm(input.storage, { recursive: true, force: true });
  }
}

async function build(input: BuildInput): Promise<void> {
  const { storage, layout } = input;
  const place = {
    registries: join(storage, 'registries.conf'),
    policy: join(storage, 'policy.json'),
    id: join(storage, 'image-id'),
  };
  await mkdir(join(storage, 'tmp'), { recursive: true });
  await mkdir(dirname(layout), { recursive: true });
  await writeFile(place.registries, input.registries);
  await writeFile(place.policy, anySignature);
  const env = environmentOf(input, place.registries);
  const store = ['--root', join(storage, 'root'), '--runroot', join(storage, 'run'), '--storage-driver', 'vfs'];
  const call = { env, cwd: storage, shown: true };
  const buildah = (args: readonly string[]): Promise<ProgramResult> => runProgram('buildah', [...store, ...args], call);
  const options = [`--signature-policy=${place.policy}`, '--tag=localhost/built'];
  const { code } = await buildah(['build', ...options, ...input.arguments]);
  if (code !== 0) throw new StepFailure(code, `The build ended with exit code ${code}`);
  const pushed = await buildah([
    'push',
    '--quiet',
    `--signature-policy=${place.policy}`,
    'localhost/built',
    `oci:${layout}`,
  ]);
  if (pushed.code !== 0) throw new StepFailure(exitCodes.brokenImage, 'The image could not be written out');
}

function environmentOf({ environment, storage }: BuildInput, registries: string): Readonly<Record<string, string>> {
  return {
    ...environment,
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: storage,
    TMPDIR: join(storage, 'tmp'),
    CONTAINERS_REGISTRIES_CONF: registries,
    BUILDAH_ISOLATION: 'chroot',
  };
}
