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

const header = [
  'apiVersion: sluice/v1',
  'images:',
  '  - name: api',
  '    repository: registry.example.com/acme/api',
  'jobs:',
];

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

/** Makes `acme/api` with a two-stage Dockerfile and, if there is a script, a job `unit` that runs it; `ada` may write. */
export async function createApi(
  world: ClusterWorld,
  {
    jobs,
    script = '',
    isPrivate = false,
  }: { jobs: readonly ('build-image' | 'unit')[]; script?: string; isPrivate?: boolean },
): Promise<void> {
  const lines = jobs.flatMap((job) => (job === 'unit' ? commandJob(script) : buildJob));
  const files = {
    Dockerfile: dockerfile(world.baseImage),
    'hello.txt': 'hello\n',
    '.sluice.yaml': `${[...header, ...lines].join('\n')}\n`,
  };
  await world.github.createRepository(repo, { private: isPrivate, files });
  await world.github.setPermission(repo, 'ada', 'write');
}
