/** A bakery with a test that asks a neighbour, who is away the first time. Its candidates are built best first. */
export function bakeryFiles(testImage: string, serviceUrl: string): Record<string, string> {
  return {
    'README.md': '# bakery\n\nEach loaf is a file.\n',
    'loaves/white': 'flour, water, salt, yeast\n',
    'check.sh': [
      '#!/bin/sh',
      '[ ! -e sour.txt ] || { echo "the dough has turned sour"; exit 1; }',
      `[ ! -e oven.txt ] || wget -q -O /dev/null ${serviceUrl} || { echo "the oven does not answer"; exit 1; }`,
      'echo "loaves on the shelf: $(ls loaves | wc -l)"',
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
      '      sleep "$(ls loaves | wc -l)" & wait',
      '      exec sh ./check.sh',
      '    timeout: 5m',
      '    resources: { cpu: 100m, memory: 256Mi, ephemeralStorage: 1Gi }',
      'gate:',
      '  requires: { approvals: 1 }',
      '  scheduler: best-first',
      '  slots: 8',
      '',
    ].join('\n'),
  };
}

function loaf(name: string, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return { [`loaves/${name}`]: `${name}, water, salt, yeast\n`, ...more };
}

/** Six changes: the first has a test that fails once for no reason, the fourth is bad. */
export const bakeryChanges = {
  Rye: loaf('rye', { 'oven.txt': 'ask the oven first\n' }),
  Wheat: loaf('wheat'),
  Spelt: loaf('spelt'),
  Sour: loaf('sour', { 'sour.txt': 'left in the sun\n' }),
  Oats: loaf('oats'),
  Corn: loaf('corn'),
};
