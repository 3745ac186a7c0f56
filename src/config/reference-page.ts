import { projectSchemaNode, type SchemaNode } from './json-schema.ts';

interface Section {
  /** As `images[]` or `jobs.NAME`; empty for the file itself. */
  readonly path: string;
  readonly node: SchemaNode;
}

/** Every key of `.sluice.yaml` as a Markdown page, from the same source as the schema and the messages. */
export function referencePage(): string {
  const intro = [
    '# Keys of `.sluice.yaml`',
    '',
    'Generated: change the descriptions in `src/config/schema/` instead. Unknown keys are errors. A key without default may be left out unless it is marked *required*.',
    '',
    '## Patterns',
    '',
    'Branches and paths are exact names or globs for the whole name: `*` any characters but `/`, `?` one of them, `**` between slashes any number of directories, at the end everything below, `[a-z]` and `[!a-z]` one character, `{a,b}` either, `\\*` the character itself. Names that begin with a dot are like any other. `regex: …` is an RE2 expression for the whole name, at most 256 characters.',
    '',
  ];
  return [...intro, ...sectionsBelow({ path: '', node: projectSchemaNode }).map(renderSection)].join('\n');
}

function sectionsBelow(section: Section): Section[] {
  const { path, node } = section;
  const inner = Object.entries(node.properties ?? {}).flatMap(([key, child]) =>
    sectionsIn(path === '' ? key : `${path}.${key}`, child),
  );
  return [section, ...inner];
}

// Maps inside a value: itself, an entry of a list, any name of a map, one of several shapes.
function sectionsIn(path: string, node: SchemaNode): Section[] {
  if (isRegex(node)) return [];
  if (node.properties !== undefined) return sectionsBelow({ path, node });
  const unions = distinct((node.anyOf ?? []).flatMap((each) => sectionsIn(path, each)));
  const items = node.items === undefined ? [] : sectionsIn(`${path}[]`, node.items);
  const named = node.additionalProperties ? sectionsIn(`${path}.NAME`, node.additionalProperties) : [];
  return [...unions, ...items, ...named];
}

// `on: { cron }` and `on: [{ cron }]` are one section.
function distinct(sections: readonly Section[]): Section[] {
  const byPath = new Map<string, Section>();
  for (const section of sections) {
    const key = section.path.replace(/\[\]$/, '');
    if (!byPath.has(key)) byPath.set(key, section);
  }
  return [...byPath.values()];
}

// Explained once, under "Patterns".
function isRegex(node: SchemaNode): boolean {
  return Object.keys(node.properties ?? {}).join() === 'regex';
}

function renderSection({ path, node }: Section): string {
  const rows = Object.entries(node.properties ?? {}).map(([key, child]) => {
    const isRequired = node.required?.includes(key) === true && child.default === undefined;
    const fallback = child.default === undefined ? '' : code(JSON.stringify(child.default));
    const cells = [code(key), kindOf(child), isRequired ? '*required*' : fallback, child.description ?? ''];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  const title = path === '' ? 'The file' : code(path);
  return [`## ${title}`, '', '| key | value | default | meaning |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function kindOf(node: SchemaNode): string {
  if (node.enum !== undefined) return node.enum.map((word) => code(String(word))).join(', ');
  if (node.anyOf !== undefined) return unionKind(node.anyOf);
  if (node.items !== undefined) return `list of ${kindOf(node.items)}`;
  if (node.additionalProperties) return `map of name to ${kindOf(node.additionalProperties)}`;
  if (isRegex(node)) return code('{ regex: … }');
  if (node.properties !== undefined) return 'map';
  return words[node.type ?? ''] ?? 'text';
}

function unionKind(nodes: readonly SchemaNode[]): string {
  const kinds = [...new Set(nodes.map(kindOf))];
  const [one = '', list] = kinds;
  return kinds.length === 2 && list === `list of ${one}` ? `${one}, or a list of them` : kinds.join(' or ');
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  integer: 'number',
  number: 'number',
  null: '`null`',
};

function code(text: string): string {
  return `\`${text}\``;
}
