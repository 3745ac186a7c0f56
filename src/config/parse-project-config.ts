import type { ConfigProblem, ConfigState, ProjectConfig } from '../model/config.ts';
import { defaultImage } from './default-config.ts';
import { type SourceFile, type SourceFiles, toProblem } from './organisation/places.ts';
import { type NoOrganisation, type OrganisationView, putTogether } from './organisation/put-together.ts';
import { explainIssue } from './problems/explain-issue.ts';
import type { Finding, PlacedFinding } from './problems/finding.ts';
import { checkArtifacts } from './resolve/check-artifacts.ts';
import { checkFrom } from './resolve/check-from.ts';
import { checkImages } from './resolve/check-images.ts';
import { checkJobs } from './resolve/check-jobs.ts';
import { checkNeeds } from './resolve/check-needs.ts';
import { checkScheduler } from './resolve/check-scheduler.ts';
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
import { decodeUtf8, toSourceText } from './source-text.ts';
import { checkCounts } from './yaml/check-counts.ts';
import { isBroken, type Located, placeFinding } from './yaml/located.ts';
import { rememberDocument } from './yaml/remember-document.ts';

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
  /** What the repository's organisation says; absent: nobody looked, and `extends` is left as it is. */
  readonly organisation?: OrganisationView | NoOrganisation;
}

const maxProblems = 100;

/** A file, put together with what its organisation says, that is still to be held against the rules. */
interface Ground {
  readonly root: Located;
  readonly findings: readonly PlacedFinding[];
  readonly files: SourceFiles;
  readonly templates: readonly string[];
}

/**
 * `.sluice.yaml` with defaults filled in, or everything that is wrong with it, in the order of the file (after 100 it says how
 * many more). Bytes must be UTF-8. Never throws for any content, and takes bounded time and memory (A12). An empty file is
 * `{}`. Null: there is none, and what the organisation says is all.
 */
export function parseProjectConfig(content: string | Uint8Array | null, context: ConfigContext): ConfigState {
  const parsed = parseGround(content, context);
  return parsed.kind === 'parsed' ? { kind: 'valid', config: resolveProject(parsed, context) } : parsed;
}

/** The same, before it is resolved: what stands where, and what it is read as. */
export interface ParsedProject {
  readonly kind: 'parsed';
  readonly ground: Ground;
  readonly entries: Entries;
  readonly jobs: readonly JobEntry[];
  readonly written: WrittenProject;
  readonly hasFile: boolean;
}

/** Reads and checks, and resolves nothing. */
export function parseGround(
  content: string | Uint8Array | null,
  context: ConfigContext,
): ParsedProject | Extract<ConfigState, { kind: 'invalid' }> {
  const decoded = decodeUtf8(content ?? '');
  if (decoded.kind === 'not-utf8') return { kind: 'invalid', problems: [notUtf8(context.file)] };
  const own: SourceFile = { file: context.file, source: toSourceText(decoded.text) };
  const { root, findings } = rememberDocument(decoded.text);
  if (root === null) return invalid(findings, [own]);
  const ground = groundOf(root, own, context.organisation);
  const tooMany = checkCounts(ground.root);
  if (tooMany !== null) return invalid([...findings, ...ground.findings, tooMany], ground.files);
  const reading = readProject(ground.root, context);
  const all = [...findings, ...ground.findings, ...reading.findings];
  const { written, entries, jobs } = reading;
  if (all.length > 0 || written === null) return invalid(all, ground.files);
  return { kind: 'parsed', ground, entries, jobs, written, hasFile: content !== null };
}

function groundOf(root: Located, own: SourceFile, view: ConfigContext['organisation']): Ground {
  if (view === undefined) return { root, findings: [], files: [own], templates: [] };
  const { others, ...together } = putTogether(root, view);
  return { ...together, files: [own, ...others] };
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
  checkArtifacts(entries, report);
  checkScheduler(entries.gate, report);
  checkPromotion(entries.promotion, staging, report);
  checkVersion(entries, jobs, report);
  const told = found.filter((finding) => !isBroken(root, finding.path));
  const findings = told.map((finding) => placeFinding(root, finding));
  return { written: parsed.success ? parsed.data : null, entries, jobs, findings };
}

/** A project that was checked, with its defaults filled in. */
export function resolveProject(
  { entries, jobs, written, hasFile }: ParsedProject,
  { staging }: ConfigContext,
): ProjectConfig {
  const bases = { streams: written.streams ?? {}, images: entries.images.flatMap((image) => image.written ?? []) };
  const images = bases.images.map((image) => resolveImage(image, bases));
  return {
    origin: hasFile ? 'file' : 'none',
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

function invalid(findings: readonly PlacedFinding[], files: SourceFiles): Extract<ConfigState, { kind: 'invalid' }> {
  // What stands once in the file is told once, however many aliases lead there.
  const distinct = new Map(findings.toReversed().map((finding) => [`${finding.offset}\n${finding.message}`, finding]));
  const sorted = [...distinct.values()].reverse().sort((one, other) => one.offset - other.offset);
  const problems = sorted.slice(0, maxProblems).map((finding) => toProblem(finding, files));
  const more = sorted.length - problems.length;
  const last = problems.at(-1);
  if (more > 0 && last !== undefined) {
    problems.push({ ...last, path: '', message: `and ${more} more`, hint: 'they are shown once these are mended' });
  }
  return { kind: 'invalid', problems };
}
