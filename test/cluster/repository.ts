import type { ClusterWorld } from './cluster-world.ts';

export const repo = 'acme/api';

const resources = '    resources: { cpu: 100m, memory: 512Mi, ephemeralStorage: 1Gi }';

/** A Dockerfile of two stages, the second from nothing. */
export function dockerfile(base: string, command = "tr 'a-z' 'A-Z' < /src/hello.txt > /shouted.txt"): string {
  return [
    `FROM ${base} AS build`,
    'COPY hello.txt /src/hello.txt',
    `RUN ${command}`,
    '',
    'FROM scratch',
    'COPY --from=build /shouted.txt /shouted.txt',
    '',
  ].join('\n');
}

/** What BuildKit can and the others cannot, or only half: mounts, heredocs; and a syntax that would be another program's. */
export function modernDockerfile(base: string): string {
  return [
    '# syntax=10.77.0.1:1/nobody/frontend:1',
    `FROM ${base} AS build`,
    'COPY hello.txt /src/hello.txt',
    'RUN --mount=type=cache,target=/cache <<END',
    "tr 'a-z' 'A-Z' < /src/hello.txt > /cache/shouted.txt",
    'cp /cache/shouted.txt /shouted.txt',
    'END',
    'FROM scratch',
    'COPY --from=build /shouted.txt /shouted.txt',
    '',
  ].join('\n');
}

const images = ['images:', '  - name: api', '    repository: registry.example.com/acme/api'];

const buildJob = ['  build-image:', '    template: build-image', '    on: presubmit', resources];

function commandJob(script: string): readonly string[] {
  return [
    '  unit:',
    '    on: presubmit',
    '    image: localhost/busybox:1',
    `    run: ${JSON.stringify(script)}`,
    '    timeout: 10m',
    resources,
  ];
}

/** Makes `acme/api` with these jobs, and a two-stage Dockerfile for the one that builds it; `ada` may write. */
export async function createApi(
  world: Pick<ClusterWorld, 'github' | 'baseImage'>,
  {
    jobs,
    script = '',
    isPrivate = false,
  }: { jobs: readonly ('build-image' | 'unit')[]; script?: string; isPrivate?: boolean },
): Promise<void> {
  const buildsImage = jobs.includes('build-image');
  const lines = jobs.flatMap((job) => (job === 'unit' ? commandJob(script) : buildJob));
  const config = ['apiVersion: sluice/v1', ...(buildsImage ? images : []), 'jobs:', ...lines];
  const files = {
    ...(buildsImage ? { Dockerfile: dockerfile(world.baseImage) } : {}),
    'hello.txt': 'hello\n',
    '.sluice.yaml': `${config.join('\n')}\n`,
  };
  await world.github.createRepository(repo, { private: isPrivate, files });
  await world.github.setPermission(repo, 'ada', 'write');
}
