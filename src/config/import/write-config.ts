import { Document, isScalar, visit } from 'yaml';
import { printable } from '../problems/finding.ts';
import type { NamedImage } from './collect-images.ts';
import type { Need } from './collect-needs.ts';
import type { ImportedMode } from './job-shape.ts';
import type { ImportedJob } from './translate-jobs.ts';

/** What is written. */
export interface ImportedParts {
  readonly sources: readonly string[];
  readonly images: readonly NamedImage[];
  readonly jobs: readonly ImportedJob[];
  readonly needs: ReadonlyMap<string, readonly Need[]>;
  readonly mode: ImportedMode;
  readonly gate: Readonly<Record<string, string | boolean>>;
  /** Jobs that `images` alone gives, and Zuul did not have. */
  readonly without: readonly string[];
  /** Lines of a comment at the end. */
  readonly missing: readonly string[];
}

/** `.sluice.yaml` as text, with what was not imported as a comment at its end. */
export function writeConfig(parts: ImportedParts): string {
  const { images, gate, mode } = parts;
  const jobs = [
    ...parts.jobs.map((job) => [job.name, toEntry(job, parts)]),
    ...parts.without.map((name) => [name, null]),
  ];
  const document = new Document({
    apiVersion: 'sluice/v1',
    ...(images.length === 0 ? {} : { images }),
    ...(jobs.length === 0 ? {} : { jobs: Object.fromEntries(jobs) }),
    ...(mode === null ? {} : { promotion: { mode } }),
    ...(Object.keys(gate).length === 0 ? {} : { gate }),
  });
  visit(document, {
    // Lists of words on one line, as people write them.
    Seq: (_, list) => {
      list.flow = list.items.every((item) => isScalar(item));
    },
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value === parts.without[0])
        key.commentBefore = ' Zuul had nothing like these; without the lines there would be one by itself.';
    },
  });
  const head = `# Imported from ${printable(parts.sources.join(', '))}.`;
  const missing = parts.missing.map((line) => `# ${printable(line)}`);
  return [head, document.toString({ lineWidth: 0 }).trimEnd(), ...missing, ''].join('\n');
}

function toEntry({ name, body, on }: ImportedJob, { needs }: ImportedParts): object {
  const { template, ...rest } = body;
  const own = needs.get(name) ?? [];
  return { template, on, ...rest, ...(own.length === 0 ? {} : { needs: own }) };
}
