import { quote } from '../problems/finding.ts';
import { decodeUtf8, positionAt, toSourceText } from '../source-text.ts';
import type { TagReading } from '../yaml/locate-nodes.ts';
import { readDocument } from '../yaml/read-document.ts';
import type { Written } from './written.ts';
import { entriesOf, isList, isMapping, itemsOf, type Tell, textOf } from './written.ts';

/** One file of a repository's Zuul configuration. */
export interface ZuulFile {
  /** From the root of the repository, as `zuul.d/jobs.yaml`. */
  readonly name: string;
  readonly content: Uint8Array;
}

/** What a repository's files define, by kind and in their order. */
export interface ZuulObjects {
  /** First definitions: later ones of the same name are variants. */
  readonly jobs: ReadonlyMap<string, Written>;
  readonly templates: ReadonlyMap<string, Written>;
  readonly projects: readonly Written[];
  readonly secrets: ReadonlyMap<string, Written>;
}

/** `!encrypted/…` stands before what only Zuul can read: its content is never looked at. */
const readTag: TagReading = (tag) => {
  if (tag.startsWith('!encrypted/')) return 'hide';
  return ['!override', '!inherit', '!unsafe'].includes(tag) || tag.startsWith('tag:yaml.org,2002:') ? 'keep' : 'refuse';
};

const otherKinds: Readonly<Record<string, string>> = {
  nodeset: 'builds run as pods of the server: not imported',
  semaphore: 'there are none here; how much runs at once is the limit of a `pool` of the server: not imported',
  queue: 'a queue that projects share is named in each of them: write `gate: { queue: NAME }`',
  pipeline: 'pipelines are fixed here, and named in `on` of a job: not imported',
  pragma: 'each branch is planned by its own file: not imported',
  authorization_rule: 'who may do what is decided by permissions on GitHub: not imported',
  'authorization-rule': 'who may do what is decided by permissions on GitHub: not imported',
};

/** Reads the files; what cannot be read is told, and the rest is still read. Never throws for any content. */
export function readZuulFiles(files: readonly ZuulFile[], tell: Tell): ZuulObjects {
  const found = { jobs: new Map(), templates: new Map(), projects: [], secrets: new Map() } satisfies ZuulObjects & {
    projects: Written[];
  };
  for (const file of files) for (const item of readZuulFile(file, tell)) sortIn(item, found, tell);
  return found;
}

function readZuulFile({ name, content }: ZuulFile, tell: Tell): readonly Written[] {
  const decoded = decodeUtf8(content);
  const source = toSourceText(decoded.kind === 'text' ? decoded.text : '');
  const file = { name, lineOf: (offset: number) => positionAt(source, offset).line };
  const at = (offset: number): Written => ({ file, node: emptyNode(offset), offset });
  if (decoded.kind !== 'text') {
    tell(at(0), 'the file is not UTF-8 text: it was not read');
    return [];
  }
  const { root, findings } = readDocument(decoded.text, readTag);
  for (const { offset, message } of findings)
    tell(at(offset), `${message}: ${root === null ? 'the file' : 'this'} was not read`);
  if (root === null) return [];
  const whole: Written = { file, node: root, offset: root.offset };
  if (!isList(whole)) {
    if (!isMapping(whole) || root.entries.size > 0)
      tell(whole, 'Zuul configuration is a list of `- job: …`, `- project: …`: the file was not read');
    return [];
  }
  return itemsOf(whole);
}

function emptyNode(offset: number): Written['node'] {
  return { value: null, offset, source: '', entries: new Map(), items: [], size: 1, depth: 0, broken: false };
}

interface Found {
  readonly jobs: Map<string, Written>;
  readonly templates: Map<string, Written>;
  readonly projects: Written[];
  readonly secrets: Map<string, Written>;
}

function sortIn(item: Written, found: Found, tell: Tell): void {
  const entries = [...entriesOf(item)];
  if (entries.length === 0) tell(item, 'this is no `- job: …`, `- project: …` or the like: not imported');
  for (const [kind, body] of entries) {
    if (kind === 'project') found.projects.push(body);
    else if (kind === 'job') addNamed(kind, body, found.jobs, tell);
    else if (kind === 'project-template') addNamed(kind, body, found.templates, tell);
    else if (kind === 'secret') addNamed(kind, body, found.secrets, tell);
    else {
      const name = textOf(entriesOf(body).get('name'));
      const why = Object.hasOwn(otherKinds, kind) ? otherKinds[kind] : 'not known here: not imported';
      tell(body, `${kind}${name === null ? '' : ` ${quote(name)}`}: ${why}`);
    }
  }
}

function addNamed(kind: string, body: Written, into: Map<string, Written>, tell: Tell): void {
  const name = textOf(entriesOf(body).get('name'));
  if (name === null) tell(body, `a ${kind} without a name: not imported`);
  else if (into.has(name))
    tell(
      body,
      `a second ${kind} ${quote(name)}: variants are not imported; write it as one of its own, with \`branches\``,
    );
  else into.set(name, body);
}
