interface StoreWishes {
  /** What its Dockerfiles start from. */
  readonly base: string;
  /** `host:port` of the registry that people pull from, and of the one where images of changes wait. */
  readonly final: string;
  readonly staging: string;
  /** Where its test finds the price that the image says: in the image, or in the checkout where nothing is run inside one. */
  readonly priceFile: string;
}

/** A store of two images whose test runs inside one of them, as the gate has just built it. */
export function storeFiles({ base, final, staging, priceFile }: StoreWishes): Record<string, string> {
  const image = (name: string) => `  - { name: ${name}, context: ${name}, repository: ${final}/acme/${name} }`;
  return {
    'README.md': '# store\n\nTwo images: what bread costs, and a page that says so.\n',
    'api/price.txt': '3\n',
    'api/Dockerfile': `FROM ${base}\nCOPY price.txt /price.txt\n`,
    'web/page.html': '<h1>Bread</h1>\n',
    'web/Dockerfile': `FROM ${base}\nCOPY page.html /page.html\n`,
    'e2e.sh': [
      '#!/bin/sh',
      `price=$(cat ${priceFile}) || exit 1`,
      `echo "bread costs $price, says ${priceFile}"`,
      '[ "$price" = "$(cat api/price.txt)" ]',
      '',
    ].join('\n'),
    '.sluice.yaml': [
      'apiVersion: sluice/v1',
      'images:',
      image('api'),
      image('web'),
      `promotion: { mode: intermediate, staging: "${staging}/waiting" }`,
      'jobs:',
      '  build-image: null',
      '  upload-image:',
      '    template: upload-image',
      '    on: gate',
      '    resources: { cpu: 500m, memory: 1Gi, ephemeralStorage: 2Gi }',
      '  e2e:',
      '    on: gate',
      '    needs: [upload-image]',
      '    image: "{{ images.api.staged }}"',
      '    run: sleep 1 && exec sh ./e2e.sh',
      '    timeout: 5m',
      '    resources: { cpu: 100m, memory: 256Mi, ephemeralStorage: 1Gi }',
      'gate:',
      '  requires: { approvals: 1 }',
      '',
    ].join('\n'),
  };
}
