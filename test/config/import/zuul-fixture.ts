import { parse as parseYaml } from 'yaml';
import { importZuul } from '../../../src/config/import/import-zuul.ts';
import { parseProjectConfig } from '../../../src/config/parse-project-config.ts';

export function importText(text: string, project: string | null = null) {
  return importZuul([{ name: 'zuul.yaml', content: Buffer.from(text) }], project);
}

export interface Outcome {
  readonly images: readonly Record<string, unknown>[];
  readonly jobs: Readonly<Record<string, Record<string, unknown> | null>>;
  readonly promotion: unknown;
  readonly gate: unknown;
  /** `line: message`. */
  readonly told: readonly string[];
  readonly text: string;
}

/** Imports it, demands that our own check takes the result, and reads that. */
export function imported(text: string, project: string | null = null): Outcome {
  const found = importText(text, project);
  const state = parseProjectConfig(found.text, { file: '.sluice.yaml', repositoryName: 'shop' });
  if (state.kind !== 'valid' || found.problems.length > 0)
    throw new Error(
      `not valid:\n${found.text}\n${JSON.stringify(state.kind === 'invalid' ? state.problems : found.problems)}`,
    );
  const written = parseYaml(found.text) as Partial<Outcome>;
  return {
    images: written.images ?? [],
    jobs: written.jobs ?? {},
    promotion: written.promotion,
    gate: written.gate,
    told: found.told.map(({ line, message }) => `${line}: ${message}`),
    text: found.text,
  };
}

function indented(text: string, by: number): string {
  return text
    .split('\n')
    .map((line) => `${' '.repeat(by)}${line}`)
    .join('\n');
}

/** A project that builds one image in check; `entry` is its map in flow style, `vars` further lines beside the list. */
export function withImage(entry: string, vars = '', family = 'container_images'): string {
  return `- job:
    name: acme-build-image
    parent: build-${family === 'docker_images' ? 'docker' : 'container'}-image
    vars:
      ${family}: [${entry}]
${indented(vars, 6)}
- project:
    check: { jobs: [acme-build-image] }
`;
}

/** The one job of a project, with further attributes. */
export function withJob(attributes: string): string {
  return `- job:
    name: acme-build-image
    parent: build-container-image
    vars: { container_images: [{ repository: quay.io/acme/api }] }
${indented(attributes, 4)}
- project:
    check: { jobs: [acme-build-image] }
`;
}
