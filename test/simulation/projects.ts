import type { ConfigState } from '../../src/model/config.ts';
import { configFile } from '../../src/model/config.ts';
import { defaultConfig, parseConfig } from '../../src/project-config.ts';

const all = `images:
  - name: api
    repository: quay.io/acme/api
  - name: web
    repository: quay.io/acme/web
    onlyIf: { paths: ["web/**", "Dockerfile"] }
jobs:
  build: { template: build-image, on: presubmit, timeout: 10m }
  unit: { image: docker.io/library/golang:1.24, run: make test, timeout: 10m }
  e2e: { image: docker.io/library/golang:1.24, run: make e2e, needs: [unit], timeout: 8m }
  docs: { image: docker.io/library/golang:1.24, run: make docs, onlyIf: { paths: ["docs/**"] }, timeout: 5m }
  bench: { image: docker.io/library/golang:1.24, run: make bench, trigger: manual, timeout: 5m }
  nothing: { template: noop }
`;

const small = `jobs:
  unit: { image: docker.io/library/golang:1.24, run: make test, timeout: 10m }
`;

/** Files of a configuration that repositories of these worlds have; null: no file at all. */
export const configs: Readonly<Record<string, string | null>> = {
  all,
  small,
  'another unit': all.replace('make test', 'make test-more'),
  'unit in a pool': all.replace('run: make test', 'pool: arm, run: make test'),
  'unit optional': all.replace('run: make test', 'optional: true, run: make test'),
  shadow: `mode: shadow\n${small}`,
  collaborators: `trust: collaborators\n${all}`,
  broken: 'jobs: { unit: { nonsense: true } }\n',
  none: null,
};

export const usableConfigs = Object.keys(configs).filter((name) => name !== 'broken');

const parsed = new Map<string, ConfigState>();

/** The product's own reading of a file, remembered: worlds share few files. */
export function parseOnce(text: string, repository: string, containerFile: string | null): ConfigState {
  const key = `${repository}\n${containerFile}\n${text}`;
  const state = parsed.get(key) ?? parseConfig(text, repository, containerFile);
  parsed.set(key, state);
  return state;
}

export const withoutFile = defaultConfig;

/** All files of a commit. */
export function filesWith(
  config: string,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const text = configs[config];
  return {
    Dockerfile: 'FROM scratch\nCOPY README.md /\n',
    'README.md': 'hello\n',
    ...(text === null || text === undefined ? {} : { [configFile]: text }),
    ...more,
  };
}
