interface OvenWishes {
  readonly base: string;
  /** `host:port` of the registry that people pull from. */
  readonly final: string;
}

const resources = 'resources: { cpu: 500m, memory: 1Gi, ephemeralStorage: 2Gi }';

function imageLines(name: string, { final }: OvenWishes): readonly string[] {
  return [
    'apiVersion: sluice/v1',
    'images:',
    `  - { name: ${name}, repository: ${final}/acme/${name} }`,
    'gate: { requires: { approvals: 1 } }',
    'jobs:',
    '  build-image: null',
    '  upload-image: null',
  ];
}

/** A project that keeps a version: only `robot` may release. */
export function ovenFiles(wishes: OvenWishes): Record<string, string> {
  return {
    'README.md': '# oven\n\nIts version stands in VERSION.\n',
    VERSION: 'v1.2.0-dev\n',
    'heat.txt': '180\n',
    Dockerfile: `FROM ${wishes.base}\nCOPY heat.txt /heat.txt\n`,
    '.sluice.yaml': [
      ...imageLines('oven', wishes),
      `  publish: { template: upload-image, on: [postsubmit, tag, release], publish: direct, ${resources} }`,
      'version: { main: main, releaseBranches: "release-v*", release: { initiators: [robot] } }',
      '',
    ].join('\n'),
  };
}

/** A project without versions, whose git tags are built, and which something looks after each minute. */
export function doughFiles(wishes: OvenWishes, testImage: string): Record<string, string> {
  return {
    'README.md': '# dough\n\nHas no version: a git tag is built.\n',
    'flour.txt': '0\n',
    Dockerfile: `FROM ${wishes.base}\nCOPY flour.txt /flour.txt\n`,
    'taste.sh': '#!/bin/sh\necho "$(cat flour.txt) g of flour"\n[ "$(cat flour.txt)" -gt 0 ]\n',
    '.sluice.yaml': [
      ...imageLines('dough', wishes),
      `  publish: { template: upload-image, on: [tag], publish: direct, ${resources} }`,
      '  taste:',
      '    on: { cron: "* * * * *", unchanged: skip }',
      `    image: ${testImage}`,
      '    run: exec sh ./taste.sh',
      '    resources: { cpu: 100m, memory: 256Mi, ephemeralStorage: 1Gi }',
      '',
    ].join('\n'),
  };
}
