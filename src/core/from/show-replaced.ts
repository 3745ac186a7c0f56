import type { Build, BuildOutcome, SourceAnnotation } from '../../model/build.ts';
import type { ReplacedLine } from '../../model/from.ts';
import type { ResolvedImage } from '../../model/order.ts';
import { locateDockerfileFailure } from '../pod/locate-failure.ts';
import { codeBlock, inlineCode, plainLine } from '../text/safe-markdown.ts';
import { applyReplacements } from './replace-lines.ts';

/** As much as is kept of a Build: records are small. */
const mostLines = 40;
const longestLine = 300;

/** What is kept and shown of an image's container file: replaced lines, and what its builder does otherwise than it says. */
export function shownOfFile(image: ResolvedImage | null): Pick<BuildOutcome, 'replaced' | 'notes'> {
  const notes = image?.notes ?? [];
  return { ...shownReplacements(image), ...(notes.length === 0 ? {} : { notes }) };
}

/** Its replaced lines alone. */
export function shownReplacements(image: ResolvedImage | null): Pick<BuildOutcome, 'replaced'> {
  const lines = image?.replaced ?? [];
  if (image === null || lines.length === 0) return {};
  const shown = lines.slice(0, mostLines).map(({ line, was, becomes, because }) => ({
    line,
    was: cut(was),
    becomes: cut(becomes),
    because,
  }));
  return { replaced: { path: image.containerFile, lines: shown } };
}

function cut(line: string): string {
  const plain = plainLine(line.replace(/\r$/, ''));
  return plain.length > longestLine ? `${plain.slice(0, longestLine - 1).replace(/[\ud800-\udbff]$/, '')}…` : plain;
}

/** Lines as a diff that `patch` takes, as far as none was cut. */
export function diffOf(lines: readonly ReplacedLine[]): string {
  return lines
    .map(({ line, was, becomes, because }) => `@@ -${line} +${line} @@ ${because}\n-${was}\n+${becomes}`)
    .join('\n');
}

/** Where in the author's own file a build failed: its lines are those of the file that was built. */
export function annotationFor(image: ResolvedImage, containerFile: string, log: string): SourceAnnotation | null {
  const replaced = image.replaced ?? [];
  const built = applyReplacements(containerFile, replaced) ?? containerFile;
  const found = locateDockerfileFailure(built, log);
  if (found === null) return null;
  const other = replaced.find(({ line }) => found.line <= line && line <= found.endLine);
  const note = other === undefined ? '' : ` (line ${other.line} is built as ${cut(other.becomes).trim()})`;
  return { path: image.containerFile, ...found, message: `${found.message}${note}` };
}

/** The diff of what `from` rules replaced, once for builds that were given the same; empty: nothing was (images.md §2). */
export function describeReplaced(builds: readonly Build[], nameOf: (build: Build) => string): string {
  const seen = new Map<
    string,
    { readonly names: string[]; readonly replaced: NonNullable<BuildOutcome['replaced']> }
  >();
  for (const build of builds) {
    const replaced = build.state.phase === 'finished' ? build.state.outcome.replaced : undefined;
    if (replaced === undefined) continue;
    const key = JSON.stringify(replaced);
    const entry = seen.get(key) ?? { names: [], replaced };
    entry.names.push(nameOf(build));
    seen.set(key, entry);
  }
  return [...seen.values()]
    .map(({ names, replaced: { path, lines } }) => {
      const block = codeBlock(`--- ${path}\n+++ ${path}, as it was built\n${diffOf(lines)}`, 'diff');
      return `**Replaced in ${inlineCode(path)} for ${names.map(inlineCode).join(', ')}**\n\n${block}\n`;
    })
    .join('\n');
}

/** What builders did otherwise than container files say, each thing once; empty: nothing. */
export function describeNotes(builds: readonly Build[]): string {
  const notes = builds.flatMap(({ state }) => (state.phase === 'finished' ? (state.outcome.notes ?? []) : []));
  return [...new Set(notes)].map((note) => `\n* ${note}`).join('');
}
