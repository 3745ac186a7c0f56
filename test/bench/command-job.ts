/** Files of a repository with one job that runs a command: what a simulated pod leaves is enough for it to have passed. */
export const commandJobFiles: Readonly<Record<string, string>> = {
  '.sluice.yaml': [
    'apiVersion: sluice/v1',
    'jobs:',
    '  unit: { on: presubmit, image: localhost/busybox:1, run: make test }',
    '',
  ].join('\n'),
  'README.md': 'hello\n',
};
