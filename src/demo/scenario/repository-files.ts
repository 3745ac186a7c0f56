/** What the demo's repositories hold. `base` is the image that its Dockerfile starts from. */
export function apiFiles(base: string, testImage: string, serviceUrl: string): Record<string, string> {
  return {
    'README.md': '# api\n\nA small service, built by Sluice.\n',
    'docs/guide.md': '# Guide\n',
    'hello.txt': 'hello\n',
    Dockerfile: [
      `FROM ${base} AS build`,
      'COPY hello.txt /src/hello.txt',
      "RUN tr 'a-z' 'A-Z' < /src/hello.txt > /shouted.txt",
      '',
      'FROM scratch',
      'COPY --from=build /shouted.txt /shouted.txt',
      '',
    ].join('\n'),
    'test.sh': [
      '#!/bin/sh',
      '# Asks a neighbour for the answer; when the neighbour is away, the test is red.',
      `answer=$(wget -q -O - ${serviceUrl}) || { echo "the answer service is away"; exit 1; }`,
      'echo "the answer is $answer"',
      "trap 'exit 143' TERM",
      '[ ! -e slow ] || { echo "this takes a while"; sleep 60 & wait; }',
      '',
    ].join('\n'),
    '.sluice.yaml': [
      'apiVersion: sluice/v1',
      'images:',
      '  - name: api',
      '    repository: registry.example.com/acme/api',
      'jobs:',
      '  build-image:',
      '    template: build-image',
      '    on: presubmit',
      '    skipIf: { only: ["docs/**", "**/*.md"] }',
      '    resources: { cpu: 500m, memory: 1Gi, ephemeralStorage: 2Gi }',
      '  unit:',
      '    on: presubmit',
      `    image: ${testImage}`,
      '    run: exec sh ./test.sh',
      '    skipIf: { only: ["docs/**", "**/*.md"] }',
      '    timeout: 5m',
      '    resources: { cpu: 100m, memory: 256Mi, ephemeralStorage: 1Gi }',
      '',
    ].join('\n'),
  };
}

/** A repository without any file of ours. */
export function plainFiles(base: string): Record<string, string> {
  return { Dockerfile: `FROM ${base}\nRUN echo built > /built.txt\n`, 'README.md': '# plain\n' };
}

/** The same Dockerfile with a command that does not exist, on line 3. */
export function brokenDockerfile(base: string): string {
  return [
    `FROM ${base} AS build`,
    'COPY hello.txt /src/hello.txt',
    'RUN shout /src/hello.txt > /shouted.txt',
    '',
    'FROM scratch',
    'COPY --from=build /shouted.txt /shouted.txt',
    '',
  ].join('\n');
}

/** A shop whose shelf holds twelve boxes: two changes that each fit may be too many together. */
export function shopFiles(testImage: string): Record<string, string> {
  return {
    'README.md': '# shop\n\nIts shelf holds twelve boxes.\n',
    'apples.txt': '3\n',
    'pears.txt': '3\n',
    'pauses/base.txt': '1\n',
    'check.sh': [
      '#!/bin/sh',
      'boxes=$(($(cat apples.txt) + $(cat pears.txt)))',
      'echo "$boxes boxes are on the shelf, which holds 12"',
      '[ "$boxes" -le 12 ]',
      '',
    ].join('\n'),
    '.sluice.yaml': [
      'apiVersion: sluice/v1',
      'jobs:',
      '  check:',
      '    on: gate',
      `    image: ${testImage}`,
      '    run: |',
      "      trap 'exit 143' TERM",
      '      sleep "$(cat pauses/*.txt | sort -n | tail -n 1)" & wait',
      '      exec sh ./check.sh',
      '    timeout: 5m',
      '    resources: { cpu: 100m, memory: 256Mi, ephemeralStorage: 1Gi }',
      'gate:',
      '  requires: { approvals: 1 }',
      '',
    ].join('\n'),
  };
}
