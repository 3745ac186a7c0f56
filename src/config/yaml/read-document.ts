import { Composer, type CST, type Document, type ParsedNode } from 'yaml';
import type { PlacedFinding } from '../problems/finding.ts';
import { explainYamlError } from './explain-yaml-error.ts';
import { locateNodes, type TagReading } from './locate-nodes.ts';
import type { Located } from './located.ts';
import { limits, readTokens } from './read-tokens.ts';

/** The document as a located tree; null when nothing can be said beyond the findings. */
export interface DocumentReading {
  readonly root: Located | null;
  readonly findings: readonly PlacedFinding[];
}

/**
 * Reads one YAML 1.2 document of bounded size with anchors, aliases and merge keys. Refused by name: too much of anything,
 * several documents, tags (unless `readTag` knows better), duplicate and unsafe keys, control characters, a byte order mark.
 * Never throws.
 */
export function readDocument(text: string, readTag: TagReading = () => 'refuse'): DocumentReading {
  const refusal = checkText(text);
  if (refusal !== null) return { root: null, findings: [refusal] };
  const outcome = readTokens(text);
  if (outcome.kind === 'refused') return { root: null, findings: [{ ...outcome, path: [] }] };
  return readParsed(text, compose(outcome.tokens, text.length), readTag);
}

function compose(tokens: readonly CST.Token[], length: number): Document.Parsed[] {
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    // Compares every key with every other; locateNodes does it with a set.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  // Each syntax error is an Error, and a hostile file has 50,000: their stack traces would take most of the time.
  const traceLimit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return [...composer.compose(tokens, true, length)];
  } finally {
    Error.stackTraceLimit = traceLimit;
  }
}

function readParsed(text: string, documents: readonly Document.Parsed[], readTag: TagReading): DocumentReading {
  const [first, second] = documents;
  if (first === undefined) return { root: null, findings: [] };
  const syntax = first.errors.map((error) => explainYamlError(error, text));
  const others = [...directiveFindings(text, first), ...secondDocument(second)];
  if (syntax.length > 0 || others.length > 0) return { root: null, findings: [...syntax, ...others] };
  return locateNodes(first.contents as ParsedNode | null, text, readTag);
}

function secondDocument(second: Document.Parsed | undefined): PlacedFinding[] {
  if (second === undefined) return [];
  const message = 'a second document begins here; the file holds exactly one';
  return [{ offset: second.range[0], path: [], message, hint: 'remove the `---` and what belongs to it' }];
}

function directiveFindings(text: string, document: Document.Parsed): PlacedFinding[] {
  const { yaml } = document.directives;
  const findings: PlacedFinding[] = [];
  if (yaml.explicit && yaml.version !== '1.2') {
    const offset = Math.max(text.search(/^%YAML/m), 0);
    findings.push({
      offset,
      path: [],
      message: `the file asks for YAML ${yaml.version}`,
      hint: 'remove the %YAML line',
    });
  }
  const tag = text.search(/^%TAG/m);
  if (tag !== -1 && tag < document.range[0]) {
    findings.push({ offset: tag, path: [], message: 'tags are not used here', hint: 'remove the %TAG line' });
  }
  return findings;
}

const forbiddenCharacter = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]|\p{Surrogate}/u;

function checkText(text: string): PlacedFinding | null {
  if (Buffer.byteLength(text) > limits.bytes) {
    const message = `the file is larger than ${limits.bytes / 1024} KiB`;
    return { offset: 0, path: [], message, hint: 'move long scripts into files of the repository' };
  }
  if (text.startsWith('\ufeff')) {
    const message = 'the file begins with a byte order mark';
    return { offset: 0, path: [], message, hint: 'save it as UTF-8 without a byte order mark' };
  }
  const replaced = text.indexOf('\ufffd');
  if (replaced !== -1) {
    return { offset: replaced, path: [], message: 'this is not UTF-8 text', hint: 'save the file as UTF-8' };
  }
  const control = text.search(forbiddenCharacter);
  if (control === -1) return null;
  const code = (text.codePointAt(control) ?? 0).toString(16).padStart(4, '0').toUpperCase();
  return { offset: control, path: [], message: `the control character U+${code} is not allowed`, hint: 'remove it' };
}
