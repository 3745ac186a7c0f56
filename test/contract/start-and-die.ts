import { createPodmanExecutor } from '../../src/adapters/podman/executor.ts';
import { createProcessExecutor } from '../../src/adapters/process/executor.ts';

// A worker that starts one build and then waits to be killed: told by `worker`, in JSON on standard input.
const input: Buffer[] = [];
for await (const piece of process.stdin) input.push(piece as Buffer);
const { kind, settings, manifest, secrets } = JSON.parse(Buffer.concat(input).toString());
const complete = { ...settings, now: Date.now };
const executor = kind === 'podman' ? createPodmanExecutor(complete) : createProcessExecutor(complete);
const starting = executor.start(manifest, secrets);
process.stdout.write('called\n');
await starting;
process.stdout.write('answered\n');
setInterval(() => process.title, 60_000);
