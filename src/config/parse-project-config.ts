import type { ConfigProblem, ConfigState, ProjectConfig } from '../model/config.ts';
import { defaultImage } from './default-config.ts';
import { explainIssue } from './problems/explain-issue.ts';
import { type Finding, formatPath, type PlacedFinding, sentence } from './problems/finding.ts';
import { checkFrom } from './resolve/check-from.ts';
import { checkImages } from './resolve/check-images.ts';
import { checkJobs } from './resolve/check-jobs.ts';
import { checkNeeds } from './resolve/check-needs.ts';
import { checkStaged } from './resolve/check-staged.ts';
import { checkVersion } from './resolve/check-version.ts';
import { defaultJobs } from './resolve/default-jobs.ts';
import { type Entries, type JobEntry, readEntries } from './resolve/read-entries.ts';
import { resolveGate } from './resolve/resolve-gate.ts';
import { resolveImage } from './resolve/resolve-image.ts';
import { resolveJob } from './resolve/resolve-job.ts';
import { checkPromotion, resolvePromotion } from './resolve/resolve-promotion.ts';
import { resolveVersion } from './resolve/resolve-version.ts';
import { projectSchema, type WrittenProject } from './schema/project.ts';
import { decodeUtf8, positionAt, type SourceText, toSourceText } from './source-text.ts';
import { checkCounts } from './yaml/check-counts.ts';
import { isBroken, type Located, placeFinding } from './yaml/located.ts';
import { readDocument } from './yaml/read-document.ts';

/** What the configuration depends on besides its text. */
export interface ConfigContext {
  /** Name for messages, as `.sluice.yaml`. */
  readonly file: string;
  /** Without owner. Names the image that a root Containerfile gives where the file has no `images:`. */
  readonly repositoryName: string;
  /** Name of the Containerfile or Dockerfile at the root of the same commit; null or absent: there is none, or nobody looked. */
  readonly containerfile?: string | null;
  /** The server's own staging place; null: it has none; absent: no server is known. */
  readonly staging?: string | null;
}

const maxProblems = 100;

/**
 * `.sluice.yaml` with defaults filled in, or everything that is wrong with it, in the order of the file (after 100 it says how
 * many more). Bytes must be UTF-8. Never throws for any content, and takes bounded time and memory (A12). An empty file is `{}`.
 */
export function parseProjectConfig(content: string | Uint8Array, context: ConfigContext): ConfigState {
  const decoded = decodeUtf8(content);
  if (decoded.kind === 'not-utf8') return { kind: 'invalid', problems: [notUtf8(context.file)] };
  const source = toSourceText(decoded.text);
  const { root, findings } = readDocument(decoded.text);
  if (root === null) return invalid(findings, source, context.file);
  const tooMany = checkCounts(root);
  if (tooMany !== null) return invalid([...findings, tooMany], source, context.file);
  const reading = readProject(root, context);
  const all = [...findings, ...reading.findings];
  if (all.length > 0 || reading.written === null) return invalid(all, source, context.file);
  return { kind: 'valid', config: resolveProject(reading, reading.written, context) };
}

interface ProjectReading {
  readonly written: WrittenProject | null;
  readonly entries: Entries;
  /** Default jobs first, then those of the file. */
  readonly jobs: readonly JobEntry[];
  readonly findings: readonly PlacedFinding[];
}

function readProject(root: Located, context: ConfigContext): ProjectReading {
  const parsed = projectSchema.safeParse(root.value);
  const shape = parsed.success ? [] : parsed.error.issues.flatMap((issue) => explainIssue(issue, root));
  const { containerfile, staging } = context;
  const image = containerfile ? defaultImage(context.repositoryName, containerfile) : null;
  const entries = readEntries(root, image, staging);
  const jobs = [...defaultJobs(entries), ...entries.jobs];
  const found: Finding[] = [...shape];
  const report = (finding: Finding): void => void found.push(finding);
  checkImages(entries, report);
  checkFrom(entries, report);
  checkJobs(entries, report);
  checkNeeds(entries, jobs, report);
  checkStaged(entries, jobs, report);
  checkPromotion(entries.promotion, staging, report);
  checkVersion(entries, jobs, report);
  const told = found.filter((finding) => !isBroken(root, finding.path));
  const findings = told.map((finding) => placeFinding(root, finding));
  return { written: parsed.success ? parsed.data : null, entries, jobs, findings };
}

function resolveProject(
  { entries, jobs }: ProjectReading,
  written: WrittenProject,
  { staging }: ConfigContext,
): ProjectConfig {
  const bases = { streams: written.streams ?? {}, images: entries.images.flatMap((image) => image.written ?? []) };
  const images = bases.images.map((image) => resolveImage(image, bases));
  return {
    origin: 'file',
    mode: written.mode,
    images,
    jobs: jobs.flatMap((job) => (job.written === null ? [] : [resolveJob(job.name, job.written, images)])),
    trust: { trust: written.trust, trustedApps: written.trustedApps },
    gate: resolveGate(written.gate ?? {}, resolvePromotion(written.promotion ?? {}, staging)),
    version: written.version === undefined ? null : resolveVersion(written.version),
  };
}

function notUtf8(file: string): ConfigProblem {
  return { file, line: 1, column: 1, path: '', message: 'the file is not UTF-8 text', hint: 'save it as UTF-8' };
}

function invalid(findings: readonly PlacedFinding[], source: SourceText, file: string): ConfigState {
  // What stands once in the file is told once, however many aliases lead there.
  const distinct = new Map(findings.toReversed().map((finding) => [`${finding.offset}\n${finding.message}`, finding]));
  const sorted = [...distinct.values()].reverse().sort((one, other) => one.offset - other.offset);
  const problems = sorted.slice(0, maxProblems).map((finding) => toProblem(finding, source, file));
  const more = sorted.length - problems.length;
  const last = problems.at(-1);
  if (more > 0 && last !== undefined) {
    problems.push({ ...last, path: '', message: `and ${more} more`, hint: 'they are shown once these are mended' });
  }
  return { kind: 'invalid', problems };
}

function toProblem({ offset, path, message, hint }: PlacedFinding, source: SourceText, file: string): ConfigProblem {
  const said = typeof hint === 'function' ? hint() : hint;
  return {
    file,
    ...positionAt(source, offset),
    path: formatPath(path),
    message: sentence(message),
    hint: said === null ? null : sentence(said),
  };
}
