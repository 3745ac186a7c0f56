// A worker that starts one build and then waits to be killed: told by `worker`, in JSON on standard input.
const input: Buffer[] = [];
for await (const piece of process.stdin) input.push(piece as Buffer);
const { kind, settings, manifest, secrets } = JSON.parse(Buffer.concat(input).toString());
const complete = { ...settings, now: Date.now };

async function makeExecutor() {
  if (kind === 'podman') return (await import('../../src/adapters/podman/executor.ts')).createPodmanExecutor(complete);
  if (kind === 'process')
    return (await import('../../src/adapters/process/executor.ts')).createProcessExecutor(complete);
  const { openKubeconfig } = await import('../../src/adapters/kubernetes/cluster-access.ts');
  const { createKubernetesExecutor } = await import('../../src/adapters/kubernetes/executor.ts');
  const cluster = openKubeconfig({ files: process.env.KUBECONFIG ?? null, context: null });
  return createKubernetesExecutor({ ...complete, cluster });
}

const executor = await makeExecutor();
const starting = executor.start(manifest, secrets);
process.stdout.write('called\n');
await starting;
process.stdout.write('answered\n');
setInterval(() => process.title, 60_000);
